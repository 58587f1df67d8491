"""The policy in force in each partition: the initial one, or the last one activated."""

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
    """The policy in force in a partition, according to its table's row.

    A policy's text is parsed once. What was parsed before decides nothing: a worker that was restarted since,
    or that took the partition over, must answer alike.
    """

    def __init__(self, at_first: Policy) -> None:
        self._at_first = at_first
        self._read: dict[tuple[str, str], Policy] = {}
        self._unreadable: set[PolicyActivated] = set()
        self._told: set[str] = set()

    def of(self, table: TablePartition[object]) -> Policy:
        """Return the policy in force in the partition of `table`.

        A policy activated by an older version may use names that this version does not know. It is then not
        in force, in a replay either; the one from the settings is. Its row is kept for a downgrade.
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
        """Log once for each policy in force that differs from the one in the settings."""
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

    def activated(self, table: TablePartition[object], activation: PolicyActivated) -> PartitionRow | None:
        """Return the row by which another policy is in force in the partition of `table`.

        None: one that was activated later already is, as where a letter is replayed. The caller keeps the row
        once nothing can fail any more.

        Raises:
            Refused: the policy is invalid, or has the version of the one in force, or of the settings', and
                another text; the previous one stays in force. `eropaf policy activate` refuses a version of
                long ago: it reads the topic of all of them.

        """
        policy = self._parsed(activation)
        for other in (self._at_first, self.of(table)):
            if other.version == policy.version and other != policy:
                raise Refused(
                    Reason.BROKEN_POLICY,
                    "another policy already has this version; a version never changes its text",
                )
        before = table.get(KEY)
        if not isinstance(before, PartitionRow):
            return PartitionRow(activation, 1)
        return None if activation.at < before.policy.at else PartitionRow(activation, before.sequence + 1)

    def _parsed(self, activation: PolicyActivated) -> Policy:
        named = (activation.version, activation.text)
        policy = self._read.get(named)
        if policy is None:
            policy = self._read[named] = Policy.activated(activation)
        return policy
