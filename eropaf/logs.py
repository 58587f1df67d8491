"""Logs: events with fields, one line each, on the error stream."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(log_format: str, worker: str | None = None, level: str = "info") -> None:
    """Write log lines of `level` and above as `console` or `json`; each names `worker` where given."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer()
            if log_format == "json"
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Faust's own lines tell of its inner life; ours tell of the flow.
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if worker is not None:
        structlog.contextvars.bind_contextvars(worker=worker)
