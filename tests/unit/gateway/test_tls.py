"""Mutual TLS with the gateway itself: a certificate of our authority says who it is, another is cut off."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import trustme

from eropaf.gateway.callers import Caller
from eropaf.gateway.config import Tls
from eropaf.gateway.serve import front
from eropaf.serving.server import running
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, opened
from tests.unit.gateway.test_gateway_intake import a_signal


class Parties:
    """An authority, the gateway's certificate, and those of callers."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        own = self.authority.issue_cert("127.0.0.1")
        files = [folder / name for name in ("ca.pem", "own.pem", "own.key")]
        self.authority.cert_pem.write_to_path(str(files[0]))
        own.cert_chain_pems[0].write_to_path(str(files[1]))
        own.private_key_pem.write_to_path(str(files[2]))
        self.tls = Tls(files[1], files[2], files[0])

    def caller(self, signed_by: trustme.CA | None = None) -> tuple[ssl.SSLContext, str]:
        """Return a caller's context with a certificate, and its fingerprint."""
        issued = (signed_by or self.authority).issue_cert("erp@example.org", common_name="erp")
        context = self.nobody()
        issued.configure_cert(context)
        der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
        return context, hashlib.sha256(der).hexdigest()

    def nobody(self) -> ssl.SSLContext:
        """Return a context of who shows no certificate."""
        return ssl.create_default_context(cafile=str(self.tls.client_ca_file))


@asynccontextmanager
async def at(cluster: FakeCluster, identities: Identities, tls: Tls, *more: Caller) -> AsyncIterator[str]:
    async with opened(cluster, identities, more, tls=tls) as made:
        server = front(made.app, "127.0.0.1", 0, tls)
        async with running([server]):
            yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


async def post(address: str, context: ssl.SSLContext, **headers: str) -> int:
    async with httpx2.AsyncClient(verify=context, timeout=60) as caller:
        return (await caller.post(f"{address}/v1/signals", json=a_signal(), headers=headers)).status_code


def test_a_certificate_is_looked_at_in_the_handshake_and_then_by_whose_it_is(
    cluster: FakeCluster, identities: Identities, tmp_path: Path
) -> None:
    parties = Parties(tmp_path)
    mine, fingerprint = parties.caller()
    unknown, _ = parties.caller()
    forged, _ = parties.caller(trustme.CA())

    async def program() -> None:
        known = Caller(creditor="rent", fingerprints=(fingerprint,))
        async with at(cluster, identities, parties.tls, known) as address:
            assert await post(address, parties.nobody()) == 401
            assert await post(address, unknown) == 403
            assert await post(address, unknown, **{"Client-Cert": identities.of("rent").header}) == 403, (
                "a header counts from a proxy alone"
            )
            with pytest.raises(httpx2.TransportError):
                await post(address, forged)
            assert cluster.signals("rent") == []
            assert await post(address, mine) == 202

    asyncio.run(asyncio.wait_for(program(), 100))
    assert len(cluster.signals("rent")) == 1
