"""The team lead's view: what becomes overdue, who has room, inflow, people reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.ahead import becoming_overdue, two_weeks
from eropaf.board.asked import BANDS, Shown
from eropaf.board.figures import DayFigures
from eropaf.board.people import People
from eropaf.board.plot import bars
from eropaf.board.results import CHANNELS
from eropaf.board.row import Row
from eropaf.board.state import State
from eropaf.board.user import User
from eropaf.board.visits import visits
from eropaf.board.web import language, page, short
from eropaf.board.words import WORDS
from eropaf_client.files.writing import csv_line

USED = [channel.value for channel in CHANNELS]
TILES = (Shown.ALL, Shown.OVERDUE, Shown.TOMORROW, Shown.WEEK, Shown.HELD, Shown.FREE)
# As Excel opens it where the language is Dutch, and elsewhere.
SEPARATORS = {"nl": ";", "en": ","}


Inflow = list[tuple[date, int | None]]
Counts = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of 28 days, the meaning of its bars and their filled parts, and the same data as a table."""

    title: str
    whole: str
    part: str
    drawing: Markup
    table: list[tuple[str, int | None, int | None]]
    since: date | None
    """The first day that is known, where that is not the first one shown."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A lead's selection: one of their areas or all, and one channel or all."""

    own: Sequence[str]
    area: str
    channel: str

    @property
    def areas(self) -> list[str]:
        """The areas included."""
        return [each for each in self.own if self.area in ("", each)]


class LeadPage:
    """Figures of the whole team, by area and channel."""

    def __init__(self, state: State, people: People, capacity: int, check_out_minutes: int) -> None:
        self._state = state
        self._people = people
        self._capacity = capacity
        self._check_out_minutes = check_out_minutes

    async def show(self, request: Request) -> Response:
        """Show the figures of one or all of this lead's areas, and of one or all channels."""
        user: User = request.state.session.user
        choice, today = self._choice(request, user), self._state.today
        rows = [row for row in self._state.rows(user) if row.update.area in choice.areas]
        inflow, attempts = self._days(choice)
        workers = await self._workers(rows)
        return page(
            request,
            "lead.html",
            choice=choice,
            channels=USED,
            tiles=[(each, sum(each.of(row, today) for row in rows)) for each in TILES],
            bands=[(band, sum(row.update.band.value == band for row in rows)) for band in BANDS],
            to_rows=lambda **asked: _to_rows(choice.area, asked),
            ahead=becoming_overdue(rows, today),
            room=sum(max(0, self._capacity - count) for _, count in workers),
            weeks=two_weeks(inflow, attempts),
            plots=self._plots(request, choice, inflow, attempts),
            used=self._state.figures.channels(choice.areas),
            file=self._state.figures.against_file(self._state.today, choice.areas),
            by_area=self._by_area(rows, choice),
            workers=workers,
            visits=[
                each
                for each in visits(self._state, self._check_out_minutes)
                if self._state.area(each.household) in choice.areas
            ],
            capacity=self._capacity,
            updated=datetime.now(self._state.zone),
        )

    async def export(self, request: Request) -> Response:
        """Return the daily figures as a spreadsheet file, without households."""
        choice, spoken = self._choice(request, request.state.session.user), language(request)
        words = WORDS[spoken]
        named = ("day", "inflow_short", "open", "overdue", "tried", "reached", "accepted")
        lines: list[Sequence[str | int | None]] = [[words[f"lead.{each}"] for each in named]]
        inflow, attempts = self._days(choice)
        stood = self._state.figures.open(self._state.today, choice.areas)
        for (day, new), (_, count, late), tried in zip(inflow, stood, attempts, strict=True):
            # What is not known stays empty: a zero would be a count.
            lines.append([day.isoformat(), new, count, late, tried.attempts, tried.reached, tried.accepted])
        name = f"eropaf-{self._state.today.isoformat()}.csv"
        return Response(
            "\ufeff" + "".join(csv_line(line, SEPARATORS[spoken], "\r\n") for line in lines),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _choice(self, request: Request, user: User) -> Choice:
        asked = request.query_params
        channel = asked.get("channel", "")
        own = [each for each in self._state.areas if user.sees(each)]
        area = asked.get("area", "")
        return Choice(own, area if area in own else "", channel if channel in USED else "")

    def _days(self, choice: Choice) -> tuple[Inflow, list[DayFigures]]:
        figures, today = self._state.figures, self._state.today
        return figures.inflow(today, choice.areas), figures.attempts(today, choice.areas, choice.channel)

    def _plots(
        self, request: Request, choice: Choice, inflow: Inflow, attempts: list[DayFigures]
    ) -> list[Plot]:
        spoken = language(request)
        words = WORDS[spoken]
        stood = self._state.figures.open(self._state.today, choice.areas)

        def plot(title: str, whole: str, values: Counts, part: str = "", parts: Counts | None = None) -> Plot:
            days = [short(spoken, day) for day, _ in inflow]
            label = words[f"lead.{title}"]
            drawn = [value or 0 for value in values]
            unknown = sum(value is None for value in values)
            return Plot(
                title=label,
                whole=whole,
                part=part,
                drawing=bars(label, days, drawn, None if parts is None else [part or 0 for part in parts]),
                table=list(zip(days, values, parts or values, strict=True)),
                since=inflow[min(unknown, len(inflow) - 1)][0] if unknown else None,
            )

        reached = [day.reached for day in attempts]
        return [
            plot("inflow", "number", [count for _, count in inflow]),
            plot(
                "stood", "open", [count for _, count, _ in stood], "overdue", [late for _, _, late in stood]
            ),
            plot("attempts", "tried", [day.attempts for day in attempts], "reached", reached),
            plot("helped", "reached", reached, "accepted", [day.accepted for day in attempts]),
        ]

    def _by_area(self, rows: list[Row], choice: Choice) -> list[tuple[str, int, int, int]]:
        """Return per area how many households are on the list, overdue, and unclaimed."""
        today = self._state.today
        listed, late, free = (
            Counter(row.update.area for row in rows if kind.of(row, today))
            for kind in (Shown.ALL, Shown.OVERDUE, Shown.FREE)
        )
        return [(area, listed[area], late[area], free[area]) for area in choice.areas]

    async def _workers(self, rows: list[Row]) -> list[tuple[str, int]]:
        names = {each.id: each.name for each in await self._people.team()}
        in_hand = Counter(dict.fromkeys(names, 0))
        for row in rows:
            if row.holder:
                names.setdefault(row.holder.id, row.holder.name)
                in_hand[row.holder.id] += 1
        named = [(names[each], count) for each, count in in_hand.items()]
        return sorted(named, key=lambda each: (-each[1], each[0]))


def _to_rows(area: str, asked: dict[str, str]) -> str:
    """Return the address of the rows that a number counts."""
    query = {name: value for name, value in {"area": area, **asked}.items() if value}
    return f"/?{urlencode(query)}" if query else "/"
