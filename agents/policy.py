"""The policy that holds in each partition: the one it began with, or the last that was activated."""

from __future__ import annotations

import structlog

from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import Policy
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import PartitionRow
from eropaf.streams.state.table import TablePartition
from eropaf_client.schemas.topics import EVERY

log = structlog.get_logger(__name__)

KEY = EVERY.encode()


class Policies:
    """The policy that holds in a partition, by the row that its table keeps of it.

    A policy is read from its text once; one version has one text for ever.
    """

    def __init__(self, at_first: Policy) -> None:
        self._at_first = at_first
        self._read: dict[tuple[str, str], Policy] = {}
        self._unreadable: set[PolicyActivated] = set()
        self._told: set[str] = set()

    def of(self, table: TablePartition[object]) -> Policy:
        """Return the policy that holds in the partition of `table`.

        One that an older version activated may ask for what this one names otherwise. As in a replay it
        does not hold then, but that of the settings does. Its row stays for who goes back.
        """
        row = table.get(KEY)
        if not isinstance(row, PartitionRow) or row.policy in self._unreadable:
            return self._at_first
        try:
            return self._parsed(row.policy)
        except Refused:
            self._unreadable.add(row.policy)
            log.error(
                "the policy that was activated cannot be read by this version: the settings' holds",
                activated=row.policy.version,
                settings=self._at_first.version,
                see="eropaf policy check, then eropaf policy activate",
            )
            return self._at_first

    def tell(self, holds: Policy) -> None:
        """Log once for each policy that holds in place of the one that the settings name."""
        if holds.version in self._told:
            return
        self._told.add(holds.version)
        if holds != self._at_first:
            log.warning(
                "the settings' policy does not hold: another was activated",
                holds=holds.version,
                settings=self._at_first.version,
                see="eropaf policy show",
            )

    def activate(self, table: TablePartition[object], activation: PolicyActivated) -> PartitionRow:
        """Let another policy hold in the partition of `table` from here on; give its row.

        Raises:
            Refused: the policy is not valid, or its version has another text already; the one before goes
                on to hold.

        """
        if self._taken(self._parsed(activation)):
            raise Refused(Reason.BROKEN_POLICY, "another policy has this version, and a version has one text")
        before = table.get(KEY)
        row = PartitionRow(activation, before.sequence + 1 if isinstance(before, PartitionRow) else 1)
        table.put(KEY, row)
        return row

    def _parsed(self, activation: PolicyActivated) -> Policy:
        named = (activation.version, activation.text)
        policy = self._read.get(named)
        if policy is None:
            policy = self._read[named] = Policy.activated(activation)
        return policy

    def _taken(self, policy: Policy) -> bool:
        """Return whether another policy, the settings' own or one that was read, has this one's version."""
        known = (self._at_first, *self._read.values())
        return any(other.version == policy.version and other != policy for other in known)
