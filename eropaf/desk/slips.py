"""Contact slips: the desk finds and opens a household's, and the team's board asks it to."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence

import httpx2

from eropaf.agents.topology import ROWS
from eropaf.board.explaining import NotOpened, Slip
from eropaf.cluster.policy_held import in_force
from eropaf.desk.held import latest, standing
from eropaf.desk.opening import CONTACT, leave_trace
from eropaf.desk.slip_seals import opened_contact
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.topics import contacts

# A worker waits at a door, while the desk reads whole topics.
DESK_OPENS_WITHIN_S = 30.0

AskDesk = Callable[[str, str], Sequence[Slip]]


def opened_slips(settings: Settings, who: str, household: str) -> list[Slip]:
    """Leave a trace, then return the slips beside the arrears that stand at `household`, the newest first.

    Who left one is not said: that would say why. What several left alike is one.

    Raises:
        SettingsError: there is no private key, or the policy in force takes no slips.

    """
    if not settings.slips_private_keys:
        raise SettingsError("EROPAF_SLIPS_PRIVATE_KEY is not set: only its holder may open contact slips")
    if not in_force(settings).contact_slips:
        raise SettingsError("the policy in force has no [contact_slips]: none may be opened")
    leave_trace(settings, who, household, CONTACT, "outreach")
    rows = latest(settings, [household.encode()], changelog(settings.group, "household"), ROWS["household"])
    found: list[Slip] = []
    for creditor in settings.creditors:
        keys = standing(rows, creditor)
        for kept in latest(settings, keys, contacts(creditor), "ContactSlip") if keys else ():
            contact = opened_contact(kept, settings.slips_private_keys)
            if contact is not None:
                found.append(Slip(contact.name, contact.phone, contact.email, kept["given_at"]))
    newest = sorted(found, key=lambda each: each.given_at, reverse=True)
    return list({(each.name, each.phone, each.email): each for each in reversed(newest)}.values())[::-1]


def asks_the_desk(settings: Settings) -> AskDesk | None:
    """Return how the team's board asks the desk; None where it is not told where the desk is, or how."""
    url, token = settings.desk_url, settings.slips_token
    if url is None or token is None:
        return None
    context = ssl.create_default_context(cafile=settings.desk_ca_file)
    headers = {"authorization": f"Bearer {token.get_secret_value()}"}
    where = f"{url.rstrip('/')}/slips"

    def ask(household: str, who: str) -> list[Slip]:
        asked = {"household": household, "who": who}
        try:
            # No redirect is followed and no proxy of the environment used: the token is for this address.
            with httpx2.Client(verify=context, timeout=DESK_OPENS_WITHIN_S, trust_env=False) as http:
                answered = http.post(where, json=asked, headers=headers)
            if answered.status_code == httpx2.codes.OK:
                return [Slip(**each) for each in answered.json()["slips"]]
        except (httpx2.HTTPError, ValueError, TypeError, KeyError) as error:
            raise NotOpened(f"no answer of the desk ({type(error).__name__})") from None
        raise NotOpened(f"the desk answered with status {answered.status_code}")

    return ask
