"""Records deleted before they were read: nothing brings them back, so a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

FORM = re.compile(r"(?P<topic>[A-Za-z0-9._-]+)-(?P<partition>[0-9]+):(?P<first>[0-9]+)-(?P<last>[0-9]+)")


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """Offsets `first` to `last` of a partition, inclusive. Written as `numbers-3:100-203`."""

    topic: str
    partition: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}:{self.first}-{self.last}"

    @property
    def offsets(self) -> int:
        """The number of offsets: an upper bound on records, as transaction markers take some."""
        return self.last - self.first + 1

    def accepted_by(self, accepted: Iterable[Loss]) -> bool:
        """Return whether one of `accepted` is of this loss.

        It must begin at the same offset, which the group never returns to: an accepted loss cannot excuse a
            later one. It may end later: retention continues while a person decides.
        """
        return any(
            (each.topic, each.partition, each.first) == (self.topic, self.partition, self.first)
            and each.last >= self.last
            for each in accepted
        )

    @classmethod
    def parse(cls, text: str) -> Loss:
        """Parse a loss written as `numbers-3:100-203`.

        Raises:
            ValueError: the text has another form.

        """
        found = FORM.fullmatch(text)
        if found is None or int(found["last"]) < int(found["first"]):
            raise ValueError(f"{text!r} is not a range of offsets such as numbers-3:100-203")
        return cls(found["topic"], int(found["partition"]), int(found["first"]), int(found["last"]))
