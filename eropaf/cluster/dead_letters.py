"""The dead letters of the configured cluster."""

from __future__ import annotations

from eropaf.agents.codecs import letters as codec_of
from eropaf.settings import Settings
from eropaf.streams.operate.letters import Letters


def open_letters(settings: Settings) -> Letters:
    """Return them, to be read and marked."""
    return Letters(settings.bootstrap, settings.kafka_client, codec_of(settings.registry()))
