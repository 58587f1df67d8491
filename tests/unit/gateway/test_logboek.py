"""Each thing done with a household's data is a line of the processing log, told until it is confirmed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from pydantic import SecretStr, ValidationError

from eropaf.agents.topology import table
from eropaf.commands.logboek import config
from eropaf.gateway.logboek import activities, metrics, serve
from eropaf.gateway.logboek.activities import ACTIVITIES, activity_of, topics
from eropaf.gateway.logboek.book import Book
from eropaf.gateway.logboek.lines import Lines
from eropaf.gateway.logboek.post import Post
from eropaf.gateway.logboek.serve import Telling
from eropaf.gateway.logboek.subjects import Subjects
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf_client.errors import LedgerMoved
from eropaf_client.schemas.topics import (
    AUDIT,
    CLAIMS,
    EVERY,
    HOUSEHOLD_EVENTS,
    PRIORITIES,
    feedback,
    questions,
)
from tests.collector import Collector
from tests.unit.gateway.a_cluster import STORED_AT, FakeTopics

ANNA, BERT = f"{1:032x}", f"{2:032x}"
CONTRACT = "huur 0612-JANSEN"
REGISTER = "https://register.example.org/processing"
SECRET = b"a secret of thirty-two characters"
SUBJECTS = Subjects(SECRET)
CREDITORS = ("rent", "water")
MOMENT = 1_772_442_000_000
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "processing-log.md"


class World:
    """Topics, and what tells a collector of them."""

    def __init__(self, folder: Path, collector: Collector) -> None:
        self.topics = FakeTopics(topics(CREDITORS))
        self.folder, self.collector = folder, collector
        self.stopped = threading.Event()
        self.start()

    def start(self) -> None:
        self.book = Book(self.folder / "logboek.ledger")
        self.post = Post(self.collector.endpoint, "a-token", None)
        self.telling = Telling(self.topics, Lines(REGISTER, SUBJECTS), self.post, self.book)

    def kill_and_start(self) -> None:
        self.close()
        self.start()

    def close(self) -> None:
        self.book.close()
        self.post.close()

    def goes_on(self) -> list[Span]:
        """Tell what is there; return it."""
        before = len(self.collector.spans)
        self.telling.step(self.stopped)
        return [span for _, span in self.collector.spans[before:]]


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "ARRIVES_WITHIN_S", 0.0)
    monkeypatch.setattr(serve, "GATHERS_FOR_S", 0.0)
    monkeypatch.setattr(serve, "pause_s", lambda tries: 0.001)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Collector().listening() as collector, closing(World(tmp_path, collector)) as made:
        yield made


def attributes(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value for each in span.attributes}


def measured(name: str, **labels: str) -> float:
    return metrics.LOGBOEK_MEASURES.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize(
    ("topic", "key", "value", "code"),
    [
        (HOUSEHOLD_EVENTS, ANNA, b"v", "joining-1"),
        (HOUSEHOLD_EVENTS, EVERY, b"v", None),  # a day, or a policy
        (PRIORITIES, ANNA, b"v", "telling-1"),
        (PRIORITIES, ANNA, None, "forgetting-1"),
        (CLAIMS, ANNA, b"v", "taking-1"),
        (AUDIT, ANNA, b"v", "opening-1"),
        (feedback("rent"), CONTRACT, b"v", "answering-1"),
        (questions("rent"), CONTRACT, b"v", "asking-1"),
        ("rejected", ANNA, b"v", None),
    ],
)
def test_a_record_says_which_activity_it_is_of(
    topic: str, key: str, value: bytes | None, code: str | None
) -> None:
    found = activity_of(topic, key.encode(), value)

    assert (None if found is None else found.code) == code


def test_every_field_that_the_standard_requires_is_in_a_line(world: World) -> None:
    record = world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"what happened")

    (span,) = world.goes_on()

    at = record.timestamp()[1] * 1_000_000
    assert (len(span.trace_id), len(span.span_id), span.parent_span_id) == (16, 8, b"")
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (at, at)
    assert (span.name, span.status.code) == ("A report is joined to a household", Status.STATUS_CODE_OK)
    assert attributes(span) == {
        "dpl.core.processing_activity_id": f"{REGISTER}/joining-1",
        "dpl.core.data_subject_id": SUBJECTS.household(ANNA),
        "dpl.core.data_subject_id_type": f"{REGISTER}/subjects/household",
    }
    (resource,) = world.collector.resources
    assert {each.key for each in resource.attributes} == {"service.name", "service.version"}
    assert world.collector.authorizations == ["Bearer a-token"]


@pytest.mark.parametrize("topic", topics(CREDITORS))
def test_a_line_has_no_key_and_nothing_of_a_records_value(world: World, topic: str) -> None:
    whom = CONTRACT if topic.startswith(("feedback.", "questions.")) else ANNA
    world.topics.write(topic, whom, b"1011AB 7 123456782 w.jansen")

    (span,) = world.goes_on()

    body = span.SerializeToString()
    for private in (whom, "1011AB", "123456782", "jansen", "JANSEN"):
        assert private.encode() not in body


def test_a_pseudonym_is_of_one_subject_and_one_secret() -> None:
    others = Subjects(b"another secret of so many characters")
    made = {
        SUBJECTS.household(ANNA), SUBJECTS.household(BERT), SUBJECTS.contract("rent", ANNA.encode()),
        SUBJECTS.contract("water", ANNA.encode()), others.household(ANNA),
    }  # fmt: skip

    assert len(made) == 5
    assert {len(each) for each in made} == {Subjects.LENGTH}


def test_a_contract_is_the_same_subject_in_an_answer_and_a_question(world: World) -> None:
    world.topics.write(feedback("rent"), CONTRACT, b"v")
    world.topics.write(questions("rent"), CONTRACT, b"v")
    world.topics.write(feedback("water"), CONTRACT, b"v")

    told = [attributes(each) for each in world.goes_on()]

    assert {each["dpl.core.data_subject_id_type"] for each in told} == {f"{REGISTER}/subjects/contract"}
    assert {each["dpl.core.data_subject_id"] for each in told} == {
        SUBJECTS.contract("rent", CONTRACT.encode()),
        SUBJECTS.contract("water", CONTRACT.encode()),
    }


def test_a_traced_record_goes_on_with_its_callers_trace(world: World) -> None:
    world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v", (("traceparent", f"00-{TRACE}-{CALLER}-01".encode()),))

    (span,) = world.goes_on()

    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)
    assert attributes(span)["dpl.core.foreign_operation.processor"] == f"{REGISTER}/creditors"


@pytest.mark.parametrize("at_ms", [-1, 1 << 62], ids=["none", "far ahead"])
def test_a_moment_that_cannot_be_holds_nothing_up(
    world: World, monkeypatch: pytest.MonkeyPatch, at_ms: int
) -> None:
    record = world.topics.write(CLAIMS, ANNA, b"v")
    monkeypatch.setitem(STORED_AT, (CLAIMS, record.partition(), record.offset()), at_ms)
    world.topics.write(CLAIMS, BERT, b"v")

    told = {attributes(each)["dpl.core.data_subject_id"]: each for each in world.goes_on()}

    assert told.keys() == {SUBJECTS.household(ANNA), SUBJECTS.household(BERT)}
    assert told[SUBJECTS.household(ANNA)].start_time_unix_nano == 0


@pytest.mark.parametrize("header", [f"00-{'0' * 32}-{CALLER}-01", f"00-{TRACE}-x-01", ""])
def test_a_malformed_trace_is_none(world: World, header: str) -> None:
    world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v", (("traceparent", header.encode()),))

    (span,) = world.goes_on()

    assert span.parent_span_id == b""
    assert "dpl.core.foreign_operation.processor" not in attributes(span)


def test_what_one_report_led_to_for_a_household_is_one_trace(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for topic, at in ((HOUSEHOLD_EVENTS, MOMENT), (PRIORITIES, MOMENT), (PRIORITIES, MOMENT + 1)):
        record = world.topics.write(topic, ANNA, b"v")
        monkeypatch.setitem(STORED_AT, (topic, record.partition(), record.offset()), at)

    joined, told, later = sorted(world.goes_on(), key=lambda each: (each.start_time_unix_nano, each.name))

    assert joined.trace_id == told.trace_id != later.trace_id
    assert len({each.span_id for each in (joined, told, later)}) == 3


def test_while_the_log_is_away_all_waits_and_nothing_more_is_read(world: World) -> None:
    away = measured("eropaf_logboek_tries_total", result="away")
    world.collector.status = 503
    record = world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v")
    running = threading.Thread(target=world.telling.run, args=(world.stopped,))
    running.start()
    while world.collector.asked < 3:
        world.stopped.wait(0.001)

    assert world.telling.untold() == 1
    assert measured("eropaf_logboek_oldest_waiting_timestamp_seconds") == record.timestamp()[1] / 1000
    assert world.collector.spans == []
    world.collector.status = 200
    while not world.collector.spans:
        world.stopped.wait(0.001)
    world.stopped.set()
    running.join()

    assert measured("eropaf_logboek_tries_total", result="away") - away >= 3
    assert world.telling.untold() == 0
    assert measured("eropaf_logboek_oldest_waiting_timestamp_seconds") == 0


def test_no_proxy_of_the_environment_hears_what_the_log_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    world.kill_and_start()
    world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v")

    assert len(world.goes_on()) == 1


def test_what_was_not_confirmed_before_a_kill_is_told_again_as_the_same_line(world: World) -> None:
    world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v")
    world.topics.write(PRIORITIES, BERT, None)
    first = world.goes_on()
    with world.book.transaction():
        world.book.write("DELETE FROM told")  # as if it had been killed before it could note it

    world.kill_and_start()
    again = world.goes_on()

    assert sorted(map(Span.SerializeToString, again)) == sorted(map(Span.SerializeToString, first))


def test_what_was_confirmed_is_not_told_again(world: World) -> None:
    world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v")
    assert len(world.goes_on()) == 1

    world.kill_and_start()
    world.topics.write(HOUSEHOLD_EVENTS, BERT, b"v")

    (span,) = world.goes_on()
    assert attributes(span)["dpl.core.data_subject_id"] == SUBJECTS.household(BERT)


def test_lines_that_the_log_refuses_are_counted_and_not_held_against_the_rest(world: World) -> None:
    refused = measured("eropaf_logboek_refused_lines_total")
    world.collector.refused = 1
    world.topics.write(HOUSEHOLD_EVENTS, ANNA, b"v")

    world.goes_on()

    assert measured("eropaf_logboek_refused_lines_total") - refused == 1
    assert world.goes_on() == []


def test_no_line_is_left_out_however_many_there_are(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LINES_AT_ONCE", 10)
    for number in range(100):
        world.topics.write(HOUSEHOLD_EVENTS, f"{number:032x}", b"v")

    told = [span for _ in range(12) for span in world.goes_on()]

    assert len({each.span_id for each in told}) == len(told) == 100


def test_a_book_of_another_cluster_is_refused(world: World) -> None:
    world.book.bind(world.topics.identity())
    world.topics.made_anew[HOUSEHOLD_EVENTS] += 1

    with pytest.raises(LedgerMoved, match="rebind"):
        world.book.bind(world.topics.identity())


def test_its_user_reads_what_is_told_and_writes_nothing() -> None:
    rows = table("eropaf", CREDITORS)

    assert {row.name for row in rows if "logboek" in row.read_by} == set(topics(CREDITORS))
    assert not [row.name for row in rows if "logboek" in row.written_by]


@pytest.mark.parametrize("activity", ACTIVITIES, ids=lambda each: each.code)
def test_each_activity_stands_in_the_page_with_its_purpose_and_ground(
    activity: activities.Activity,
) -> None:
    row = f"| `{activity.code}` | {activity.name} | {activity.purpose} | {activity.ground} |"

    assert row in PAGE.read_text("utf-8")


def test_a_log_is_reached_by_https_or_refused() -> None:
    with pytest.raises(ValidationError, match="in the clear"):
        Settings(logboek_address="http://logboek.example.org:4318")


def test_a_secret_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValidationError, match="fewer than 32"):
        Settings(logboek_secret=SecretStr("short"))


def test_what_is_not_set_is_named() -> None:
    with pytest.raises(SettingsError, match=r"EROPAF_LOGBOEK_REGISTER, EROPAF_LOGBOEK_SECRET"):
        config(Settings(logboek_address="https://logboek.example.org", creditors=CREDITORS))
