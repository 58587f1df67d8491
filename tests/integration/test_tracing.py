"""One signal is one trace, from the publisher to the update, at a collector that speaks OTLP."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.reading import read_all
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, PRIORITIES
from eropaf_client.tracing import new_traceparent
from tests.builders import an_arrears_signal
from tests.collector import Collector
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System, running
from tests.words import mentions

pytestmark = pytest.mark.kafka

SIGNAL = (
    "signal_id,contract,kind,partner_type,amount_eur,monthly_bill_eur,reported_at,version,postcode,house_number\n"
    "s-1,c-1,REPORTED,RENT,2650.00,650.00,2026-03-02,1,1011 AB,7\n"
)


def exemplars(system: System) -> str:
    """Return the line of each worker's metrics that has an exemplar."""
    pages = []
    for number in range(2):
        port = int(system.environment["EROPAF_METRICS_PORT"]) + number
        asked = urllib.request.Request(  # loopback
            f"http://127.0.0.1:{port}/metrics",
            headers={"Accept": "application/openmetrics-text; version=1.0.0"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE_S) as page:  # noqa: S310  # loopback
            assert page.headers["Content-Type"].startswith("application/openmetrics-text")
            pages.append(page.read().decode())
    return "\n".join(line for page in pages for line in page.splitlines() if " # {" in line)


def header(span: Span) -> str:
    """Return the header, less its flags, of a record that came of `span`."""
    return f"00-{span.trace_id.hex()}-{span.span_id.hex()}"


def all_but_numbers(span: Span) -> str:
    """Return all that a span says but its identifiers and times: by chance their digits say anything."""
    rest = Span()
    rest.CopyFrom(span)
    for field in ("trace_id", "span_id", "parent_span_id", "start_time_unix_nano", "end_time_unix_nano"):
        rest.ClearField(field)
    return str(rest)


def headers(bootstrap: str, topic: str) -> list[str]:
    return [
        value.decode().rpartition("-")[0]
        for record in read_all(bootstrap, topic)
        for name, value in record.headers() or ()
        if name == "traceparent"
    ]


def test_one_signal_is_one_trace_from_publish_to_update_and_names_no_household(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(SIGNAL, "utf-8")
    told = {"OTEL_BSP_SCHEDULE_DELAY": "100"}

    with (
        Collector().listening() as collector,
        running(fresh, tmp_path, EROPAF_OTLP_ENDPOINT=collector.endpoint, **told) as system,
    ):
        system.command("publish", str(file), "--creditor", "rent")
        until(lambda: len(collector.spans) >= 4, PATIENCE_S, "four spans told")
        system.at_rest()
        (update,) = system.updates()
        trace = collector.named("ranking").trace_id.hex()
        until(lambda: f'trace_id="{trace}"' in exemplars(system), PATIENCE_S, "the worker's exemplar")

    publish, intake, household, ranking = map(collector.named, ("publish", "intake", "household", "ranking"))
    assert len(collector.spans) == 4
    assert len({span.trace_id for _, span in collector.spans}) == 1
    assert publish.parent_span_id == b""
    assert intake.parent_span_id == publish.span_id
    assert household.parent_span_id == intake.span_id
    assert ranking.parent_span_id == household.span_id
    assert publish.start_time_unix_nano < intake.start_time_unix_nano < intake.end_time_unix_nano
    # A stage reads what the one before it has saved.
    assert household.start_time_unix_nano < ranking.start_time_unix_nano
    wrote = {a.key: a.value for a in ranking.attributes}["eropaf.wrote"].array_value.values
    assert [value.string_value for value in wrote] == [PRIORITIES]

    # A hop carries the span that caused it, and what leaves the flow carries nothing.
    assert headers(fresh.bootstrap, HOUSEHOLD_EVENTS) == [header(intake)]
    assert headers(fresh.bootstrap, HOUSEHOLD_RISK) == [header(household)]
    assert headers(fresh.bootstrap, PRIORITIES) == []

    said = "".join(map(all_but_numbers, (span for _, span in collector.spans)))
    for private in (update.household, "1011", "c-1", "s-1", "2650", "265000"):
        assert not mentions(said, private)


def test_a_creditors_own_trace_goes_through_the_flow_without_a_collector(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    begun: list[str] = []

    def begin() -> str:
        begun.append(new_traceparent())
        return begun[-1]

    with running(fresh, tmp_path):
        with ArrearsPublisher(fresh.bootstrap, "rent", traceparent=begin) as publisher:
            publisher.report(an_arrears_signal())
        until(
            lambda: headers(fresh.bootstrap, HOUSEHOLD_RISK) == [begun[0][:-3]],
            PATIENCE_S,
            "the risk's own trace",
        )
        assert headers(fresh.bootstrap, HOUSEHOLD_EVENTS) == [begun[0][:-3]]


def test_a_collector_that_is_away_holds_nobody_up(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    away = {"EROPAF_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with running(fresh, tmp_path, **away) as system:
        with ArrearsPublisher(fresh.bootstrap, "rent", traceparent=new_traceparent) as publisher:
            publisher.report_all(
                an_arrears_signal(signal_id=f"s-{n}", contract=f"c-{n}") for n in range(5_000)
            )
        system.quiet(5_000)
