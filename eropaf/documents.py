"""Writes into the municipality's documents what the policy, the schemas and the topics say.

`python -m eropaf.documents` (`make documents`) fills each block between `<!-- generated: NAME -->` and
`<!-- end -->` in docs/explanation; the words around the blocks are people's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agents.topology import records_by_topic, stages, topics
from eropaf.settings import policy_text
from risk.lawful import DUTIES
from risk.outcomes import RESULTS
from risk.policy_file import PolicyFile
from schemas import catalogue
from schemas.registry import LocalRegistry
from streams.topics import DAY_MS

FOLDER = Path(__file__).parents[1] / "docs" / "explanation"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
POLICY = PolicyFile.parse(policy_text("amsterdam-example"))

HEARS = {
    "PAUSE": "to wait with collection",
    "RESUME": "that collection may go on",
    "NO_WORD": "nothing of collection",
}


def filled(text: str) -> str:
    """Give `text` with every block as it must be now."""
    return BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]]()}\n{found[3]}", text)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _numbers(part: BaseModel) -> str:
    fields = type(part).model_fields
    values = part.model_dump()
    rows = [(f"`{name}`", _value(values[name]), field.description) for name, field in fields.items()]
    return _table(("name", "value", "meaning"), rows)


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return f"{len(value)} days" if value else "none"
    return str(value)


def _partners() -> str:
    rows = []
    for name, partner in POLICY.partners.items():
        days = f"{partner.from_days} days" + (f" to {partner.to_days}" if partner.to_days else "")
        minimum = partner.minimum_amount_eur
        amount = POLICY.minimum_amount_eur if minimum is None else minimum
        rows.append((f"`{name}`", partner.basis, days, f"EUR {amount}", partner.points_per_month))
    return _table(("kind of creditor", "ground", "arrears of", "from", "points a month"), rows)


def _duties() -> str:
    rows = [(f"`{duty.reason}`", ", ".join(sorted(duty.partner_types)), duty.source) for duty in DUTIES]
    return _table(("refused when", "asked of", "source"), rows)


def _bands() -> str:
    rows = [(name, threshold.enter, threshold.leave) for name, threshold in POLICY.bands.items()]
    return _table(("band", "entered at (points)", "left below"), rows)


def _nearness() -> str:
    rows = [(f"{step.within_days} days or fewer", step.points) for step in POLICY.nearness]
    return _table(("to the date", "points"), rows)


def _results() -> str:
    rows = []
    for name, meaning in RESULTS.items():
        result = POLICY.results[name]
        rows.append(
            (
                f"`{name}`",
                result.quiet_days,
                result.retention_days,
                f"`{meaning.status}`",
                HEARS[meaning.collection],
            )
        )
    head = ("result", "quiet (days)", "forgotten after (days)", "status that creditors hear", "and")
    return _table(head, rows)


def _topics() -> str:
    flow = stages("eropaf", ["<creditor>"], LocalRegistry())
    records = records_by_topic("eropaf", flow)
    rows = []
    for topic in topics("eropaf", flow, 1):
        retention = topic.config.get("retention.ms")
        kept = "the latest of each key" if retention is None else f"{int(retention) // DAY_MS} days"
        held = ", ".join(f"`{name}`" for name in _personal(records[topic.name])) or "nothing"
        rows.append((f"`{topic.name}`", records[topic.name], kept, held))
    return _table(("topic", "record", "kept", "what in it, beside its key, can lead to a household"), rows)


# Fields that say, or lead to, who or where somebody is.
PERSONAL = {"address", "resident", "household", "contract", "bsn", "key", "value", "sealed"}


def _personal(record: str) -> list[str]:
    fields: list[dict[str, Any]] = catalogue.plain(catalogue.latest(record))["fields"]
    return [field["name"] for field in fields if field["name"] in PERSONAL]


def _fields(record: str) -> str:
    fields: list[dict[str, Any]] = catalogue.plain(catalogue.latest(record))["fields"]
    return _table(("field", "meaning"), [(f"`{field['name']}`", field["doc"]) for field in fields])


BLOCKS: dict[str, Callable[[], str]] = {
    "policy-version": lambda: f"Policy: `{POLICY.version}`.",
    "partners": _partners,
    "duties": _duties,
    "weights": lambda: _numbers(POLICY.weights),
    "nearness": _nearness,
    "bands": _bands,
    "deadlines": lambda: _numbers(POLICY.deadlines),
    "results": _results,
    "retention": lambda: _numbers(POLICY.retention),
    "topics": _topics,
    "signal-fields": lambda: _fields("ArrearsSignal"),
    "update-fields": lambda: _fields("PriorityUpdate"),
    "feedback-fields": lambda: _fields("CreditorFeedback"),
}


def main() -> None:
    """Fill every document."""
    for page in sorted(FOLDER.glob("*.md")):
        text = page.read_text("utf-8")
        now = filled(text)
        if now != text:
            page.write_text(now, encoding="utf-8")
            sys.stdout.write(f"{page.name} written\n")


if __name__ == "__main__":
    main()
