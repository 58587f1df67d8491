"""The contract against a gateway at work on a real broker: fuzzed, and spoken to by clients made of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf.gateway.contract import CONTRACT, contract
from eropaf.gateway.door import OUTREACH_SCOPE, SIGNALS_SCOPE
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES, feedback
from eropaf_client.sending import Sender
from tests import node
from tests.integration.processes import PATIENCE_S, REPO, Process, ended
from tests.integration.test_webhooks import update
from tests.unit.board.a_provider import Standing, served

pytestmark = pytest.mark.kafka

HERE = Path(__file__).parent
HOUSEHOLDS = 3
TOLD = {
    "feedback_id": "A-1", "contract": "C-1", "signal_id": "S-1", "status": "PICKED_UP", "reason": None,
    "collection": "PAUSE", "pause_until": 20_514, "at": 1_772_442_000_000,
}  # fmt: skip
PARTIES = {"creditors": ("housing-erp", SIGNALS_SCOPE), "outreach": ("door-tool", OUTREACH_SCOPE)}
CALLERS = """\
[[caller]]
creditor = "rent"
clients = ["housing-erp"]
[[caller]]
outreach = "door-tool"
areas = ["*"]
clients = ["door-tool"]
"""


@dataclass
class Door:
    """A gateway that serves both kinds of callers, and the issuer of their tokens."""

    address: str
    issuer: Standing

    def token(self, party: str) -> str:
        client, scope = PARTIES[party]
        lasts = int(time.time()) + 3600
        return self.issuer.signed(aud=[self.address], azp=client, jti="1", scope=scope, exp=lasts)

    def asked(self, party: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token(party)}"}
        return httpx2.get(f"{self.address}/v1{path}", headers=headers, timeout=PATIENCE_S).json()

    def serves(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/health/ready", timeout=PATIENCE_S).status_code == 200
        except httpx2.TransportError:
            return False


@pytest.fixture(scope="module")
def door(another_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    flow = stages("eropaf", ["rent"], LocalRegistry())
    ensure(admin(another_bootstrap, {}), topics("eropaf", flow, 3))
    with Sender(Cluster(another_bootstrap), PRIORITIES, "PriorityUpdate") as sender:
        for number in range(HOUSEHOLDS):
            sender.store(f"{number:032x}", sender.encode(update(number, 1, "1011")))
    with Sender(Cluster(another_bootstrap), feedback("rent"), "CreditorFeedback") as sender:
        sender.store("C-1", sender.encode(TOLD))
    (folder / "callers.toml").write_text(CALLERS, "utf-8")
    port = first_free(choose(1)[0], 1)
    with served() as issuer:
        settings = {
            "EROPAF_BOOTSTRAP": another_bootstrap,
            "EROPAF_CREDITORS": "rent",
            "EROPAF_GATEWAY_PORT": str(port),
            "EROPAF_GATEWAY_CALLERS": str(folder / "callers.toml"),
            "EROPAF_GATEWAY_OPENID_ISSUER": issuer.url,
        }
        process = Process(["-m", "eropaf.main", "gateway"], folder / "gateway.log", **settings)
        with ended(process):
            made = Door(f"http://127.0.0.1:{port}", issuer)
            process.until(made.serves, PATIENCE_S, "the gateway serves")
            yield made


@pytest.mark.parametrize("party", PARTIES)
def test_whatever_is_made_of_the_contract_is_answered_as_it_says(
    door: Door, party: str, tmp_path: Path
) -> None:
    """Right and wrong bodies, parameters, methods and credentials: schemathesis with all of its checks."""
    page = "/feedback" if party == "creditors" else "/updates"
    written = tmp_path / "openapi.json"
    written.write_text(json.dumps(as_schemathesis_reads_it()), "utf-8")
    phases = "examples,coverage,fuzzing" + (",stateful" if party == "creditors" else "")
    run = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(HERE / "schemathesis.toml"),
        "run", str(written), "--url", f"{door.address}/v1", "--include-tag", party, "--phases", phases,
        "-H", f"Authorization: Bearer {door.token(party)}",
    ]  # fmt: skip
    known = {"CURSOR": door.asked(party, f"{page}?limit=1")["next"], "HOUSEHOLD": f"{0:032x}"}
    if party == "creditors":
        known["CURSOR_OF_QUESTIONS"] = door.asked(party, "/questions?limit=1")["next"]
    ours = {"PYTHONPATH": f"{REPO}:{REPO / 'clients'}", "PYTHONWARNINGS": "ignore"}

    done = subprocess.run(
        run,
        cwd=tmp_path,
        env=os.environ | ours | known,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    operations = [each for methods in contract()["paths"].values() for each in methods.values()]
    meant = sum(party in each["tags"] for each in operations)
    assert f"Tested: {meant}" in done.stdout


def as_schemathesis_reads_it() -> dict[str, Any]:
    """Return the contract with tokens as a bearer's, which it knows how to forge, and cursors told apart."""
    made: dict[str, Any] = json.loads(json.dumps(contract()))
    made["components"]["securitySchemes"]["oauth2"] = {"type": "http", "scheme": "bearer"}
    for methods in made["paths"].values():
        for each in methods.values():
            each["security"] = [{"oauth2": []}]
    (after,) = (each for each in made["paths"]["/questions"]["get"]["parameters"] if each["name"] == "after")
    after["schema"]["format"] = "cursor-of-questions"
    return made


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the client of another language, and compile the programs that are written on it."""
    makes = Path(node.tool("node_modules/.bin/openapi-typescript")[1])
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(node.FOLDER / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    for name in ("creditor.ts", "outreach.ts"):
        shutil.copy(node.FOLDER / name, folder)
    compiler = [str(makes.with_name("tsc")), "--strict", "--target", "es2022", "--module", "nodenext"]
    for command in (
        [str(makes), str(CONTRACT), "-o", "gateway.ts"],
        [*compiler, "--skipLibCheck", "creditor.ts", "outreach.ts"],
    ):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def speaks(door: Door, programs: Path, party: str, program: str) -> Any:
    known = {"GATEWAY": f"{door.address}/v1", "TOKEN": door.token(party)}
    done = subprocess.run(
        ["node", program],
        cwd=programs,
        env=os.environ | known,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_client_made_of_the_contract_in_typescript_is_a_creditor(door: Door, programs: Path) -> None:
    said = speaks(door, programs, "creditors", "creditor.js")

    assert said == {"stored": 202, "wrong": ["amount_cents"], "receipt": ["received", [1]], "told": 1}


def test_a_client_made_of_the_contract_in_typescript_is_an_outreach_tool(door: Door, programs: Path) -> None:
    said = speaks(door, programs, "outreach", "outreach.js")

    assert said == {"band": "HIGH", "reported": "TS-V-1", "more": 0}
