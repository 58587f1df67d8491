from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from eropaf_client.schemas.errors import RegistryUnavailable, SchemaUnknown
from eropaf_client.schemas.http_registry import HttpRegistry
from tests.chaos.registry_front import WRONG, Answer, RegistryFront

UNKNOWN = Answer(404, "application/json", b'{"error_code": 40403, "message": "Schema not found"}')


@pytest.fixture
def behind() -> Iterator[RegistryFront]:
    """Stands where the registry is, and knows no schema."""
    registry = RegistryFront("http://127.0.0.1:1")
    registry.wrong = (UNKNOWN,)
    yield registry
    registry.close()


@pytest.fixture
def front(behind: RegistryFront) -> Iterator[RegistryFront]:
    front = RegistryFront(behind.url)
    yield front
    front.close()


def test_what_the_registry_says_is_passed_on(front: RegistryFront) -> None:
    with HttpRegistry(front.url) as registry, pytest.raises(SchemaUnknown):
        registry.writer(7)


@pytest.mark.parametrize("answer", WRONG, ids=lambda answer: f"{answer.status} {answer.content_type}")
def test_no_wrong_answer_counts_as_a_schema_that_is_unknown(front: RegistryFront, answer: Answer) -> None:
    front.wrong = (answer,)

    with HttpRegistry(front.url) as registry, pytest.raises(RegistryUnavailable):
        registry.writer(7)


def test_an_answer_takes_its_time(front: RegistryFront) -> None:
    front.delay_s = 0.3
    began = time.monotonic()

    with HttpRegistry(front.url) as registry, pytest.raises(SchemaUnknown):
        registry.writer(7)

    assert time.monotonic() - began >= 0.3


def test_it_is_away_where_the_registry_is(front: RegistryFront, behind: RegistryFront) -> None:
    behind.close()

    with HttpRegistry(front.url) as registry, pytest.raises(RegistryUnavailable):
        registry.writer(7)
