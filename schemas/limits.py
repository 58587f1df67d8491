"""Limits and patterns for a signal, enforced by the client and by intake.

They say what is possible at all. Whether a creditor may signal is for the law (`risk/lawful.py`), and whether
an instant lies in the future is judged on receipt.
"""

from __future__ import annotations

import re

LONGEST_TEXT = 200
# Nobody owes a hundred million on a fixed bill; such an amount has the wrong unit.
LARGEST_AMOUNT_CENTS = 10_000_000_000
LARGEST_VERSION = 2**63 - 1
# A higher count of reminders is a mistake.
MOST_REMINDERS = 1000
# Days since 1970. 1990-01-01: earlier arrears have lapsed (Burgerlijk Wetboek 3:307 ff.)
EARLIEST_DAY = 7305
# 2099-12-31: a moment after it is a mistake or malice. It would outlast every retention, and no calendar
# knows a day of the year 10000.
LATEST_DAY = 47481
# A date of eviction or disconnection further ahead than this is a mistake.
LATEST_DAYS_AHEAD = 3653

# How long an address is marked as unsafe at most: whoever would have it longer decides it again.
LONGEST_MARK_DAYS = 182

# What `risk/identity.py` makes of an address.
HOUSEHOLD_KEY = re.compile(r"[0-9a-f]{32}")
BSN = re.compile(r"[0-9]{9}")
# Four digits, the first not 0, and two letters (PostNL); SA, SD and SS are never given out.
POSTCODE = re.compile(r"([1-9][0-9]{3})([A-Z]{2})")
NEVER_GIVEN_OUT = frozenset({"SA", "SD", "SS"})
NUMBER = re.compile(r"\s*0*([1-9][0-9]{0,4})(?![0-9])(.*)", re.DOTALL)
LONGEST_ADDITION = 8
SEPARATORS = re.compile(r"[\s\-./,]+")
LONGEST_FIELD = 32
