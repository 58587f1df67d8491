"""When a worker ends itself, and what the others have ready when one is gone."""

from __future__ import annotations

from pydantic import Field, NonNegativeInt, PositiveFloat
from pydantic_settings import BaseSettings


class TakingOver(BaseSettings):
    """The settings of workers that stand still or are lost."""

    standbys: NonNegativeInt = Field(
        1,
        description="Hosts that may be lost at once while others hold their rows ready in memory; 0: none. "
        "Hosts are told apart by EROPAF_WORKER_NAME.",
    )
    progress_within_s: PositiveFloat = Field(
        60.0, description="Seconds; a worker that processes nothing while records wait ends itself."
    )
    restore_moves_within_s: PositiveFloat = Field(
        60.0, description="Seconds; a worker that gets no row back while it restores ends itself."
    )
    saved_within_s: PositiveFloat = Field(
        60.0, description="Seconds; a worker that saves nothing while something is unsaved ends itself."
    )
    queue_moves_within_s: PositiveFloat = Field(
        30.0, description="Seconds; a worker whose full producer queue takes nothing ends itself."
    )
