"""A creditor and an outreach tool with curl alone, on a real cluster, by what the pages say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf_client.schemas.topics import OUTCOMES
from tests.integration.processes import PATIENCE_S, REPO, Process, ended, until
from tests.integration.system import System

pytestmark = pytest.mark.kafka

SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python(?: \S+)?\n(.*?)```", re.DOTALL)
# One day for the whole of a test, also at midnight; its workers have no clock.
TODAY, A_DAY = re.compile(r"'?\$\(date -u \+%F\)'?"), "2026-03-02"
CHANGED = "nl.vroegsignalering.prioriteit-gewijzigd"


def blocks(page: str) -> list[str]:
    """Return the commands of a how-to page, in their order."""
    text = (REPO / "docs" / "how-to" / page).read_text("utf-8")
    return SHELL.findall(TODAY.sub(A_DAY, text))


def sends(commands: str) -> str:
    """Return the last command of a block, for another file than the page's own."""
    return commands.splitlines()[-1]


class Party:
    """Somebody with curl and a certificate, in a folder of their own."""

    def __init__(self, folder: Path, authority: trustme.CA, name: str, address: str) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        issued = authority.issue_cert(
            f"{name}@example.org",
            common_name=name,
            organization_name="Tests",
            organization_unit_name="Callers",
        )
        issued.private_key_pem.write_to_path(str(self.folder / "our.key"))
        for part in issued.cert_chain_pems:
            part.write_to_path(str(self.folder / "our.pem"), append=True)
        authority.cert_pem.write_to_path(str(self.folder / "ca.pem"))
        (known_by,) = [each for each in blocks("creditor-with-curl.md") if "--cert" in each]
        where = f"export CURL_CA_BUNDLE=ca.pem GATEWAY={address}/v1"
        self.before = f"shopt -s expand_aliases\n{where}\n{known_by}\n"

    def does(self, commands: str) -> str:
        """Return what a block of a page writes."""
        done = subprocess.run(
            ["bash", "-c", self.before + commands],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def answer(self, commands: str) -> dict[str, Any]:
        """Return what a block of a page is answered."""
        found: dict[str, Any] = json.loads(self.does(commands))
        return found


class Door:
    """A gateway beside the workers of `system`, which may be killed and started again."""

    def __init__(self, system: System) -> None:
        self.system, self.folder = system, (folder := system.folder)
        self.port = first_free(choose(1)[0], 2)
        self.address = f"https://127.0.0.1:{self.port}"
        self._authority = trustme.CA()
        own = self._authority.issue_cert("127.0.0.1")
        own.private_key_pem.write_to_path(str(folder / "own.key"))
        own.cert_chain_pems[0].write_to_path(str(folder / "own.pem"))
        self._authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        (folder / "callers.toml").write_text(
            '[[caller]]\ncreditor = "rent"\nsubjects = ["CN=rent,OU=Callers,O=Tests"]\n'
            '[[caller]]\noutreach = "tool"\nareas = ["1011"]\nsubjects = ["CN=tool,OU=Callers,O=Tests"]\n'
            '[[caller]]\noutreach = "door-tool"\nareas = ["1011"]\n'
            f'webhook = "http://127.0.0.1:{self.port + 1}/"\n',
            "utf-8",
        )

    def party(self, name: str) -> Party:
        return Party(self.folder, self._authority, name, self.address)

    def start(self) -> None:
        """Start `eropaf gateway`, and wait until it serves."""
        settings = {
            "EROPAF_GATEWAY_PORT": str(self.port),
            "EROPAF_GATEWAY_CALLERS": str(self.folder / "callers.toml"),
            "EROPAF_GATEWAY_CERTIFICATE_FILE": str(self.folder / "own.pem"),
            "EROPAF_GATEWAY_KEY_FILE": str(self.folder / "own.key"),
            "EROPAF_GATEWAY_CLIENT_CA_FILE": str(self.folder / "ca.pem"),
        }
        log = self.folder / "gateway.log"
        self.process = Process(["-m", "eropaf.main", "gateway"], log, **(self.system.environment | settings))
        self.process.until(self.is_ready, PATIENCE_S, "the gateway serves")

    def told_by_webhook(self) -> list[Process]:
        """Do what the page on webhooks says: the tool's own receiver first, then who tells it."""
        page = "webhooks.md"
        secrets, runs, *_, receives = blocks(page)
        text = (REPO / "docs" / "how-to" / page).read_text("utf-8")
        for name, program in zip(("ours.py", "receiver.py"), PYTHON.findall(text), strict=True):
            (self.folder / name).write_text(program, "utf-8")
        subprocess.run(["bash", "-ec", secrets], cwd=self.folder, check=True, timeout=PATIENCE_S)
        receiver = receives.strip().replace("8800", str(self.port + 1)).removeprefix("python3 ").split()
        telling = runs.replace("eropaf webhooks", f"exec {Path(sys.executable).with_name('eropaf')} webhooks")
        return [
            Process(receiver, self.folder / "receiver.log", self.folder),
            Process(
                ["-ec", telling],
                self.folder / "webhooks.log",
                self.folder,
                "bash",
                **(self.system.environment | {"PYTHONPATH": str(REPO / "clients")}),
            ),
        ]

    def is_ready(self) -> bool:
        # Asked again rather than waited for: of a gateway that stands still curl would wait for ever.
        bounds = ["-sf", "--max-time", "10", "--cacert", str(self.folder / "ca.pem")]
        asked = ["curl", *bounds, f"{self.address}/health/ready"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture
def door(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[Door]:
    system = System(fresh, tmp_path)
    with ended(system.workers):
        system.until_reading()  # of topics that they made: a gateway that finds none ends at once
        made = Door(system)
        made.start()
        try:
            yield made
        finally:
            made.process.kill()


def test_a_creditors_and_a_tools_first_morning_with_curl_alone(door: Door) -> None:
    rent, tool = door.party("rent"), door.party("tool")
    report, many, file, receipt, feedback = blocks("creditor-with-curl.md")[3:]

    assert rent.answer(report)["known"] is False
    assert rent.answer(report)["known"] is True
    wrong = rent.answer(report.replace("165000", "-165000"))
    assert [each["field"] for each in wrong["errors"]] == ["amount_cents"]
    assert tool.answer(report)["code"] == "not-a-creditor"

    # One that broke a duty of its own, and hears so.
    signal = json.loads(report[report.index("'{") + 1 : report.rindex("'")])
    effort = {"personal_contact": False, "debt_help_pointed_at": True, "written_reminders": 1}
    said = {**effort, "offer": "NO_ANSWER"}
    unlawful = signal | {"signal_id": "S-2001", "contract": "C-80", "own_effort": said}
    assert rent.answer(many) == {"status": "received", "stored": 1, "known": 1}
    (rent.folder / "signals.ndjson").write_text(json.dumps(unlawful), "utf-8")
    assert rent.answer(sends(many)) == {"status": "received", "stored": 1, "known": 0}
    assert rent.answer(file)["stored"] == 1

    until(lambda: rent.answer(receipt)["status"] == "accepted", PATIENCE_S, "the signal is taken in")
    refused = receipt.replace("S-1001", "S-2001")
    until(lambda: rent.answer(refused)["status"] == "refused", PATIENCE_S, "the refusal is told")
    assert rent.answer(refused)["refusal"]["code"] == "no-personal-contact"
    assert "art. 2" in rent.answer(refused)["refusal"]["source"]
    assert [each["signal_id"] for each in rent.answer(feedback)["feedback"]] == ["S-2001"]

    asked, _, reported = blocks("outreach-tool-with-curl.md")
    until(lambda: len(tool.answer(asked)["updates"]) >= 2, PATIENCE_S, "both households are on the list")
    household = tool.answer(asked)["updates"][0]["household"]
    outcome = reported.replace("5f…", household)
    assert tool.answer(outcome)["status"] == "received"
    told = door.told_by_webhook()
    with ended(*told):
        until(lambda: f"{CHANGED} {household}" in told[0].said, PATIENCE_S, "the webhook tells it")
    (stored,) = door.system.read(OUTCOMES, "OutreachOutcome")
    assert stored[1]["household"] == household


def test_a_gateway_that_is_killed_loses_nothing_and_stores_nothing_twice(door: Door) -> None:
    rent = door.party("rent")
    report, two = blocks("creditor-with-curl.md")[3:5]
    many = sends(two)
    signal = json.loads(report[report.index("'{") + 1 : report.rindex("'")])
    names = [f"K-{number}" for number in range(3_000)]
    batch = [signal | {"signal_id": name, "contract": name, "version": 1} for name in names]
    file = rent.folder / "signals.ndjson"
    file.write_text("\n".join(map(json.dumps, batch)), "utf-8")
    stored = rent.answer(many)
    assert (stored["stored"], stored["known"]) == (3_000, 0)

    more = [each | {"version": 2} for each in batch]
    file.write_text("\n".join(map(json.dumps, [*batch, *more])), "utf-8")
    sending = Process(["-c", rent.before + many], rent.folder / "sent.log", rent.folder, "bash")
    with ended(sending):
        until(
            lambda: len(door.system.read("arrears.rent", "ArrearsSignal")) > 3_000,
            PATIENCE_S,
            "some are stored",
        )
        door.process.kill()
        sending.wait(PATIENCE_S)
    door.start()

    again = rent.answer(many)

    assert again["stored"] + again["known"] == 6_000
    signals = [value for _, value in door.system.read("arrears.rent", "ArrearsSignal")]
    found = [(each["signal_id"], each["version"]) for each in signals]
    assert set(found) == {(name, version) for name in names for version in (1, 2)}
    assert len(found) == len(set(found)), "what is stored is known, also after a kill"
