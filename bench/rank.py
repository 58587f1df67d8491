"""`eropaf rank` on a month of signals in one file: CSV, DDAS and Excel; seconds, and those of the processor.

    python -m bench.rank [SIGNALS]

SIGNALS are 100,000 unless told. Writes bench/RANK.md.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from bench.results import setting
from eropaf.simulate.calibration import AMSTERDAM
from eropaf.simulate.month import month
from eropaf_client.files.ddas_exchange import Client, Delivery, ExchangedSignal, ExchangeFile, to_json
from eropaf_client.records import ArrearsSignal

SIGNALS = 100_000
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
REPORT = Path(__file__).parent / "RANK.md"
COLUMNS = (
    "signal_id", "contract", "kind", "partner_type", "amount_eur", "monthly_bill_eur", "reported_at",
    "version", "postcode", "house_number", "addition",
)  # fmt: skip

Cell = str | float | None


def main(count: int) -> int:
    """Measure and report."""
    # A city with many signals, so that it need not be large.
    days = month(count, FIRST, 1, replace(AMSTERDAM, signals_per_household=0.8))
    # In a file nothing stands twice.
    sent = {each.signal.signal_id: each.signal for day in days for wave in day.waves for each in wave}
    signals = list(islice(sent.values(), count))
    lines = []
    with TemporaryDirectory() as folder:
        for name, write in FILES.items():
            file = Path(folder) / name
            write(file, signals)
            wall_s, cpu_s = _ranked(file, len(signals))
            size = file.stat().st_size / 1024**2
            lines.append(f"| {file.suffix[1:]} | {size:.1f} | {wall_s:.1f} | {cpu_s:.1f} |")
            sys.stdout.write(lines[-1] + "\n")
    where = "; ".join(f"{name} {value}" for name, value in setting().items())
    REPORT.write_text(
        f"# A file in, the same file back ranked\n\n`make bench-rank`: {where}.\n\n"
        f"`eropaf rank` on {len(signals):,} signals, from its start to its end.\n\n"
        "| file | MiB | seconds | of the processor |\n|---|---|---|---|\n" + "\n".join(lines) + "\n",
        "utf-8",
    )
    return 0


def _ranked(file: Path, count: int) -> tuple[float, float]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "eropaf.main", "rank", str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if f"{count} signals under" not in said or "faults" in said:
        raise SystemExit(f"{file.name} was not taken whole:\n{said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - started, cpu_s


def _row(signal: ArrearsSignal) -> list[Cell]:
    at, bill = signal.resident, signal.monthly_bill_cents
    return [
        signal.signal_id, signal.contract, signal.kind.value, signal.partner_type.value,
        signal.amount_cents / 100, None if bill is None else bill / 100, signal.reported_at.isoformat(),
        signal.version, at.postcode, at.house_number, at.addition,
    ]  # fmt: skip


def _csv(file: Path, signals: list[ArrearsSignal]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = [[f"{cell:.2f}" if isinstance(cell, float) else cell for cell in _row(one)] for one in signals]
        csv.writer(opened).writerows([COLUMNS, *rows])


def _excel(file: Path, signals: list[ArrearsSignal]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS)
    for signal in signals:
        sheet.append(_row(signal))
    book.save(file)


def _ddas(file: Path, signals: list[ArrearsSignal]) -> None:
    exchanged = tuple(
        ExchangedSignal(
            f"{number}",
            signal.partner_type,
            Client(None, signal.resident.postcode, signal.resident.house_number, signal.resident.addition),
            signal.crisis is not None,
            signal.handover_wish,
            signal.amount_cents // 100,
            signal.arrears_since,
            signal.reported_at.date(),
            "NOT_YET_PICKED_UP",
        )
        for number, signal in enumerate(signals)
    )
    delivery = Delivery(1, "0363", "Gemeente Voorbeeld", signals=exchanged)
    delivered = ExchangeFile("EROPAF", FIRST, LAST, datetime(2026, 4, 1, tzinfo=UTC), (delivery,))
    file.write_text(json.dumps(to_json(delivered)), "utf-8")


FILES: dict[str, Callable[[Path, list[ArrearsSignal]], None]] = {
    "month.csv": _csv,
    "month.json": _ddas,
    "month.xlsx": _excel,
}

if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNALS))
