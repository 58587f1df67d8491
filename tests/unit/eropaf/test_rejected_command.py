"""`eropaf rejected`, as it is typed and as it is read, without a broker."""

from __future__ import annotations

import io

import pytest
import typer
from rich.console import Console

from eropaf.commands.letters import chosen
from eropaf.commands.rejected import table
from eropaf.settings import Settings
from eropaf.streams.errors import LetterUnknown
from eropaf.streams.operate.letters import Letter

SETTINGS = Settings()


def a_letter(id: str = "arrears.rent-3-1207", reason: str = "too-large", *, open: bool = True) -> Letter:
    topic = id.rsplit("-", 2)[0]
    return Letter(id, reason, "", "intake", topic, 1207, 0, None, 10, (1207,), open, (0, 0))


def drawn(letter: Letter, columns: int) -> str:
    console = Console(file=io.StringIO(), width=columns)
    console.print(table([letter]))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("columns", [80, 40])
def test_the_longest_id_stands_on_one_line_and_can_be_copied(columns: int) -> None:
    id = "unresolved-signals-47-1234567890"

    said = drawn(a_letter(id, "debt-help-not-pointed-at"), columns)

    assert any(line.startswith(id) for line in said.splitlines())


def test_a_reason_that_is_unknown_is_said_to_be_with_the_nearest_one() -> None:
    with pytest.raises(typer.BadParameter, match=r"unknown reason too-larg. Is too-large meant"):
        chosen(SETTINGS, [], "too-larg", None, None, None, None)


def test_what_became_of_a_record_is_no_reason_for_which_it_was_rejected() -> None:
    with pytest.raises(typer.BadParameter, match="use --all"):
        chosen(SETTINGS, [], "replayed", None, None, None, None)


def test_a_reason_of_another_version_is_taken_where_a_letter_has_it() -> None:
    letter = a_letter(reason="of-later")

    assert chosen(SETTINGS, [letter], "of-later", None, None, None, None) == [letter]


def test_a_known_reason_or_topic_without_a_letter_chooses_none() -> None:
    assert chosen(SETTINGS, [], "too-large", "arrears.rent", None, None, None) == []


def test_a_topic_that_the_flow_has_not_is_said_to_be_unknown() -> None:
    with pytest.raises(typer.BadParameter, match=r"no topic arrears.rnt. Is arrears.rent meant"):
        chosen(SETTINGS, [], None, "arrears.rnt", None, None, None)


def test_an_id_that_no_record_has_is_said_to_be_unknown() -> None:
    with pytest.raises(LetterUnknown, match=r"no record arrears.rent-3-1 was rejected"):
        chosen(SETTINGS, [a_letter()], None, None, None, None, "arrears.rent-3-1")
