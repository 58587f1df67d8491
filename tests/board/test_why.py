"""Why a household stands where it stands: opened by auditors, with a purpose, and never without a trace."""

from __future__ import annotations

import getpass
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from playwright.sync_api import expect

from eropaf.agents import roles
from eropaf.agents.sealing import Sealer
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.security import ADMIN, MECHANISM, Security
from eropaf.risk.explanation import Explained
from eropaf.risk.household import fold
from eropaf_client.cluster import Cluster
from eropaf_client.reading import read_all
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import AUDIT, EXPLANATIONS
from eropaf_client.schemas.wire import Codec
from tests.board.caller import Caller
from tests.board.conftest import DESK, PRIVATE, PUBLIC, Visit, look, look_otherwise
from tests.board.standing import ACCOUNTS, Standing, city, key, put_accounts
from tests.builders import SECRET, amsterdam_example, an_event, in_days
from tests.integration.processes import PATIENCE_S, Process, ended

SOON = in_days(30)

pytestmark = pytest.mark.kafka

# Of 1012: see city() in standing.py.
ON_THE_LIST, ADDRESS = 22, "1012 CD 155"
ELSEWHERE = 888
ASKED = "Een inwoner vroeg erom"


def explain(bootstrap: str, household: str, client: dict[str, str] | None = None) -> None:
    """Keep a sealed explanation of `household`, as its agent does: two months of rent behind."""
    folded = fold(None, an_event(), amsterdam_example())
    assert folded.risk is not None
    assert folded.assessment is not None
    assert folded.row is not None
    risk = replace(folded.risk, household=household)
    explained = Explained(risk, folded.assessment, folded.row, amsterdam_example())
    producer = Producer({**(client or {}), "bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    data = Codec("Explanation", EXPLANATIONS, LocalRegistry()).encode(Sealer(PUBLIC).seal(explained))
    producer.produce(EXPLANATIONS, key=household.encode(), value=data)
    assert producer.flush(PATIENCE_S) == 0


def traces(bootstrap: str, client: dict[str, str] | None = None) -> list[dict[str, Any]]:
    codec = Codec("AuditEntry", AUDIT, LocalRegistry())
    return [codec.decode(each.value()) for each in read_all(Cluster(bootstrap, client or {}), AUDIT)]


def of(entries: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    return [each for each in entries if each["household"] == key(number)]


@pytest.fixture
def auditor(board: Standing) -> Caller:
    made = Caller(board)
    made.log_in("amira")
    return made


def test_an_auditor_opens_why_with_a_purpose_in_both_languages(
    visit: Visit, board: Standing, seen: Path
) -> None:
    explain(board.bootstrap, key(ON_THE_LIST))
    before = len(of(traces(board.bootstrap), ON_THE_LIST))
    page = visit("amira")
    assert look(page, seen / "ask-why-nl-desk-light.png") == []

    page.fill("#household", ADDRESS.lower().replace(" ", ""))
    page.select_option("#purpose", label=ASKED)
    page.click("form[action='/why'] button")

    shown = page.locator(".why").first
    expect(shown.locator("h2")).to_contain_text(ADDRESS)
    expect(shown).to_contain_text("euro huur niet betaald. Dat telt als 2 maanden. (40 punten)")
    # The other language is there already: no second trace.
    page.click("a[hreflang=en]")
    expect(page.locator("#other-language")).to_be_in_viewport()
    expect(page.locator("#other-language")).to_contain_text(
        "of rent are not paid. That counts as 2 months. (40 points)"
    )
    assert look(page, seen / "why-nl-desk-light.png") == []
    assert look_otherwise(page, seen / "why-nl-phone-dark.png") == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    page.emulate_media(media="print")  # a letter: no form, no navigation, one language
    for shown_, hidden in (
        (".why .letter >> nth=0", ".ask"),
        (".why >> nth=0", "nav"),
        ("h2 >> nth=0", ".other"),
    ):
        expect(page.locator(shown_)).to_be_visible()
        expect(page.locator(hidden)).to_be_hidden()
    page.emulate_media(media="screen")
    (left,) = of(traces(board.bootstrap), ON_THE_LIST)[before:]
    assert (left["who"], left["what"], left["purpose"]) == ("amira", "explanation", "resident-asked")

    page.click("nav a[href='/traces']")
    first = page.locator("tbody tr").first
    for said in ("amira", "Uitleg geopend", ASKED, key(ON_THE_LIST)):
        expect(first).to_contain_text(said)
    assert look(page, seen / "traces-nl-desk-light.png") == []
    assert look_otherwise(page, seen / "traces-nl-phone-dark.png") == []


def test_the_trace_is_the_one_that_the_command_line_leaves(
    auditor: Caller, board: Standing, tmp_path: Path
) -> None:
    explain(board.bootstrap, key(ELSEWHERE))
    environment = {**board.environment, "EROPAF_HOUSEHOLD_SECRET": SECRET.decode()}

    def command(*arguments: str) -> None:
        process = Process(["-m", "eropaf.main", *arguments], tmp_path / "command.log", **environment)
        with ended(process):
            assert process.wait(PATIENCE_S) == 0, process.said

    command("explain", key(ELSEWHERE), "--purpose", "complaint")
    assert auditor.post("/why", household=key(ELSEWHERE), purpose="complaint") == 200
    command("overrule", key(ELSEWHERE), "raise", "--until", SOON, "--reason", "seen at the door")

    by_command, by_board, overruled = sorted(of(traces(board.bootstrap), ELSEWHERE), key=lambda e: e["at"])
    same = {"what": "explanation", "purpose": "complaint", "household": key(ELSEWHERE)}
    assert by_command == {**same, "who": getpass.getuser(), "at": by_command["at"]}
    assert by_board == {**same, "who": "amira", "at": by_board["at"]}
    assert (overruled["what"], overruled["purpose"]) == ("overrule", f"raise until {SOON}")
    shown = auditor.http.get("/traces", headers={"accept-language": "en"}).text
    assert "Overruled" in shown
    assert f"raise until {SOON}" in shown
    assert "seen at the door" not in shown, "a reason is forgotten with its household"


def test_the_page_for_the_command_line_shows_a_token_to_who_asks_for_it(visit: Visit, seen: Path) -> None:
    page = visit("clara", phone=True)
    expect(page.locator("h1")).to_have_text("Opdrachtregel")
    assert page.locator("[data-token]").count() == 0
    assert look(page, seen / "command-line-nl-phone-light.png") == []

    page.click("form[action='/command-line'] button")

    expect(page.locator("[data-token]")).to_have_text(re.compile(r"[\w-]{43}"))
    assert look(page, seen / "command-line-token-nl-phone-light.png") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert look_otherwise(page, seen / "command-line-token-nl-desk-dark.png") == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"household": key(3)}, 400),
        ({"household": key(3), "purpose": ""}, 400),
        ({"household": key(3), "purpose": "curious"}, 400),
        ({"household": "1012 ZZ 1", "purpose": "audit"}, 404),
        ({"household": "../" + key(3), "purpose": "audit"}, 404),
        ({"household": "", "purpose": "audit"}, 404),
    ],
)
def test_without_a_purpose_or_a_household_nothing_opens_and_nothing_is_traced(
    auditor: Caller, board: Standing, asked: dict[str, str], status: int
) -> None:
    before = len(traces(board.bootstrap))

    assert auditor.post("/why", **asked) == status

    assert len(traces(board.bootstrap)) == before


