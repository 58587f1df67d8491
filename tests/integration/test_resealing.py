"""The auditors' key is changed while workers write: explanations stay readable, and the old key can go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Producer
from pydantic import SecretStr

from eropaf.agents.sealing import CannotOpen, Sealer, new_keys, opened
from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.desk.resealing import Resealed, StillSealedToTheOld, reseal
from eropaf.risk.explanation import Explained
from eropaf.risk.household import fold
from eropaf.settings import Settings
from eropaf.streams.operate import rewriting
from eropaf.streams.operate.rewriting import Rewriting
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.reading import read_all
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import EXPLANATIONS
from eropaf_client.schemas.wire import Codec
from tests.builders import amsterdam_example, an_event
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

OLD_PUBLIC, OLD = new_keys()
NEW_PUBLIC, NEW = new_keys()
CODEC: Codec[dict[str, Any]] = Codec("Explanation", EXPLANATIONS, LocalRegistry())


class Topic:
    """The topic `explanations`, and a worker that writes it."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        flow = stages("eropaf", ["rent"], LocalRegistry())
        ensure(admin(bootstrap, {}), topics("eropaf", flow, 3))
        self._producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})

    def settings(self, private: str = OLD) -> Settings:
        return Settings(
            bootstrap=self.bootstrap, auditors_public_key=NEW_PUBLIC, auditors_private_key=SecretStr(private)
        )

    def put(self, household: str, sealed_to: str, sequence: int = 1) -> None:
        folded = fold(None, an_event(), amsterdam_example())
        assert folded.risk is not None
        assert folded.assessment is not None
        assert folded.row is not None
        risk = replace(folded.risk, household=household, sequence=sequence)
        explained = Explained(risk, folded.assessment, folded.row, amsterdam_example())
        self.put_raw(household, CODEC.encode(Sealer(sealed_to).seal(explained)))

    def put_raw(self, household: str, value: bytes | None) -> None:
        self._producer.produce(EXPLANATIONS, key=household.encode(), value=value)
        assert self._producer.flush(PATIENCE_S) == 0

    def standing(self) -> Mapping[str, dict[str, Any]]:
        """Return what stands under each key, as a reader finds it."""
        found: dict[str, dict[str, Any]] = {}
        for record in read_all(self.bootstrap, EXPLANATIONS):
            if record.value() is None:
                found.pop(record.key().decode(), None)
            else:
                found[record.key().decode()] = CODEC.decode(record.value())
        return found


@pytest.fixture
def topic(fresh: EmbeddedKafka) -> Topic:
    return Topic(fresh.bootstrap)


def household(number: int) -> str:
    return f"{number:032x}"


def test_after_it_the_new_key_opens_everything_and_the_old_one_nothing(topic: Topic) -> None:
    for number in range(40):
        topic.put(household(number), OLD_PUBLIC)
    topic.put(household(1), NEW_PUBLIC, sequence=2)
    topic.put_raw(household(2), None)
    before = {each: opened(value, [OLD, NEW]) for each, value in topic.standing().items()}

    done = reseal(topic.settings(), lambda anew: None)

    assert done == Resealed(anew=38, left=0)
    after = topic.standing()
    assert {each: opened(value, [NEW]) for each, value in after.items()} == before
    assert after[household(1)]["sequence"] == 2
    for value in after.values():
        with pytest.raises(CannotOpen):
            opened(value, [OLD])
    assert reseal(topic.settings(), lambda anew: None) == Resealed(anew=0, left=0)


@pytest.mark.parametrize("forgotten", [True, False])
def test_what_is_written_meanwhile_is_not_overwritten(
    topic: Topic, monkeypatch: pytest.MonkeyPatch, forgotten: bool
) -> None:
    for number in range(10):
        topic.put(household(number), OLD_PUBLIC)
    looked = Rewriting.look

    def and_then_somebody_writes(self: Rewriting, stale: Callable[[bytes], bool]) -> Any:
        found = looked(self, stale)
        if forgotten:
            topic.put_raw(household(3), None)
        else:
            topic.put(household(3), NEW_PUBLIC, sequence=7)
        return found

    monkeypatch.setattr(Rewriting, "look", and_then_somebody_writes)

    done = reseal(topic.settings(), lambda anew: None)

    after = topic.standing()
    assert done.anew == 9
    assert (household(3) in after) is not forgotten
    assert forgotten or after[household(3)]["sequence"] == 7


def test_in_portions_it_goes_on_where_it_was_cut_off(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "REWRITTEN_AT_ONCE", 2)
    for number in range(12):
        topic.put(household(number), OLD_PUBLIC)

    def cut_off(anew: int) -> None:
        if anew >= 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reseal(topic.settings(), cut_off)
    done = reseal(topic.settings(), lambda anew: None)

    assert 0 < done.anew <= 7
    assert all(opened(value, [NEW]) for value in topic.standing().values())


def test_a_worker_with_the_old_key_is_told_of(topic: Topic) -> None:
    topic.put(household(1), OLD_PUBLIC)

    with pytest.raises(StillSealedToTheOld, match="EROPAF_AUDITORS_PUBLIC_KEY"):
        reseal(topic.settings(), lambda anew: topic.put(household(1), OLD_PUBLIC, sequence=2))


def test_what_no_key_opens_is_left_and_counted(topic: Topic) -> None:
    stranger, _ = new_keys()
    topic.put(household(1), stranger)
    topic.put_raw(household(2), b"x")
    topic.put(household(3), OLD_PUBLIC)

    assert reseal(topic.settings(), lambda anew: None) == Resealed(anew=1, left=2)


def test_both_keys_open_while_they_change(topic: Topic) -> None:
    topic.put(household(1), OLD_PUBLIC)
    topic.put(household(2), NEW_PUBLIC)
    both = topic.settings(f"{NEW},{OLD}").auditors_private_keys

    assert all(opened(value, both) for value in topic.standing().values())
