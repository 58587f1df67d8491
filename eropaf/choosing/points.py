"""The points of a policy that a municipality may choose, within which bounds, and its text with others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eropaf.risk.policy import Policy

Numbers = tuple[int, ...]


class NotChosen(Exception):
    """A policy's points cannot be chosen; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Knob:
    """A number of the policy's file that may be turned, from `low` to `high`."""

    part: str
    name: str
    low: int
    high: int

    @property
    def title(self) -> str:
        """Return it as a diff of policies names it."""
        return f"{self.part}.{self.name}"


# What the law decides is no knob: grounds, days, deadlines, what threatens, that every accepted signal is
# offered help, how long anything is kept. Nor are the bands: they say how much work is asked for.
# Bounds are choices: a month of rent weighs more than one of energy ("Signalen"), a small bill gives few.
KNOBS = (
    Knob("partners.RENT", "points_per_month", 15, 30),
    Knob("partners.HEALTH", "points_per_month", 5, 30),
    Knob("partners.ENERGY", "points_per_month", 5, 15),
    Knob("partners.WATER", "points_per_month", 1, 10),
    Knob("weights", "breadth", 5, 30),
    Knob("weights", "growth", 0, 15),
    Knob("weights", "persistence", 0, 15),
)


def numbers_of(text: str) -> Numbers:
    """Return the points of a policy's text, in the order of `KNOBS`.

    Raises:
        NotChosen: it does not say one of them, or one is outside its bounds.
    """
    found = tuple(int(_line(text, knob)[1]) for knob in KNOBS)
    for knob, number in zip(KNOBS, found, strict=True):
        if not knob.low <= number <= knob.high:
            raise NotChosen(
                f"{knob.title} is {number}, and is chosen from {knob.low} to {knob.high}: begin with another "
                "policy"
            )
    return found


def with_numbers(text: str, numbers: Numbers, version: str) -> str:
    """Return a policy's text with other points and version: nothing else of it changes."""
    for knob, number in zip(KNOBS, numbers, strict=True):
        line = _line(text, knob)
        text = f"{text[: line.start(1)]}{number}{text[line.end(1) :]}"
    return re.sub(r'^version = "[^"]*"', f'version = "{version}"', text, count=1, flags=re.MULTILINE)


def policy_of(text: str, numbers: Numbers) -> Policy:
    """Return the policy with other points: valid as any other is."""
    return Policy.parse(with_numbers(text, numbers, "tried"))


def _line(text: str, knob: Knob) -> re.Match[str]:
    """Return the line of a knob; its number is the first group."""
    part = re.escape(f"[{knob.part}]")
    asked = rf"^{part}[^\n]*\n(?:(?!\[)[^\n]*\n)*?{knob.name} = (\d+)"
    if (found := re.search(asked, text, re.MULTILINE)) is None:
        raise NotChosen(
            f"{knob.title} is not said by the policy: begin with one that says it, in a line of its own"
        )
    return found
