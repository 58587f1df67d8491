"""The command line knows its commands before it imports them."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest
import typer
from confluent_kafka import KafkaError, KafkaException
from typer.core import TyperGroup
from typer.testing import CliRunner

from eropaf.main import COMMANDS, app, main
from eropaf.process.faults import sentences
from eropaf.streams.errors import (
    DENIED,
    BrokerUnreachable,
    StreamsError,
    TopicMismatch,
    TopicMissing,
    TopicSettingsDiffer,
    refused,
)

HEAVY = ("eropaf.settings", "faust", "confluent_kafka", "pydantic", "sqlalchemy", "aiohttp", "rich")
# What the list of commands may take of a processor, the interpreter's own start with it.
HELP_TAKES_S = 0.15
# A busy machine makes processor time dear too: of so many the quickest counts.
TRIED = 20


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_listing_the_commands_imports_none_of_them() -> None:
    listing = (
        "import sys\nfrom typer.testing import CliRunner\nfrom eropaf.main import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    assert python(listing).strip() == "[]"


def test_the_list_of_commands_is_there_before_one_has_to_wait() -> None:
    def processor_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    for _ in range(TRIED):
        before = processor_s()
        subprocess.run([sys.executable, "-m", "eropaf.main", "--help"], stdout=subprocess.DEVNULL, check=True)
        if (took_s := processor_s() - before) <= HELP_TAKES_S:
            return
    pytest.fail(f"`eropaf --help` takes {took_s:.3f} s of a processor, {TRIED} times in a row")


@pytest.mark.parametrize("asked", [["--help"], ["policy", "--help"]])
def test_a_list_of_commands_cuts_no_sentence_short(asked: list[str]) -> None:
    told = CliRunner().invoke(app, asked)

    assert "..." not in told.output.split("Commands:")[1]


def test_asking_how_it_stands_imports_no_worker() -> None:
    """The framework of agents costs a quarter of what a command takes."""
    asked = "import sys\nimport eropaf.commands.status\nprint('faust' in sys.modules)"

    assert python(asked).strip() == "False"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_each_command_what_its_own_help_begins_with(name: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)

    itself = group.commands[name].make_context(name, [], resilient_parsing=True).command

    line = COMMANDS[name].line
    assert " ".join(str(itself.help).split()).startswith(line)


def test_a_command_that_is_not_there_is_told_with_the_nearest_one() -> None:
    told = CliRunner().invoke(app, ["bored"])

    assert told.exit_code == 2
    assert "board" in told.output


@pytest.mark.parametrize(
    "asked",
    [
        ("rank", f"{'x' * 300}.csv"),
        ("publish", f"{'x' * 300}.csv", "--creditor", "rent"),
        ("addresses", "load", "x" * 300, "--municipality", "Amsterdam"),
        ("policy", "check", "x" * 300),
    ],
)
def test_a_name_that_is_too_long_is_told_in_a_sentence(
    asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["eropaf", *asked])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "could not be read or written: File name too long" in capsys.readouterr().err


def test_what_nobody_expected_is_a_bug_and_has_no_sentence() -> None:
    assert sentences(KeyError("x")) == []


@pytest.mark.parametrize("code", DENIED)
def test_a_right_that_is_refused_is_told_with_the_right_the_place_and_what_to_do(code: int) -> None:
    (told,) = sentences(refused(KafkaError(code), "READ", "rejected"))

    assert f"READ the {DENIED[code]} rejected" in told
    assert "`eropaf acls apply`" in told


def test_a_right_that_nobody_asked_after_is_told_all_the_same() -> None:
    (told,) = sentences(KafkaException(KafkaError(KafkaError.CLUSTER_AUTHORIZATION_FAILED)))

    assert "`eropaf acls apply`" in told


def test_a_broker_that_is_away_for_a_moment_is_told_and_no_trace() -> None:
    assert "Try again" in sentences(KafkaException(KafkaError(KafkaError._TRANSPORT)))[0]
    assert sentences(KafkaException(KafkaError(KafkaError._INVALID_ARG))) == []


@pytest.mark.parametrize(
    ("error", "to_do"),
    [
        (BrokerUnreachable, "EROPAF_BOOTSTRAP"),
        (TopicMissing, "`eropaf topics create`"),
        (TopicMismatch, "EROPAF_PARTITIONS"),
        (TopicSettingsDiffer, "`eropaf topics mend`"),
    ],
)
def test_what_the_plumbing_says_ends_with_what_to_do_here(error: type[StreamsError], to_do: str) -> None:
    (told,) = sentences(error("what happened, and where"))

    assert told.startswith("what happened, and where. ")
    assert to_do in told
