"""Ask whether what is in the lock files has known weaknesses: `python -m eropaf.deploy.audit LOCK…`.

Exits 0 where none is known, 1 where some are, 2 where nobody could be asked. What was answered last is noted
beside the lock file, with the file's own digest: so that without a network the age of that answer can be
told, and is never taken for a new one.
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
    """Ask about each lock file; once nobody answers, say of the rest only how old their answers are."""
    statuses: list[int] = []
    for lock in locks:
        if NOBODY_ASKED in statuses:
            _say(f"{lock}: not asked either. {age(lock, today)}")
        else:
            statuses.append(audit(lock, today))
    # What is known goes before what is not.
    return SOME_KNOWN if SOME_KNOWN in statuses else max(statuses, default=NONE_KNOWN)


def audit(lock: Path, today: date) -> int:
    """Ask about one lock file, and say what came of it."""
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
    """Return how old the last answer is, and whether it was about this very file."""
    try:
        noted = json.loads(note(lock).read_text("utf-8"))
        days = (today - date.fromisoformat(noted["asked_on"])).days
    except (FileNotFoundError, ValueError, KeyError):
        return "No answer is noted"
    about = "this lock file" if noted.get("lock") == digest(lock) else "another state of this lock file"
    return f"The last answer is {days} days old, of {noted['asked_on']}, about {about}"


def note(lock: Path) -> Path:
    """Return where the last answer about a lock file is noted."""
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
