"""Who a cluster is."""

from __future__ import annotations

import uuid

import pytest

from eropaf.deploy.embedded import identity

DASH = uuid.UUID("f8f8f8f8-f8f8-48f8-b8f8-f8f8f8f8f8f8")
PLAIN = uuid.UUID("08f8f8f8-f8f8-48f8-b8f8-f8f8f8f8f8f8")


def test_no_id_is_given_that_kafkas_tool_takes_for_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    assert identity.as_id(DASH).startswith("-")
    drawn = iter([DASH, DASH, PLAIN])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(drawn))

    assert identity.new_id() == identity.as_id(PLAIN)
