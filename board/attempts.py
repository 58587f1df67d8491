"""Limits on failed log-ins, counted before the password is checked.

Three counts, so that nobody's attempts can lock out another:
- from a device from which that person logged in before, by that device and name alone, within a minute and
  within a day. What strangers do under the same name, or from the same address, cannot lock it out;
- from any other device by name, within a minute and within a day, wherever the tries come from;
- and by the address they come from, whatever the names.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

FROM_A_KNOWN_DEVICE = RateLimitItemPerMinute(10, namespace="known-device")
# A colleague's phone, or one that lay on a table, is known too.
FROM_A_KNOWN_DEVICE_A_DAY = RateLimitItemPerDay(100, namespace="known-device")
OF_ONE_NAME = RateLimitItemPerMinute(5, namespace="name")
OF_ONE_NAME_A_DAY = RateLimitItemPerDay(100, namespace="name")
FROM_ONE_ADDRESS = RateLimitItemPerMinute(30, namespace="address")
# From one address: going to the provider, and coming back, which asks it for a token.
TO_THE_PROVIDER = RateLimitItemPerMinute(60, namespace="to-provider")
BY_THE_PROVIDER = RateLimitItemPerMinute(60, namespace="provider")
# What says that somebody logged out there and does not hold. What holds is not counted: nobody can use it up.
FALSE_LOGOUTS = RateLimitItemPerMinute(60, namespace="false-logout")
# One network of a home or an office, where an address is one of 2**64.
IPV6_PREFIX = 64


class Limits:
    """Counts in this process; two boards count separately."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._in_hand: Counter[str] = Counter()

    async def count(self, most: RateLimitItem, *who: str) -> None:
        """Count one more action of `who`; refuse if that is too many."""
        if not await self._limiter.hit(most, *who):
            raise _too_many()

    @asynccontextmanager
    async def login(self, name: str, address: str, device: str | None) -> AsyncIterator[Attempt]:
        """Allow an attempt to log in as `name`; `device`: one known to be theirs.

        An attempt counts from its start, so that many at once cannot slip through; a success is uncounted.

        Raises:
            HTTPException: 429, too many attempts.
        """
        counts: list[tuple[RateLimitItem, str]] = (
            [(most, f"{device} {name}") for most in (FROM_A_KNOWN_DEVICE, FROM_A_KNOWN_DEVICE_A_DAY)]
            if device is not None
            # The address first: who has used that up cannot use up the names of others as well.
            else [(FROM_ONE_ADDRESS, network_of(address)), (OF_ONE_NAME, name), (OF_ONE_NAME_A_DAY, name)]
        )
        attempt = Attempt()
        begun: list[str] = []
        try:
            for most, who in counts:
                key = most.key_for(who)
                self._in_hand[key] += 1
                begun.append(key)
                if not await self._limiter.test(most, who, cost=self._in_hand[key]):
                    attempt.succeeded = True  # it was not looked at, so it does not count
                    raise _too_many()
            yield attempt
        finally:
            for key in begun:
                self._in_hand[key] -= 1
            self._in_hand += Counter()  # drops what is at zero
            if not attempt.succeeded:
                for most, who in counts:
                    await self._limiter.hit(most, who)


@dataclass(slots=True)
class Attempt:
    """One attempt to log in; a failure until marked otherwise."""

    succeeded: bool = False


def _too_many() -> HTTPException:
    return HTTPException(429, headers={"Retry-After": "60"})


def network_of(address: str) -> str:
    """Return the unit to count by: an IPv4 address, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)
