"""The life of one household as both stages see it, event by event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from eropaf.risk.erasures import is_moment_alone
from eropaf.risk.explanation import Explained
from eropaf.risk.household import Folded, fold
from eropaf.risk.identity import household_key
from eropaf.risk.objections import objecting_since
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import UNTOLD, Ranked, rank
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow, Position, RankingRow
from eropaf.risk.slips import slips_ended
from eropaf.risk.still_open import Question
from eropaf.risk.told import PriorityUpdate
from tests.book.kept import an_older_row, asked_of, heard, read_again
from tests.book.said import NEXT, UNSEEN, ZERO_WIDTH, day, event
from tests.builders import HOME, NOON, SECRET

EACH_MONTH = re.compile(r"each month for (\d+) months, (.*)")
TOLD_EARLIER = re.compile(r"an older version told (\w+)(?:, by (\S+))?")
KEPT_EARLIER = re.compile(r"an older version kept an objection, of (\S+)")


# All that a creditor said; from when arrears grew is counted anew where the resident lives now.
GOES_ALONG = (
    "creditor", "contract", "partner_type", "kind", "amount_cents", "monthly_bill_cents", "reported_at",
    "version", "signal_id", "crisis", "crisis_kind", "crisis_on", "arrears_since", "handover", "agreed",
    "resident_key",
)  # fmt: skip


@dataclass(slots=True)
class Life:
    """What is kept of a household, what outreach was told, and what the last event led to."""

    policy: Policy
    row: HouseholdRow | None = None
    known: RankingRow = UNTOLD
    points: int = 0
    said: tuple[str, ...] = ()
    update: PriorityUpdate | None = None
    folded: Folded | None = None
    slips: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    def take(self, number: int, on: str, what: str) -> None:
        """Take in case `number`; what comes twice from one stage to the next is one."""
        if (earlier := TOLD_EARLIER.fullmatch(what)) is not None:
            by = None if earlier[2] is None else day(earlier[2])
            self.known = read_again(RankingRow(1, earlier[1], by, 0))
        elif (earlier := KEPT_EARLIER.fullmatch(what)) is not None:
            self.row = an_older_row(HouseholdRow(HOME, NOON, 1, (), objected=True), earlier[1])
        elif (months := EACH_MONTH.fullmatch(what)) is not None:
            for before in reversed(range(int(months[1]))):
                self._take(event(number, months_before(on, before), months[2]))
        else:
            self._take(event(number, on, what))

    def _take(self, happens: HouseholdEvent) -> None:
        happens, self.update = read_again(happens), None
        self.said, self.slips, self.asked = (), (), ()
        try:
            self.folded = folded = fold(self.row, happens, self.policy)
        except Refused as refused:
            self.said = (why(refused),)
            return
        self.asked = tuple(_asked(each, happens) for each in folded.questions)
        ended = slips_ended(self.row, happens, folded)
        self.slips = tuple(_contract(*each) for each in ended)
        answers = [said(answer.creditor, heard(answer, happens)) for answer in folded.answers]
        self.said = (
            *answers,
            *(_goes_along(read_again(each), self.row, self.policy) for each in folded.onward),
        )
        self.row = None if folded.row is None else read_again(folded.row)
        if folded.risk is None:
            return
        risk = read_again(folded.risk)
        ranked = rank(self.known, risk, self.policy)
        self.points, self.update = risk.score, ranked.update
        if ranked.update is not None:
            read_again(ranked.update)
        self.known = UNTOLD if ranked.row is None else read_again(ranked.row)
        assert ranked.row is None or rank(self.known, risk, self.policy) == Ranked(self.known, None), "twice"

    def explained(self) -> bytes:
        """Return the facts of what the last event led to, as they are sealed."""
        return sealed(self.folded, self.policy)


def sealed(folded: Folded | None, policy: Policy) -> bytes:
    """Return what is sealed of an event that led to a risk."""
    assert folded is not None
    assert folded.risk is not None
    assert folded.assessment is not None
    assert folded.row is not None
    return Explained(folded.risk, folded.assessment, folded.row, policy).facts()


def told(update: PriorityUpdate | None) -> str:
    """Return what outreach is told, in the words of the book."""
    if update is None:
        return "-"
    whose = f", {update.respond_by_norm}" if update.respond_by_norm else ""
    parts = [f"{update.sequence}: {update.change}", update.band, update.action or "no offer"]
    parts += [f"by {as_date(update.respond_by)}{whose}", f"urgency {update.urgency / 100:g}"]
    return ", ".join(parts) + (", overruled" if update.overruled else "")


def kept(row: HouseholdRow | None) -> str:
    """Return what is kept of a household, in the words of the book."""
    if row is None:
        return "nothing"
    parts = [f"{_contract(each.creditor, each.contract)} {each.kind}" for each in row.positions]
    parts += [f"{len(row.months)} month{'s' * (len(row.months) > 1)}"] if row.months else []
    dated = {"picked up": row.picked_up_on, "spoken with": row.reached_on}
    parts += [f"{what} {as_date(on)}" for what, on in dated.items() if on is not None]
    parts += [f"result {row.handled_by} of {_day(row.handled_at)}"] if row.handled_by else []
    if row.overrule:
        parts.append(f"a decision of {_day(row.overruled_at)} until {as_date(row.overrule.until)}")
    parts += [f"{who} objects, as said on {_day(at)}" for who, at in objecting_since(row).items()]
    if row.objected:
        homes = " and ".join(_contract(*each.split("/")) for each in row.homes)
        parts.append(f"the address objects, as said on {_day(row.objected_at)}{', of ' * bool(homes)}{homes}")
    parts += [f"since then {_contract(*each.split('/'))}" for each in row.homes_since]
    parts += [f"in doubt since {as_date(row.in_doubt_since)}"] if row.in_doubt_since is not None else []
    parts += [f"{each} has minor children" for each in row.minor_children]
    if is_moment_alone(row):
        return "that it was erased"
    return "; ".join(parts) or "the address alone"


def _day(at: int | None) -> str:
    """Return the day of a moment, at noon as all of the book's."""
    return as_date(None if at is None else at // DAY_MS)


def _contract(creditor: str, contract: str) -> str:
    return creditor if contract == "contract-1" else f"{creditor} on {contract.replace(UNSEEN, ZERO_WIDTH)}"


def _asked(question: Question, happens: HouseholdEvent) -> str:
    asked = asked_of(question, happens)
    assert asked["asked_at"] == happens.at
    return f"{_contract(question.creditor, asked['contract'])} of {asked['signal_id']}"


def said(creditor: str, feedback: dict[str, Any]) -> str:
    """Return what a creditor hears, in the words of the book."""
    parts = [f"{creditor}: {feedback['status']}", feedback["reason"] or ""]
    if feedback["collection"] != "NO_WORD":
        parts.append(feedback["collection"])
    if feedback["pause_until"] is not None:
        parts.append(f"until {as_date(feedback['pause_until'])}")
    return " ".join(filter(None, parts))


def why(refused: Refused) -> str:
    """Return why something is refused: the reason, and what is said of it to who looks into it."""
    return f"refused: {refused.reason} ({refused})"


def _of(position: Position) -> tuple[str, str]:
    return position.creditor, position.contract


def as_date(on: int | None) -> str:
    """Return a day as the book writes it."""
    return "-" if on is None else (date(1970, 1, 1) + timedelta(on)).isoformat()


def months_before(on: str, months: int) -> str:
    """Return the same day so many months earlier; the day is one that every month has."""
    at = date.fromisoformat(on)
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1).isoformat()


def _goes_along(onward: HouseholdEvent, here: HouseholdRow | None, policy: Policy) -> str:
    """Return what goes along to the next address, where it stands as it stood here."""
    if onward.signal is None:
        return "the objection goes along"
    there = fold(None, onward, policy).row
    assert there is not None
    assert here is not None
    assert onward.household == household_key(NEXT, SECRET)
    (arrived,) = there.positions
    (left,) = [each for each in here.positions if (each.creditor, each.contract) == _of(arrived)]
    assert [getattr(arrived, each) for each in GOES_ALONG] == [getattr(left, each) for each in GOES_ALONG]
    return f"{onward.signal.creditor} goes along"
