"""Cases on a real cluster: kill -9 at random, a case system that comes and goes and loses answers."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.gateway.cases.accepted import number_of
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.cluster import Cluster
from eropaf_client.outcomes import EndResult, OutcomeReporter, OutreachOutcome
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.sending import Sender
from tests.integration.processes import PATIENCE_S, Process, until
from tests.integration.test_webhooks import update
from tests.unit.gateway.a_case_system import SECRET, case_system

pytestmark = pytest.mark.kafka

HOUSEHOLDS = 24


def test_killed_at_random_each_acceptance_is_one_case(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    chance = random.Random(23)
    ensure(admin(fresh.bootstrap, {}), topics("eropaf", stages("eropaf", ["rent"], LocalRegistry()), 3))
    households = [f"{number:032x}" for number in range(HOUSEHOLDS)]
    with case_system() as system:
        (tmp_path / "eropaf_cases_secret").write_text(SECRET, "ascii")
        environment = {
            "EROPAF_BOOTSTRAP": fresh.bootstrap,
            "EROPAF_SECRETS_DIR": str(tmp_path),
            "EROPAF_CASES_ZAKEN_API": system.address,
            "EROPAF_CASES_CLIENT_ID": system.access.client_id,
            "EROPAF_CASES_RSIN": system.access.rsin,
            "EROPAF_CASES_CASE_TYPE": system.access.case_type,
            "EROPAF_CASES_STATUS_TYPE": system.access.status_type,
            "EROPAF_CASES_STATE_DIR": str(tmp_path),
        }

        def made(least: int) -> bool:
            return len(system.made["statussen"]) >= least

        def start() -> Process:
            return Process(["-m", "eropaf.main", "cases", "run"], tmp_path / "cases.log", **environment)

        with Sender(Cluster(fresh.bootstrap), PRIORITIES, "PriorityUpdate") as sender:
            for number, household in enumerate(households):
                sender.store(household, sender.encode(update(number, 1, "1011")))
        process, accepted = start(), 0
        try:
            with OutcomeReporter(fresh.bootstrap) as reporter:
                for number, household in enumerate(households):
                    helped = EndResult.HELP if number % 4 else EndResult.NO_CONTACT
                    accepted += helped is EndResult.HELP
                    reporter.report(OutreachOutcome("O-1", household, datetime.now(UTC), result=helped))
                    if number % 8 == 7:
                        system.loses.add(chance.choice(sorted(system.made)))
                        more = len(system.made["statussen"]) + chance.randrange(1, 4)
                        until(partial(made, min(more, accepted)), PATIENCE_S, "some are made")
                        process.kill()
                        process = start()
            wanted = {number_of(each, "O-1") for number, each in enumerate(households) if number % 4}
            until(partial(made, len(wanted)), PATIENCE_S, "each has its case")
        finally:
            process.kill()

        assert sorted(system.numbers()) == sorted(wanted)
        cases = sorted(each["url"] for each in system.made["zaken"])
        assert sorted(each["zaak"] for each in system.made["zaakobjecten"]) == cases
        assert sorted(each["zaak"] for each in system.made["statussen"]) == cases
        assert system.faults == []
