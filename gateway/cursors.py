"""How far somebody has read a topic, as a word that they bring back: it holds nothing of what they read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from eropaf.gateway.problems import Problem, Wrong

# What a cursor begins with: another form of it would begin otherwise.
FORM = "1"


class Cursors:
    """The cursors of a topic; `topic_id` tells it from one that was recreated."""

    def __init__(self, partitions: int, topic_id: str) -> None:
        self._partitions, self._topic_id = partitions, topic_id

    def write(self, reached: Sequence[int]) -> str:
        """Return the cursor of a reader that reads each partition from an offset on."""
        text = ".".join([FORM, self._topic_id, *map(str, reached)])
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    def read(self, cursor: str | None) -> list[int]:
        """Return the offset from which each partition is read; without a cursor, the beginning.

        Raises:
            Problem: it is not a cursor of this topic.
        """
        if cursor is None:
            return [0] * self._partitions
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            raise _no_cursor() from None
        form, _, rest = text.partition(".")
        topic_id, *offsets = rest.split(".")
        if (form, topic_id) != (FORM, self._topic_id) or len(offsets) != self._partitions:
            raise _no_cursor()
        if not all(each.isdigit() and len(each) < 20 for each in offsets):
            raise _no_cursor()
        return list(map(int, offsets))


def _no_cursor() -> Problem:
    said = "is not a cursor of this feed: the topic was recreated, or it is incomplete. Begin without one"
    return Problem(400, "no-cursor", f"`after` {said}.", [Wrong("no-cursor", said, "after")])
