"""The results that can be registered for a household, in display order."""

from __future__ import annotations

from eropaf.board.follow_ups import LANGUAGES
from eropaf_client.outcomes import ContactChannel, EndResult

NOT_REACHED = "not_reached"
TALKED = "talked"
# Results that somebody told us: with them the household was reached.
SPOKEN = (
    EndResult.HELP_FINANCIAL,
    EndResult.HELP_NOT_FINANCIAL,
    EndResult.ADVICE,
    EndResult.ARRANGES_ITSELF,
    EndResult.PAID_OR_PLAN,
    EndResult.OTHER_TRAJECTORY,
    EndResult.KNOWN_AT_DEBT_HELP,
)
UNSPOKEN = (
    EndResult.NO_CONTACT,
    EndResult.NO_REACTION,
    EndResult.NOT_A_RESIDENT,
    EndResult.DECEASED,
    EndResult.REFERRED_WITHOUT_RESIDENT,
    EndResult.NOT_PICKED_UP_REPEATED,
    EndResult.NOT_PICKED_UP_UNJUSTIFIED,
    EndResult.NOT_PICKED_UP_OTHER,
)

CHANNELS = tuple(channel for channel in ContactChannel if channel is not ContactChannel.UNKNOWN)

# At a door stands who visits; the board knows no number, so what needs one is not offered first.
AT_THE_DOOR = (ContactChannel.VISIT, ContactChannel.CARD, ContactChannel.LETTER, ContactChannel.PHONE)
FROM_THE_OFFICE = (ContactChannel.LETTER, ContactChannel.PHONE)


def ways(office_only: bool = False, may_ring: bool = False) -> list[str]:
    """Return the channels that a form offers at once, the likeliest first; `may_ring`: a number is known."""
    first = (ContactChannel.PHONE,) if may_ring else ()
    known = (*first, *(FROM_THE_OFFICE if office_only else AT_THE_DOOR))
    return list(dict.fromkeys(channel.value for channel in known))


# What a form shows at once, and what behind "other".
CHOICES = {
    "channels": [channel.value for channel in CHANNELS],
    "ways": ways(),
    "languages": list(LANGUAGES),
    "often": [result.value for result in SPOKEN[:4]],
    "rarely": [result.value for result in (*SPOKEN[4:], *UNSPOKEN)],
}
