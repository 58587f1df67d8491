"""Who may come in, by which credential, and to what: one file, checked as a whole before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from eropaf.gateway.certificate import Certificate
from eropaf.serving.tables import read_tables
from eropaf_client.schemas.errors import ClientError
from eropaf_client.schemas.http_registry import in_the_clear

FINGERPRINT = re.compile("[0-9a-f]{64}")
# A tool that is told by webhook has files of its name.
HOOKED = re.compile("[a-z0-9][a-z0-9-]{0,39}")
AREA_DIGITS = re.compile("[0-9]{4}")
EVERYWHERE = "*"
Text = Annotated[str, Field(min_length=1, max_length=500)]


class CallersRefused(ClientError):
    """The file of callers cannot be used: it would let somebody in by mistake, or nobody."""

    code = "callers-refused"


class Caller(BaseModel):
    """One organisation or tool: a creditor, or an outreach tool with its areas.

    It is known by the client id in a token, or by its certificate: fingerprint, subject, or the OIN that
    PKIoverheid writes into it. Several are as many ways in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    creditor: Text | None = None
    outreach: Text | None = None
    areas: tuple[str, ...] = ()
    clients: tuple[Text, ...] = ()
    fingerprints: tuple[str, ...] = ()
    subjects: tuple[Text, ...] = ()
    oins: tuple[Text, ...] = ()
    webhook: Text | None = None

    @field_validator("areas", "clients", "fingerprints", "subjects", "oins", mode="before")
    @classmethod
    def _as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("fingerprints")
    @classmethod
    def _plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(each.replace(":", "").lower() for each in value)
        if not all(map(FINGERPRINT.fullmatch, plain)):
            raise ValueError("a fingerprint is the SHA-256 of the certificate: 64 hexadecimal digits")
        return plain

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.creditor is None) == (self.outreach is None):
            raise ValueError("is a `creditor` or an `outreach` tool, one of the two")
        if not (self.clients or self.fingerprints or self.subjects or self.oins or self.webhook):
            raise ValueError("names no credential: `clients`, `fingerprints`, `subjects` or `oins`")
        if self.creditor is not None and self.areas:
            raise ValueError("a creditor has no areas")
        if self.outreach is not None and not self.areas:
            raise ValueError('names no areas: four digits each, or ["*"] for the whole municipality')
        if self.webhook is not None:
            self._check_webhook(self.webhook)
        if not all(each == EVERYWHERE or AREA_DIGITS.fullmatch(each) for each in self.areas):
            raise ValueError('an area has four digits, or is "*"')
        return self

    def _check_webhook(self, webhook: str) -> None:
        if self.outreach is None or not HOOKED.fullmatch(self.outreach):
            raise ValueError("a webhook is an outreach tool's, whose name has a to z, digits and hyphens")
        found = urlsplit(webhook)
        if found.scheme not in ("http", "https") or not found.hostname or found.fragment or found.username:
            raise ValueError("a webhook is an address such as https://tool.example.org/updates")
        if in_the_clear(webhook):
            raise ValueError("a webhook says where somebody lives: use https")

    @property
    def name(self) -> str:
        """What it is called in logs: of which role, and which."""
        return f"creditor {self.creditor}" if self.creditor is not None else f"outreach {self.outreach}"

    def sees(self, area: str) -> bool:
        """Return whether updates of `area` are for it."""
        return area in self.areas or EVERYWHERE in self.areas

    def credentials(self) -> Iterator[tuple[str, str]]:
        """Yield each of its ways in, with the kind of it."""
        for kind in ("clients", "fingerprints", "subjects", "oins"):
            yield from ((kind, each) for each in getattr(self, kind))


class Callers:
    """Everybody who may come in.

    Raises:
        CallersRefused: two have the same credential, or one is a creditor that is not known.
    """

    def __init__(self, callers: Iterable[Caller], creditors: Sequence[str]) -> None:
        self.all = tuple(callers)
        self._by: dict[tuple[str, str], Caller] = {}
        for each in self.all:
            if each.creditor is not None and each.creditor not in creditors:
                raise CallersRefused(f"creditor {each.creditor!r} is none of EROPAF_CREDITORS")
            for credential in each.credentials():
                if self._by.setdefault(credential, each) is not each:
                    raise CallersRefused(f"two callers share one of `{credential[0]}`: {credential[1]!r}")

    @property
    def creditors(self) -> list[str]:
        """Every creditor that may come in."""
        return sorted({each.creditor for each in self.all if each.creditor is not None})

    @property
    def with_outreach(self) -> bool:
        """Whether an outreach tool may come in."""
        return any(each.outreach is not None for each in self.all)

    def of_client(self, client: str) -> Caller | None:
        """Return who has this client id."""
        return self._by.get(("clients", client))

    def of_certificate(self, shown: Certificate) -> Caller | None:
        """Return whose certificate it is; None also where it names two."""
        ways = [("fingerprints", shown.fingerprint), ("subjects", shown.subject)]
        if shown.oin is not None:
            ways.append(("oins", shown.oin))
        found = {id(caller): caller for way in ways if (caller := self._by.get(way)) is not None}
        return next(iter(found.values())) if len(found) == 1 else None


def read_callers(path: Path, creditors: Sequence[str]) -> Callers:
    """Read the file of callers: `[[caller]]` tables of TOML.

    Raises:
        CallersRefused: it cannot be read, or is not right as a whole.
    """
    return Callers(list(read_tables(path, "caller", Caller, CallersRefused)), creditors)
