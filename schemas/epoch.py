"""How records count time: in days, or milliseconds, since 1970 began."""

from __future__ import annotations

from datetime import date

EPOCH = date(1970, 1, 1)
DAY_MS = 24 * 60 * 60 * 1000
