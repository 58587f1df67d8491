"""The group coordinator: members and their epochs under both protocols, and the group's offsets.

`consumer` (KIP-848): the coordinator assigns, by range; a member that must give something up keeps its epoch
until it has done so. `classic`: every change takes everything from everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from confluent_kafka import KafkaError

from eropaf.streams.topic_partition import TP
from tests.model.transactions import Refusal
from tests.model.world import World


@dataclass(slots=True)
class Member:
    """One member, as the coordinator sees it."""

    name: str
    client: str
    topics: tuple[str, ...]
    session_s: float
    epoch: int = 0
    previous: int = 0
    """The epoch before: who has not heard of the newest yet says this one."""
    assigned: set[TP] = field(default_factory=set)
    """What it was told it has; it may still hold more."""
    owned: set[TP] = field(default_factory=set)
    """What it said it holds, or may hold."""
    told: int = 0
    """Number of the last answer: what a member says before it has heard it is old."""
    heard_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a heartbeat is answered: the epoch, and what the member is to hold."""

    epoch: int
    partitions: frozenset[TP]
    number: int


def by_range(members: Iterable[Member], partitions: Mapping[str, int]) -> dict[str, set[TP]]:
    """Return what each member gets: of every topic a run of partitions, the same numbers of all topics."""
    given: dict[str, set[TP]] = {}
    ordered = sorted(members, key=lambda member: member.name)
    for member in ordered:
        given[member.name] = set()
    for topic, count in partitions.items():
        subscribed = [member for member in ordered if topic in member.topics]
        for place, member in enumerate(subscribed):
            each, over = divmod(count, len(subscribed))
            first = place * each + min(place, over)
            numbers = range(first, first + each + (place < over))
            given[member.name] |= {TP(topic, number) for number in numbers}
    return given


class Group:
    """One group."""

    def __init__(self, world: World, partitions: Mapping[str, int], protocol: str) -> None:
        self.offsets: dict[TP, int] = {}
        self.said: dict[TP, str] = {}
        """What was noted beside an offset."""
        self.pending: dict[int, dict[TP, int]] = {}
        """Offsets in open transactions, by producer."""
        self.members: dict[str, Member] = {}
        self._world = world
        self._partitions = partitions
        self._classic = protocol == "classic"
        self._epoch = 0
        self._target: dict[str, set[TP]] = {}

    def heartbeat(
        self,
        name: str,
        client: str,
        epoch: int,
        topics: tuple[str, ...],
        session_s: float,
        owned: set[TP],
        heard: int,
    ) -> Assignment:
        """Hear a member, which `heard` this answer last; a new one joins with epoch 0."""
        self._expire()
        member = self.members.get(name)
        if member is None:
            if epoch:
                raise Refusal(KafkaError.UNKNOWN_MEMBER_ID)
            member = self.members[name] = Member(name, client, topics, session_s)
            self._changed()
        elif epoch == 0:
            member.epoch, member.assigned = 0, set()  # it has not heard that it was let in
        elif epoch not in (member.epoch, member.previous):
            raise Refusal(KafkaError.FENCED_MEMBER_EPOCH)
        member.heard_at = self._world.now
        member.owned = set(owned) if heard == member.told else member.owned | owned | member.assigned
        (self._classic_step if self._classic else self._step)(member)
        member.told += 1
        return Assignment(member.epoch, frozenset(member.assigned), member.told)

    def leave(self, name: str) -> None:
        """Let a member go."""
        if self.members.pop(name, None) is not None:
            self._changed()

    def present(self) -> list[Member]:
        """Return who is a member."""
        self._expire()
        return list(self.members.values())

    def check(self, name: str, epoch: int) -> None:
        """Refuse the offsets of who is no member, or of another epoch."""
        self._expire()
        member = self.members.get(name)
        if member is None:
            raise Refusal(KafkaError.UNKNOWN_MEMBER_ID)
        if epoch != member.epoch:
            raise Refusal(KafkaError.ILLEGAL_GENERATION)

    def commit(self, producer: int, offsets: Mapping[TP, int]) -> None:
        """Take offsets that count once the transaction of `producer` is committed."""
        self.pending.setdefault(producer, {}).update(offsets)

    def note(self, offsets: Mapping[TP, tuple[int, str]]) -> None:
        """Take offsets of somebody who is no member, at once."""
        self.offsets |= {tp: offset for tp, (offset, _) in offsets.items()}
        self.said |= {tp: said for tp, (_, said) in offsets.items()}

    def mark(self, producer: int, *, commit: bool) -> None:
        """End the transaction of `producer` here."""
        offsets = self.pending.pop(producer, {})
        if commit:
            self.offsets |= offsets

    def committed(self, tps: Iterable[TP], *, stable: bool) -> dict[TP, int]:
        """Return the offsets, -1001 where there is none."""
        asked = list(tps)
        if stable and any(tp in pending for pending in self.pending.values() for tp in asked):
            raise Refusal(KafkaError.UNSTABLE_OFFSET_COMMIT)
        return {tp: self.offsets.get(tp, -1001) for tp in asked}

    def _changed(self) -> None:
        self._epoch += 1
        self._target = by_range(self.members.values(), self._partitions)

    def _expire(self) -> None:
        late = [m.name for m in self.members.values() if self._world.now - m.heard_at > m.session_s]
        for name in late:
            del self.members[name]
        if late:
            self._changed()

    def _step(self, member: Member) -> None:
        """Move a member towards what is meant for it: first it gives up, then it is given."""
        target = self._target[member.name]
        if member.epoch < self._epoch:
            if member.epoch and (member.assigned | member.owned) - target:
                member.owned |= member.assigned
                member.assigned &= target  # keeps its epoch until it has given the rest up
                return
            member.previous, member.epoch = member.epoch, self._epoch
        others = (other for other in self.members.values() if other is not member)
        member.assigned = target - {tp for other in others for tp in other.assigned | other.owned}

    def _classic_step(self, member: Member) -> None:
        """Take everything from everybody, and give it anew once all have given up what they held."""
        if member.epoch < self._epoch:
            member.owned |= member.assigned
            member.assigned = set()
            if any(
                other.assigned or other.owned for other in self.members.values() if other.epoch < self._epoch
            ):
                return
            member.previous, member.epoch = member.epoch, self._epoch
        member.assigned = set(self._target[member.name])
