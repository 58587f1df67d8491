"""The usage of `eropaf-client` is what its reference page says; what was typed wrong is said so."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from eropaf_client import command

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "eropaf-client.md").read_text("utf-8")
SECTION = re.compile(r"^## `(\w+)`\n\n(.+)\n\n(?:\|.*\n){2}((?:\|.*\n)+)", re.MULTILINE)
ROW = re.compile(r"\| `(.+)` \| (yes|no) \| (.+) \|")
AT = ["--bootstrap", "kafka:9092"]


def commands(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[argparse.ArgumentParser, str]]:
    """Return each command's parser, and what the list of all says of it."""
    monkeypatch.delenv("EROPAF_BOOTSTRAP", raising=False)
    parser = command._parser()
    assert (parser.prog, parser.description) == (
        "eropaf-client",
        "Publish arrears to Eropaf, and read the feedback.",
    )
    (chosen,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    said = {each.dest: each.help or "" for each in chosen._choices_actions}
    return {name: (made, said[name]) for name, made in chosen.choices.items()}


def test_the_page_says_of_each_command_what_its_help_says(monkeypatch: pytest.MonkeyPatch) -> None:
    page = {name: (about, set(ROW.findall(rows))) for name, about, rows in SECTION.findall(PAGE)}

    made = {}
    for name, (parser, said) in commands(monkeypatch).items():
        assert parser.description == said
        made[name] = (
            said,
            {
                (
                    " ".join(each.option_strings) or each.dest,
                    "yes" if each.required else "no",
                    str(each.help),
                )
                for each in parser._actions
                if each.dest != "help"
            },
        )

    assert made == page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["publish", "f.csv", "--creditor", "rent"], "the following arguments are required: --bootstrap"),
        (["feedback", *AT], "the following arguments are required: --creditor"),
        (["watch", *AT, "--config", "none.conf", "in"],
         "argument --config: none.conf cannot be read (No such file or directory)"),
        (["publish", *AT, "--encoding", "ebcdic", "f.csv"],
         "argument --encoding: must be one of utf-8, utf-16, windows-1252, iso-8859-15, cp850, mac-roman"),
    ],
)  # fmt: skip
def test_what_was_typed_wrong_is_said_and_is_wrong_usage(
    typed: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EROPAF_BOOTSTRAP", raising=False)

    with pytest.raises(SystemExit) as ended:
        command.main(typed)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_is_given_is_what_the_command_is_run_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "kafka.conf"
    settings.write_text("# Zoë's\n\nsecurity.protocol = SSL\nssl.key.password=a=b\n", "utf-8")
    parser = command._parser()

    given = parser.parse_args(
        ["publish", "m.csv", *AT, "--config", str(settings), "--creditor", "rent", "--outbox", "o.db",
         "--encoding", "cp850", "--municipality", "0363"]
    )  # fmt: skip
    least = parser.parse_args(["watch", "in", *AT])

    assert (given.run, given.file, given.creditor, given.outbox) == (
        command.publish, Path("m.csv"), "rent", Path("o.db"),
    )  # fmt: skip
    assert (given.encoding, given.municipality, given.follow) == ("cp850", "0363", False)
    assert given.config == {"security.protocol": "SSL", "ssl.key.password": "a=b"}
    assert (least.run, least.folder, least.follow, least.config) == (command.watch, Path("in"), True, {})
    assert least.creditor is least.encoding is least.municipality is None
    monkeypatch.setenv("EROPAF_BOOTSTRAP", "from-the-environment:9092")
    assert command._parser().parse_args(["watch", "in"]).bootstrap == "from-the-environment:9092"
    for name, rest in {
        "contacts": ["f", "--creditor", "r", "--public-key", "k"], "feedback": ["--creditor", "r"],
    }.items():  # fmt: skip
        assert command._parser().parse_args([name, *rest]).follow is False
    rebinding = parser.parse_args(["rebind", "o.db"])
    assert (rebinding.run, rebinding.file, rebinding.follow) == (command.rebind, Path("o.db"), False)
