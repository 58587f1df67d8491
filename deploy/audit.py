"""Check the lock files for known vulnerabilities: `python -m eropaf.deploy.audit LOCK…`.

Exits 0 if none is known, 1 if some are, 2 if no answer was available. The last answer is saved next to the
lock file with that file's digest, so that without a network its age can be shown and it is never mistaken for
a new one.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

AUDITED_WITHIN_S = 300
NONE_KNOWN, SOME_KNOWN, NOBODY_ASKED = 0, 1, 2


def audit_all(locks: Sequence[Path], today: date) -> int:
    """Check each lock file; once there is no answer, report only the age of the last answers for the rest."""
    statuses: list[int] = []
    for lock in locks:
        if NOBODY_ASKED in statuses:
            _say(f"{lock}: not asked either. {age(lock, today)}")
        else:
            statuses.append(audit(lock, today))
    # Known results come before unknown ones.
    return SOME_KNOWN if SOME_KNOWN in statuses else max(statuses, default=NONE_KNOWN)


def audit(lock: Path, today: date) -> int:
    """Check one lock file, and print the result."""
    command = [
        str(Path(sys.executable).parent / "pip-audit"), "--requirement", str(lock),
        "--require-hashes", "--disable-pip", "--strict", "--progress-spinner", "off", "--format", "json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=AUDITED_WITHIN_S)  # noqa: S603  # ours
    found = _answer(done.stdout)
    if found is None:
        _say(f"{lock}: nobody could be asked. {age(lock, today)}")
        return NOBODY_ASKED
    weak = [f"{each['name']} {each['version']}" for each in found if each.get("vulns")]
    noted = {"asked_on": today.isoformat(), "lock": digest(lock), "weak": weak}
    note(lock).write_text(json.dumps(noted, indent=1) + "\n", "utf-8")
    _say(f"{lock}: {len(found)} packages, {len(weak)} with known weaknesses {', '.join(weak)}".rstrip())
    return SOME_KNOWN if weak else NONE_KNOWN


def age(lock: Path, today: date) -> str:
    """Return the last answer's age, and whether it was for this exact file."""
    try:
        noted = json.loads(note(lock).read_text("utf-8"))
        days = (today - date.fromisoformat(noted["asked_on"])).days
    except (FileNotFoundError, ValueError, KeyError):
        return "No answer is noted"
    about = "this lock file" if noted.get("lock") == digest(lock) else "another state of this lock file"
    return f"The last answer is {days} days old, of {noted['asked_on']}, about {about}"


def note(lock: Path) -> Path:
    """Return the path of a lock file's last answer."""
    return lock.with_suffix(".audited.json")


def digest(lock: Path) -> str:
    """Return the lock file's SHA-256."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _answer(out: str) -> list[dict[str, object]] | None:
    try:
        answered = json.loads(out)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return answered if isinstance(answered, list) else None


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  # a command's own words


if __name__ == "__main__":
    sys.exit(audit_all([Path(each) for each in sys.argv[1:]], datetime.now(UTC).date()))
