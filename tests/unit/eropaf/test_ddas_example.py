"""The published example of the national model: what goes in, what comes out, and the table between them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from eropaf.main import app
from eropaf.rank.formats import ADDED
from eropaf_client.files.ddas_exchange import from_json, to_json
from eropaf_client.files.ddas_terms import STATUSES
from tests.ddas_schema import faults

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
EXAMPLE = REFERENCE / "ddas-example.json"
RANKED = REFERENCE / "ddas-example-ranked.json"


def table() -> list[tuple[str, str, int | None]]:
    """Return municipality, signal and rank of each line of the page's table, in its order."""
    rows = [line.split("|")[1:-1] for line in (REFERENCE / "ddas.md").read_text("utf-8").splitlines()]
    cells = [[cell.strip() for cell in row] for row in rows if len(row) == 5]
    return [(code, name, int(rank) if rank else None) for code, name, _, _, rank in cells if code.isdigit()]


def signals(content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (delivery["gemeentecode"], signal)
        for delivery in content["leveringen"]
        for signal in delivery["vroegsignalen"]
    ]


def test_the_example_fits_the_model_with_every_status_and_three_municipalities() -> None:
    content = json.loads(EXAMPLE.read_text("utf-8"))

    assert faults(content) == []
    assert to_json(from_json(content)) == content
    assert {signal["status"] for _, signal in signals(content) if "status" in signal} == set(STATUSES)
    assert len({code for code, _ in signals(content)}) == 3


def test_each_signal_is_treated_as_the_table_says(tmp_path: Path) -> None:
    out = tmp_path / "ranked.json"

    result = CliRunner().invoke(app, ["rank", str(EXAMPLE), "--test-numbers", "--out", str(out)])

    assert result.exit_code == 0, result.output
    ranked = json.loads(out.read_text("utf-8"))
    assert [(code, signal["ID"], signal["rank"]) for code, signal in signals(ranked)] == table()
    # Where a policy changed: eropaf rank docs/reference/ddas-example.json --test-numbers --overwrite
    assert ranked == json.loads(RANKED.read_text("utf-8"))


def test_nothing_but_the_four_fields_is_changed() -> None:
    before, after = (json.loads(path.read_text("utf-8")) for path in (EXAMPLE, RANKED))

    for _, signal in signals(after):
        for name in ADDED:
            del signal[name]

    for one, other in zip(before["leveringen"], after["leveringen"], strict=True):
        one["vroegsignalen"].sort(key=lambda signal: signal["ID"])
        other["vroegsignalen"].sort(key=lambda signal: signal["ID"])
    assert after == before
