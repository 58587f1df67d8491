"""Reads a file of any supported kind into signals, by creditor."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Protocol, Union

from eropaf_client.errors import ClientError, FileRefused, Problem
from eropaf_client.files.columns import whole
from eropaf_client.files.csv_file import CsvFile
from eropaf_client.files.ddas import NEW, DdasFile
from eropaf_client.files.ddas_terms import STATUSES
from eropaf_client.files.filed import NOTHING_ASKED, Asked, Filed
from eropaf_client.files.understood import counted

# A million signals as CSV take half of this. They are read from disk twice, and not kept in memory.
LARGEST_CSV_BYTES = 256 * 1024 * 1024
# Some 150,000 signals, three times a page of the exchange. All of it is kept in memory.
LARGEST_FILE_BYTES = 64 * 1024 * 1024


class Signals(Protocol):
    """One creditor's signals in a file; can be iterated repeatedly."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Filed]: ...


@dataclass(frozen=True)
class Delivered:
    """A file's content: signals by creditor, and sentences on how it was read and what was left out."""

    by_creditor: Mapping[str, Signals]
    understood: str
    left: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """What a person must know about how the file was read, in sentences."""
        return (f"read as {self.understood}", *self.left)


Reader = Callable[[Path, Union[str, None], Asked], Delivered]


def read_by_creditor(
    file: Path, creditor: str | None, asked: Asked = NOTHING_ASKED, kind: str | None = None
) -> Delivered:
    """Read the signals of `file` by creditor: `creditor`, or each signal's own if that is None.

    `kind` is `.csv`, `.json` or `.xlsx` for a file whose name does not end in it.

    Raises:
        FileRefused: its kind is unknown, it is too large, or it has faults.
        FileNotFoundError: it does not exist.
    """
    try:
        found = _read(file, kind or file.suffix.lower(), creditor, asked)
    except (ClientError, FileNotFoundError):
        raise
    except OSError as error:
        raise FileRefused(str(file), [Problem("file", f"cannot be read ({error.strerror})")]) from None
    except (
        Exception
    ) as error:  # a hostile file can make the reader raise anything; the message may identify somebody
        said = f"cannot be read ({type(error).__name__})"
        raise FileRefused(str(file), [Problem("file", said)]) from None
    if not found.by_creditor:
        left = "".join(f"; {sentence}" for sentence in found.left)
        raise FileRefused(str(file), [Problem("file", f"holds no signals to publish{left}")])
    return found


def refuse_larger(file: Path, most_bytes: int) -> None:
    """Refuse a larger file without reading it.

    Raises:
        FileRefused: it is.
    """
    if file.stat().st_size > most_bytes:
        said = f"is larger than {most_bytes // 1024**2} MiB; send it in parts"
        raise FileRefused(str(file), [Problem("file", said)])


def _read(file: Path, kind: str, creditor: str | None, asked: Asked) -> Delivered:
    if kind not in READERS:
        raise FileRefused(
            str(file), [Problem("file", f"must end in one of {', '.join(READERS)}; save it as one")]
        )
    refuse_larger(file, LARGEST_CSV_BYTES if kind == ".csv" else LARGEST_FILE_BYTES)
    if creditor is None and kind != ".json":
        raise FileRefused(str(file), [Problem("file", "does not say who signals; name the creditor")])
    return READERS[kind](file, creditor, asked)


class _OnDisk:
    """The signals of a valid CSV file, read again on each iteration: a large one need not fit in memory."""

    def __init__(self, path: Path, asked: Asked) -> None:
        self.file = CsvFile(path, asked)
        self._path = path
        self._state = _state(path)
        self._count = sum(1 for _ in whole(path, self.file))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Filed]:
        if _state(self._path) != self._state:
            raise FileRefused(
                str(self._path), [Problem("file", "changed while it was being read; try again")]
            )
        return whole(self._path, self.file)


def _state(path: Path) -> tuple[int, int, int]:
    stat = os.stat(path)
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _read_csv(path: Path, creditor: str | None, asked: Asked) -> Delivered:
    signals = _OnDisk(path, asked)
    return Delivered({creditor: signals} if creditor and len(signals) else {}, signals.file.understood)


def _read_excel(path: Path, creditor: str | None, asked: Asked) -> Delivered:
    try:
        from eropaf_client.files.excel import ExcelFile
    except ImportError:
        said = "needs `pip install eropaf-client[excel]`; or save it as CSV"
        raise FileRefused(str(path), [Problem("file", said)]) from None

    file = ExcelFile(path, asked)
    signals = [*whole(path, file)]
    return Delivered({creditor: signals} if creditor and signals else {}, file.understood)


def _read_ddas(path: Path, creditor: str | None, asked: Asked) -> Delivered:
    """Return the new signals of one municipality; those with an outcome are the municipality's own."""
    file = DdasFile(path, asked)
    if file.problems:
        raise FileRefused(str(path), [*file.problems])
    ours = asked.municipality() if callable(asked.municipality) else asked.municipality
    codes = {delivery.municipality for delivery in file.deliveries if delivery.signals}
    if ours is None and len(codes) > 1:
        said = (
            f"is for several municipalities ({', '.join(sorted(codes))}); say which is yours: --municipality "
            "or the policy's"
        )
        raise FileRefused(str(path), [Problem("file", said)])
    found: dict[str, list[Filed]] = {}
    left: Counter[str] = Counter()
    for delivery in file.deliveries:
        for each in delivery.signals:
            if ours not in (None, delivery.municipality):
                left[f"of municipality {delivery.municipality}"] += 1
            elif each.status != NEW:
                left[f"with status {_THEIRS[each.status]}"] += 1
            else:
                name = creditor or each.signal.partner_type.value.lower().replace("_", "-")
                found.setdefault(name, []).append(Filed(each.place, each.signal))
    sentences = tuple(f"left out {counted(count, 'signal')} {what}" for what, count in left.items())
    return Delivered(found, file.understood, sentences)


_THEIRS = {ours: theirs for theirs, ours in STATUSES.items()}
READERS: dict[str, Reader] = {
    ".csv": _read_csv,
    ".json": _read_ddas,
    ".xlsx": _read_excel,
}
