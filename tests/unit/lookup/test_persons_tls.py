"""The register of persons knows us by our certificate, and we it by an authority of our own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from eropaf.lookup.persons import PersonsAccess, PersonsApi
from eropaf.lookup.service import Away, Credentials
from tests.unit.lookup.a_register import RegisterOfPersons, lives

ANNA = "999990019"


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[PersonsAccess]:
    """Serve a register that wants a certificate; yield how it is asked with one that it takes."""
    theirs, ours = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.issue_cert("127.0.0.1").configure_cert(context)
    ours.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    shown = ours.issue_cert("eropaf@example.org")
    shown.private_key_pem.write_to_path(str(tmp_path / "our.key"))
    shown.cert_chain_pems[0].write_to_path(str(tmp_path / "our.pem"))
    theirs.cert_pem.write_to_path(str(tmp_path / "theirs.pem"))
    register = RegisterOfPersons()
    register.persons[ANNA] = lives("1011 AB", 7)
    register.socket = context.wrap_socket(register.socket, server_side=True)
    with register.serving():
        yield replace(
            register.access,
            address=register.address.replace("http://", "https://"),
            known_as=Credentials(
                certificate_file=tmp_path / "our.pem",
                key_file=tmp_path / "our.key",
                ca_file=tmp_path / "theirs.pem",
            ),
        )
        assert register.faults == []


def ask(access: PersonsAccess, **known_as: Any) -> set[str]:
    """Return whom the register knows of those who are asked for; `known_as` changes our credentials."""
    access = replace(access, known_as=replace(access.known_as, **known_as))
    with closing(PersonsApi(access)) as api:
        return set(api.ask([ANNA]))


def test_by_our_certificate_it_is_asked_and_without_it_is_away(behind_tls: PersonsAccess) -> None:
    assert ask(behind_tls) == {ANNA}

    with pytest.raises(Away):
        ask(behind_tls, certificate_file=None, key_file=None)


def test_whom_another_authority_signed_is_told_no_number(behind_tls: PersonsAccess, tmp_path: Path) -> None:
    another = tmp_path / "another.pem"
    trustme.CA().cert_pem.write_to_path(str(another))

    with pytest.raises(Away, match="ConnectError"):
        ask(behind_tls, ca_file=another)
