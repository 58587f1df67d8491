"""What is done in the flow is told to a processing log, and access lists the same."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.gateway.logboek.serve import LogboekConfig, tell
from eropaf.gateway.logboek.subjects import Subjects
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.registry import LocalRegistry
from tests.collector import Collector
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import running
from tests.words import mentions

pytestmark = pytest.mark.kafka

SIGNAL = (
    "signal_id,contract,kind,partner_type,amount_eur,monthly_bill_eur,reported_at,version,postcode,house_number\n"
    "s-1,c-1,REPORTED,RENT,2650.00,650.00,2026-03-02,1,1011 AB,7\n"
)
REGISTER = "https://register.example.org/processing"
SECRET = "a secret of thirty-two characters"  # of this test


def said_of(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value for each in span.attributes}


def test_what_is_done_in_the_flow_is_told_to_the_log_and_access_lists_it(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(SIGNAL, "utf-8")
    stopped = threading.Event()

    with (
        Collector().listening() as collector,
        running(fresh, tmp_path, EROPAF_LOGBOEK_SECRET=SECRET) as system,
    ):
        config = LogboekConfig(
            cluster=Cluster(fresh.bootstrap, {}, LocalRegistry()),
            creditors=tuple(system.environment["EROPAF_CREDITORS"].split(",")),
            address=collector.endpoint,
            register=REGISTER,
            secret=SECRET.encode(),
            state_dir=tmp_path,
        )
        telling = threading.Thread(target=tell, args=(config, stopped))
        telling.start()

        def lines(code: str) -> list[dict[str, str]]:
            said = [said_of(span) for _, span in collector.spans]
            return [each for each in said if each["dpl.core.processing_activity_id"] == f"{REGISTER}/{code}"]

        try:
            system.command("publish", str(file), "--creditor", "rent")
            until(lambda: bool(lines("telling-1")), PATIENCE_S, "an update told")
            (update,) = system.updates()
            held = json.loads(
                system.command("resident", "access", "1011 AB 7", "--purpose", "resident-asked")
            )
            until(lambda: bool(lines("opening-1")), PATIENCE_S, "the opening told")
            system.command("resident", "erase", "1011 AB 7")
            until(lambda: bool(lines("forgetting-1")), PATIENCE_S, "the forgetting told")
        finally:
            stopped.set()
            telling.join()

    subjects = Subjects(SECRET.encode())
    household, contract = subjects.household(update.household), subjects.contract("rent", b"c-1")
    assert held["processing_log_subjects"] == [household, contract]
    listed = {each["activity"] for each in held["processings"]}
    assert {"joining-1", "telling-1", "opening-1"} <= listed
    for code in ("joining-1", "telling-1", "opening-1", "forgetting-1"):
        assert {each["dpl.core.data_subject_id"] for each in lines(code)} == {household}
    assert {each["dpl.core.data_subject_id"] for each in lines("answering-1")} <= {contract}
    assert len({span.span_id for _, span in collector.spans}) == len(collector.spans)
    said = "".join(str(said_of(span)) + span.name for _, span in collector.spans)
    for private in (update.household, "1011", "c-1", "s-1", "2650", "265000"):
        assert not mentions(said, private)
