"""Exit statuses that a timer or a program may act upon, beside 0 (done), 1 (failed) and 2 (asked wrongly)."""

from __future__ import annotations

# Asked and answered: it is not as it must be. systemctl says 3 of what does not run.
NOT_AS_IT_MUST_BE = 3
