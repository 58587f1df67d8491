"""Writes into the municipality's documents what the policy, the schemas and the topics say.

`eropaf documents` (`make documents`) fills each block between `<!-- generated: NAME -->` and
`<!-- end -->` in docs/explanation; the words around the blocks are people's. With a policy and a folder
(`make documents POLICY=… OUT=…`) it writes a municipality's own there, which the next time gets the blocks
that are new since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from eropaf.agents.topology import QUESTIONS_DAYS, SLIPS_DAYS, records_by_topic, stages, topics
from eropaf.risk.bsn import GROUNDS as BSN_GROUNDS
from eropaf.risk.lawful import DUTIES
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.policy_file import Partner, PolicyFile
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.epoch import DAY_MS
from eropaf_client.schemas.registry import LocalRegistry

FOLDER = Path(__file__).parents[2] / "docs" / "explanation"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
# In a page of one's own, where a block of ours is not wanted.
WITHOUT = "<!-- without: {} -->"
SHIPPED = "amsterdam-example"

HEARS = {
    "PAUSE": "to wait with collection",
    "RESUME": "that collection may go on",
    "NO_WORD": "nothing of collection",
}


def filled(text: str, policy: PolicyFile) -> str:
    """Return `text` with every block as it must be now, under `policy`. One that we do not know stays."""

    def block(found: re.Match[str]) -> str:
        made = BLOCKS.get(found[2])
        return found[0] if made is None else f"{found[1]}{made(policy)}\n{found[3]}"

    return BLOCK.sub(block, text)


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
    return str(value)


def _partners(policy: PolicyFile) -> str:
    rows = []
    for name, partner in policy.partners.items():
        days = f"{partner.from_days} days" if partner.from_days else "any"
        days += f" to {partner.to_days}" if partner.to_days else ""
        minimum = partner.minimum_amount_eur
        amount = "" if minimum is None else f"EUR {minimum}"
        rows.append(
            (
                f"`{name}`", *_ground(partner), BSN_GROUNDS.get(name, "no"), days, amount,
                partner.valid_days, partner.points_per_month,
            )
        )  # fmt: skip
    head = (
        "kind of creditor", "ground", "until", "municipalities", "BSN taken", "days of arrears", "from",
        "counts for (days)", "points a month",
    )  # fmt: skip
    together = (
        "all that stands at an address together" if policy.minimum_is_of == "household" else "each signal"
    )
    return (
        _table(head, rows)
        + f"\n\nBeside that, {together} must be EUR {policy.minimum_amount_eur} or more, unless something "
        "threatens or the resident wants help."
    )


def _ground(partner: Partner) -> tuple[str, str, str]:
    if partner.basis is None or not partner.accepted:
        return "none: refused until the municipality names one", "", ""
    until = "no end is known" if partner.basis_until is None else str(partner.basis_until)
    return partner.basis, until, ", ".join(partner.municipalities) or "all"


def _duties() -> str:
    rows = []
    for duty in DUTIES:
        by_source: dict[str, list[str]] = {}
        for kind, source in duty.sources.items():
            by_source.setdefault(source, []).append(kind)
        rows += [(f"`{duty.reason}`", ", ".join(kinds), source) for source, kinds in by_source.items()]
    return _table(("refused when", "asked of", "source"), rows)


def _bands(policy: PolicyFile) -> str:
    rows = [
        (
            name,
            "any accepted signal" if band.enter is None else band.enter,
            band.leave or "-",
            f"`{band.action}`",
        )
        for name, band in policy.bands.items()
    ]
    return _table(("band", "entered at (points)", "left below", "help is first offered by"), rows)


def _nearness(policy: PolicyFile) -> str:
    rows = [(f"{step.within_days} days or fewer", step.points) for step in policy.nearness]
    return _table(("to the date", "points"), rows)


def _results(policy: PolicyFile) -> str:
    rows = []
    for name, meaning in RESULTS.items():
        result = policy.results[name]
        rows.append(
            (
                f"`{name}`",
                "until a newer signal" if result.quiet_days is None else result.quiet_days,
                result.retention_days,
                f"`{meaning.status}`",
                HEARS[meaning.collection],
            )
        )
    head = ("result", "quiet (days)", "forgotten after (days)", "status that creditors hear", "and")
    return _table(head, rows)


def _topics(policy: PolicyFile) -> str:
    flow = stages("eropaf", ["<creditor>"], LocalRegistry())
    records = records_by_topic("eropaf", flow)
    rows = []
    personal = PERSONAL | ({"minor_children"} if policy.minor_children else set())
    for topic in topics("eropaf", flow, 1):
        kept = _kept(topic.config.get("retention.ms"))
        held = ", ".join(f"`{name}`" for name in _among(personal, records[topic.name])) or "nothing"
        rows.append((f"`{topic.name}`", records[topic.name], kept, held))
    return _table(("topic", "record", "kept", "what in it, beside its key, can lead to a household"), rows)


def _kept(retention_ms: str | None) -> str:
    if retention_ms is None:
        return "the latest of each key"
    return "for ever" if int(retention_ms) < 0 else f"{int(retention_ms) // DAY_MS} days"


# Fields that say, or lead to, who or where somebody is.
PERSONAL = {"address", "resident", "household", "contract", "bsn", "key", "value", "sealed"}


def _among(wanted: set[str], record: str) -> list[str]:
    fields: list[dict[str, Any]] = catalogue.plain(catalogue.latest(record))["fields"]
    return [field["name"] for field in fields if field["name"] in wanted]


def _minor_children(policy: PolicyFile) -> str:
    counted = policy.minor_children
    if counted is None:
        return "Nothing of the persons at the address is looked at: neither age nor family."
    return (
        "Of the persons at the address one thing is looked at: whether minor children live there. It gives "
        f"{counted.points} points, once, where there are arrears that count. Ground: {counted.legal_basis}. "
        "It comes from the municipality's register alone; no creditor can send it, and no update holds it. "
        "Of the children nothing is known: no number, name or age. It is kept as long as the register says "
        "so, also for an address without arrears, and goes at once with an objection, with erasure, or "
        "under a policy that does not count it."
    )


def _contact_slips(policy: PolicyFile) -> str:
    taken = policy.contact_slips
    if taken is None:
        return "No name, telephone number or e-mail address is taken in."
    return (
        "Creditors may leave a name, a telephone number and an e-mail address beside a signal, sealed so "
        f"that the desk alone opens them. Ground: {taken.legal_basis}. Whoever has claimed the household "
        "is shown them, by the desk, with a trace and without the creditor's name; nothing of them is in any "
        "rule, list, letter or explanation. They go when the arrears end, by objection, erasure and "
        f"retention too, and {SLIPS_DAYS} days after they were given last at the latest."
    )


def _still_open(policy: PolicyFile) -> str:
    asked = policy.still_open
    if asked is None:
        return "No creditor is asked before a visit, and none is told of one."
    return (
        "Once somebody takes a household, each creditor whose arrears count is asked whether they still "
        f"stand, once in a quarter of a day at most. Ground: {asked.legal_basis}. A question names the "
        "creditor's own contract and signal, and nothing of the resident, the worker or the visit; but it "
        f"says that somebody is about to ring or visit. It is kept for {QUESTIONS_DAYS} day. The answer is "
        "an ordinary signal. Whoever holds the household is told that arrears were paid, arranged or too "
        "little, and no more."
    )


def _fields(record: str) -> str:
    fields: list[dict[str, Any]] = catalogue.plain(catalogue.latest(record))["fields"]
    return _table(("field", "meaning"), [(f"`{field['name']}`", field["doc"]) for field in fields])


BLOCKS: dict[str, Callable[[PolicyFile], str]] = {
    "policy-version": lambda policy: f"Policy: `{policy.version}`.",
    "partners": _partners,
    "duties": lambda _: _duties(),
    "weights": lambda policy: _numbers(policy.weights),
    "nearness": _nearness,
    "minor-children": _minor_children,
    "contact-slips": _contact_slips,
    "still-open": _still_open,
    "bands": _bands,
    "deadlines": lambda policy: _numbers(policy.deadlines),
    "results": _results,
    "retention": lambda policy: _numbers(policy.retention),
    "topics": _topics,
    "signal-fields": lambda _: _fields("ArrearsSignal"),
    "update-fields": lambda _: _fields("PriorityUpdate"),
    "feedback-fields": lambda _: _fields("CreditorFeedback"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A page that was written, and the blocks that it did not have before."""

    page: Path
    added: tuple[str, ...]