def test_an_opening_of_what_is_not_kept_is_traced_too(auditor: Caller, board: Standing) -> None:
    assert auditor.post("/why", household=key(6), purpose="mistake") == 200

    assert [each["purpose"] for each in of(traces(board.bootstrap), 6)] == ["mistake"]


def test_an_auditor_of_one_area_opens_nothing_of_another(auditor: Caller, board: Standing) -> None:
    put_accounts(board.database, [replace(ACCOUNTS[4], name="ada", areas=frozenset({"1102"}))])
    auditor.log_in("ada")

    assert auditor.post("/why", household=key(ON_THE_LIST), purpose="audit") == 404
    assert auditor.post("/why", household=ADDRESS, purpose="audit") == 404
    assert auditor.post("/why", household=key(ELSEWHERE), purpose="audit") == 404


def test_nobody_reads_the_whole_city_this_way(auditor: Caller, board: Standing) -> None:
    put_accounts(board.database, [replace(ACCOUNTS[4], name="quick")])
    auditor.log_in("quick")

    # At once: one after the other may take longer than the minute in which they are counted.
    with ThreadPoolExecutor(11) as pool:
        answers = pool.map(lambda _: auditor.post("/why", household=key(9), purpose="audit"), range(11))

    assert sorted(answers) == [200] * 10 + [429]


@pytest.mark.parametrize("role", [roles.DESK, roles.BOARD])
def test_only_a_board_with_the_right_opens_and_another_says_so(
    secured: tuple[EmbeddedKafka, Security], tmp_path: Path, role: str
) -> None:
    kafka, security = secured
    administrator = security.client(ADMIN)
    board = Standing(
        kafka.bootstrap,
        tmp_path,
        client=administrator,
        EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE,
        EROPAF_KAFKA_TLS="true",
        EROPAF_KAFKA_CA_FILE=str(security.authority.trusted),
        EROPAF_KAFKA_SASL=MECHANISM,
        EROPAF_KAFKA_USERNAME=role,
        EROPAF_KAFKA_PASSWORD=security.passwords[role],
    )
    put_accounts(board.database)
    board.ranking.tell(*city(9))
    explain(kafka.bootstrap, key(4), administrator)
    before = len(traces(kafka.bootstrap, administrator))
    try:
        board.start()
        auditor, worker = Caller(board), Caller(board)
        auditor.log_in("amira")
        worker.log_in("lotte")
        opened = auditor.http.post(
            "/why", data={"csrf": auditor.csrf, "household": key(4), "purpose": "court"}
        )
        listed = auditor.http.get("/traces")
        claimed = worker.post(f"/households/{key(4)}/claim")
    finally:
        board.kill()

    left = [each["purpose"] for each in traces(kafka.bootstrap, administrator)[before:]]
    if role == roles.DESK:
        assert "telt als 2 maanden" in opened.text
        assert left == ["court"]
        assert key(4) in listed.text
        assert claimed == 503, "the auditors' board sends nobody to a door"
    else:
        assert (opened.status_code, listed.status_code) == (503, 503)
        assert "Er is niets geopend" in opened.text
        assert "mag de sporen niet lezen" in listed.text
        assert left == []
        assert claimed == 303
