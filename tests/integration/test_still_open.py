"""Somebody takes a household, its creditor is asked and was paid, and the board says so: a real broker."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.questions import QuestionReader
from eropaf_client.schemas.topics import OUTCOMES, questions
from tests.board.caller import Caller, hang_up
from tests.board.standing import Standing, put_accounts
from tests.builders import AMSTERDAM_EXAMPLE, HOUSEHOLD, STILL_OPEN, an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import running

pytestmark = pytest.mark.kafka

EXAMPLE = Path(__file__).parents[2] / "examples" / "creditor" / "still_open.py"
DOOR = f"/households/{HOUSEHOLD}"


def test_a_creditor_asked_before_a_visit_says_paid_and_the_board_tells_its_holder(
    installation: Installation, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(AMSTERDAM_EXAMPLE + STILL_OPEN, encoding="utf-8")
    data = tmp_path / "kafka"
    data.mkdir()
    today = datetime.now(UTC).replace(microsecond=0)
    answer = runpy.run_path(str(EXAMPLE))["answer"]
    with (
        EmbeddedKafka(data_dir=data, installation=installation) as kafka,
        running(kafka, tmp_path, EROPAF_POLICY=str(policy), EROPAF_PARTITIONS="3") as system,
        QuestionReader(system.bootstrap, "rent") as reader,
        ArrearsPublisher(system.bootstrap, "rent") as publisher,
    ):
        board = Standing(system.bootstrap, tmp_path, EROPAF_POLICY=str(policy))
        put_accounts(board.database)
        try:
            board.start()
            publisher.report(an_arrears_signal(reported_at=today))
            sanne = Caller(board)
            sanne.log_in("sanne")
            until(lambda: sanne.http.get(DOOR).status_code == 200, PATIENCE_S, "the household on the board")
            assert "data-settled" not in sanne.http.get(DOOR).text

            assert sanne.post(f"{DOOR}/claim") == 303
            until(lambda: reader.first(1.0) is not None, PATIENCE_S, "the question to the creditor")
            asked = reader.first(0.0)
            assert asked is not None
            assert (asked.contract, asked.signal_id) == ("contract-1", "signal-1")
            publisher.report(replace(answer(asked), reported_at=today))

            until(lambda: "data-settled" in sanne.http.get(DOOR).text, PATIENCE_S, "paid since, at the door")
            assert "data-settled" in sanne.http.get("/round").text
            assert sanne.post(f"{DOOR}/claim") == 404
            system.at_rest()
            assert len(system.read(questions("rent"), "CreditorQuestion")) == 1
            assert [each["asks_still_open"] for _, each in system.read(OUTCOMES, "OutreachOutcome")] == [True]
        finally:
            hang_up()
            board.kill()
