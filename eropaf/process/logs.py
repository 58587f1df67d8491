"""Logs: events with fields, one line each, on standard error."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(log_format: str, worker: str | None = None, level: str = "info") -> None:
    """Write log lines of `level` and above as `console` or `json`; each names `worker` if given."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            structlog.processors.JSONRenderer()
            if log_format == "json"
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Faust's own lines tell of its inner life; ours tell of the flow.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
    if worker is not None:
        structlog.contextvars.bind_contextvars(worker=worker)


def where(error: BaseException) -> str:
    """Return an exception's type, where it was raised, and its cause: everything but the message.

    Messages may hold an address, a password's hash, a whole record: whatever a library put there.
    """
    frames = "".join(
        f"\n  {frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    caused = "" if before is None else f"\nafter {where(before)}"
    return f"{type(error).__module__}.{type(error).__qualname__}{frames}{caused}"


class _Formatter(logging.Formatter):
    """Formats other libraries' lines, with an exception's type and place but not its message."""

    def formatException(self, ei: ExcInfo) -> str:  # logging's own name
        return where(ei[1]) if ei[1] is not None else ""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # one that another handler made has the words
        said = super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:  # asyncio shows the exception in the line too
            for words in (repr(error), str(error)):
                said = said.replace(words, type(error).__name__) if words else said
        return said


def _without_words(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = where(error)
    return event
