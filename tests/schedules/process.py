"""What a process that runs thousands of schedules does once: be silent, and make nothing twice."""

from __future__ import annotations

import gc
import logging
from functools import cache

import structlog

from eropaf.risk.calendar import holidays_of
from eropaf_client.schemas import wire
from eropaf_client.schemas.bodies import Body
from eropaf_client.schemas.wire import Codec
from tests.schedules.run import plan

# A schedule leaves its world behind as a circle of tasks and promises; looking for it at every 700th object
# costs a tenth of the time.
LOOK_FOR_GARBAGE = 50_000


@cache
def prepare() -> None:
    """Prepare this process. What is forked from it is prepared too."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.ReturnLoggerFactory(),
        processors=[lambda logger, method, event: ""],
    )
    _share_bodies()
    plan()
    holidays_of(2000)  # imports their library
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOK_FOR_GARBAGE)


def _share_bodies() -> None:
    """Let each schema be parsed once in this process, and not by each worker that starts."""
    body_of, read_by = wire.body_of, Codec._body_of
    made: dict[object, tuple[Body, object]] = {}
    read: dict[object, tuple[Body, Body]] = {}

    def shared_body_of(schema: object, value: object = None) -> Body:
        key = (id(schema), value)
        if key not in made:
            made[key] = (body_of(schema, value), schema)  # type: ignore[arg-type]  # held, so that its id stays
        return made[key][0]

    def shared_read_by(codec: Codec[object], schema_id: int) -> Body:
        key = (id(codec._body), schema_id)
        if key not in read:
            read[key] = (read_by(codec, schema_id), codec._body)
        return read[key][0]

    wire.body_of = shared_body_of
    Codec._body_of = shared_read_by  # type: ignore[method-assign,assignment]
