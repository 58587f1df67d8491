"""One civil time zone for rules, board, reports and commands: no day is the process's, nor UTC's."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from eropaf.board.came_of import CameOf
from eropaf.board.figures import Figures
from eropaf.board.state import State
from eropaf.desk.access_letter import letter
from eropaf.rank.cases import outcomes
from eropaf.report.ddas import Month, exchanged
from eropaf.risk.plain_words import MONTHS
from eropaf.risk.zone import civil_zone
from eropaf_client.files.ddas_exchange import Case
from eropaf_client.records import Band, Change, PriorityUpdate
from tests.builders import a_signal, amsterdam_example, an_event

REPO = Path(__file__).parents[2]
NAME = "Europe/Amsterdam"
# A moment with its offset, and its civil day there. Clocks go forward on 29 March 2026 at 02:00 and back on
# 25 October at 03:00 (Directive 2000/84/EC).
NIGHTS = [
    ("2026-03-02T00:30:00+01:00", date(2026, 3, 2)),
    ("2026-03-28T23:59:59+01:00", date(2026, 3, 28)),
    ("2026-03-29T00:30:00+01:00", date(2026, 3, 29)),
    ("2026-03-29T03:00:00+02:00", date(2026, 3, 29)),
    ("2026-03-30T00:30:00+02:00", date(2026, 3, 30)),
    ("2026-07-01T01:59:00+02:00", date(2026, 7, 1)),
    ("2026-10-25T02:30:00+02:00", date(2026, 10, 25)),
    ("2026-10-25T02:30:00+01:00", date(2026, 10, 25)),
    ("2026-10-26T00:30:00+01:00", date(2026, 10, 26)),
]
# Both edges of the world, and what a container has.
OF_THE_PROCESS = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]


@pytest.fixture(params=OF_THE_PROCESS)
def process_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _ms(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


def _on_the_board(moment: str) -> date:
    figures = Figures(ZoneInfo(NAME), CameOf())
    update = PriorityUpdate(
        update_id="u", household="h", sequence=1, postcode="1011AB", house_number=1, addition="",
        area="1011", urgency=1, band=Band.LOW, respond_by=None, change=Change.RAISED, policy_version="v",
        event_at=datetime.fromisoformat(moment),
    )  # fmt: skip
    figures.update(None, update)
    days_after = date.fromisoformat(moment[:10]) + timedelta(2)
    (day,) = [on for on, count in figures.inflow(days_after, ["1011"]) if count]
    return day


def _of_a_claim(moment: str) -> date:
    async def held() -> date:
        return State(event_clock=False, time_zone=NAME).day_of(_ms(moment))

    return asyncio.run(held())


def _in_the_report(moment: str) -> date:
    whole = Month(date(2026, 1, 1), date(2026, 12, 31), civil_zone(NAME))
    ((signal,), _) = exchanged([an_event(a_signal(reported_at=_ms(moment)))], {}, whole)
    assert signal.signalled_on is not None
    return signal.signalled_on


def _in_the_letter(moment: str) -> date:
    opened = {"at": moment, "what": "everything", "purpose": "resident-asked"}
    held = {"state": None, "told": None, "opened": [opened], "safety": [], "residents": []}
    said = letter(held, date(2026, 1, 1), amsterdam_example(), "nl")
    found = next(line for line in said.splitlines() if line.startswith("- Op "))
    day, month = found.split()[2:4]
    return date(2026, MONTHS["nl"].index(month) + 1, int(day))


def _of_a_signal(moment: str) -> date:
    return date(1970, 1, 1) + timedelta(amsterdam_example().zone.day_of(_ms(moment)))


PLACES = [_on_the_board, _of_a_claim, _in_the_report, _in_the_letter, _of_a_signal]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("moment", "civil"), NIGHTS)
@pytest.mark.usefixtures("process_zone")
def test_every_place_tells_the_same_civil_day_whatever_the_process_zone(
    place: object, moment: str, civil: date
) -> None:
    assert callable(place)
    assert place(moment) == civil


def test_what_a_report_says_was_found_is_found_on_its_civil_day() -> None:
    zone = civil_zone(NAME)
    case = Case(("s",), (), "HELP", None, None, None, date(2026, 7, 2))
    signalled = an_event(a_signal(reported_at=_ms("2026-07-01T00:30:00+02:00")))

    picked_up, result = outcomes([(case, ["s"])], {"s": signalled}, zone)

    assert [each.at for each in (picked_up, result)] == [_ms("2026-07-02T00:00:00+02:00")] * 2


# Calls that ask the process for its zone where they have no more arguments than this.
ZONELESS = {
    "astimezone": 0, "today": 0, "now": 0, "utcnow": 0, "localtime": 1, "mktime": 1, "fromtimestamp": 1,
}  # fmt: skip
# A creditor's own machine remembers by its own days what it sent.
OF_THE_CREDITOR = {"outbox.py", "delivery.py", "watched_folder.py"}
PRODUCT = (
    "agents", "board", "clients", "deploy", "eropaf", "gateway", "risk", "schemas", "simulate", "streams",
)  # fmt: skip


def _of_the_product() -> Iterator[Path]:
    for folder in PRODUCT:
        for path in sorted((REPO / folder).rglob("*.py")):
            if not any(part.is_symlink() for part in path.parents) and path.name not in OF_THE_CREDITOR:
                yield path


def test_nothing_asks_the_process_for_its_time_zone() -> None:
    found = []
    for path in _of_the_product():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            given = len(node.args) + len(node.keywords)
            of_a_clock = node.func.attr != "now" or ast.unparse(node.func.value).endswith("datetime")
            if of_a_clock and given <= ZONELESS.get(node.func.attr, -1):
                found.append(f"{path.relative_to(REPO)}:{node.lineno} {ast.unparse(node)}")

    assert found == []
