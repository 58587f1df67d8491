"""A creditor's table with one line that is right, and what a reader says is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files.csv_file import read_csv
from eropaf_client.files.excel import read_excel

NAMES = ("signal_id", "contract", "kind", "partner_type", "amount_eur", "reported_at", "version", "postcode",
         "house_number", "addition")  # fmt: skip
VALUES = ("S-1", "C-1", "REPORTED", "RENT", "900.00", "2026-03-02", "1", "1011 AB", "12", "")


def row(**values: str) -> list[str]:
    return [values.get(name, value) for name, value in zip(NAMES, VALUES, strict=True)]


def faults(path: Path) -> list[str]:
    with pytest.raises(FileRefused) as refused:
        (read_csv if path.suffix == ".csv" else read_excel)(path)
    return [str(problem) for problem in refused.value.problems]
