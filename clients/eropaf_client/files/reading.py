"""A file of whichever kind becomes signals."""

from __future__ import annotations

from pathlib import Path

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.csv_file import read_csv
from eropaf_client.files.ddas import read_ddas
from eropaf_client.files.filed import Filed


def _read_excel(path: Path) -> list[Filed]:
    from eropaf_client.files.excel import read_excel  # needs openpyxl, an extra of this library

    return read_excel(path)


READERS = {".csv": read_csv, ".json": read_ddas, ".xlsx": _read_excel}
# Of these the file says itself who signals, by the kind of creditor of each signal.
NAMES_ITS_CREDITORS = {".json"}

# A million signals as CSV are half of this.
LARGEST_FILE_BYTES = 256 * 1024 * 1024


def read_by_creditor(file: Path, creditor: str | None) -> dict[str, list[Filed]]:
    """Read every signal of `file`, by who signals: `creditor`, or each signal's own where that is None.

    Raises:
        FileRefused: it is of no kind that is read, too large, or something in it is wrong.
    """
    kind = file.suffix.lower()
    if kind not in READERS:
        raise FileRefused(str(file), [Problem("file", f"ends in none of {', '.join(READERS)}")])
    if file.stat().st_size > LARGEST_FILE_BYTES:
        most = LARGEST_FILE_BYTES // 1024**2
        raise FileRefused(str(file), [Problem("file", f"is larger than {most} MiB; send it in parts")])
    if creditor is None and kind not in NAMES_ITS_CREDITORS:
        raise FileRefused(str(file), [Problem("file", "does not say who signals; name the creditor")])
    signals = READERS[kind](file)
    if not signals:
        raise FileRefused(str(file), [Problem("file", "holds no signals")])
    found: dict[str, list[Filed]] = {}
    for filed in signals:
        name = creditor or filed.signal.partner_type.value.lower().replace("_", "-")
        found.setdefault(name, []).append(filed)
    return found