def write(policy: PolicyFile, folder: Path) -> list[Written]:
    """Write every document, filled under `policy`, into `folder`; return those that changed.

    In an existing page only the blocks change, and what ours has since comes in: what people
    wrote around them is theirs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for page in sorted(FOLDER.glob("*.md")):
        text, target = page.read_text("utf-8"), folder / page.name
        if not BLOCK.search(text):
            continue
        held = target.read_text("utf-8") if target.exists() else None
        merged, added = (text, ()) if held is None else with_new_blocks(held, text)
        now = filled(merged, policy)
        if now != held:
            target.write_text(now, encoding="utf-8")
            written.append(Written(target, added))
    return written


def with_new_blocks(held: str, ours: str) -> tuple[str, tuple[str, ...]]:
    """Return `held` with each block of `ours` that it lacks, and the names of these.

    A block comes with the section that it stands in, behind the block that it follows, or at the end. What
    a page says it does without stays out.
    """
    there = {found[2] for found in BLOCK.finditer(held)}
    added: list[str] = []
    before, read_until = None, 0
    for found in BLOCK.finditer(ours):
        name = found[2]
        if name not in there:
            if WITHOUT.format(name) in held:
                continue
            section = ours[read_until : found.end()]
            section = section[max(section.rfind("\n#"), 0) :].strip()
            at = next((each.end() for each in BLOCK.finditer(held) if each[2] == before), len(held))
            held = f"{held[:at].rstrip()}\n\n{section}\n{held[at:]}"
            added.append(name)
        before, read_until = name, found.end()
    return held, tuple(added)
