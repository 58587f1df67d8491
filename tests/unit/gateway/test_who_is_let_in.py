"""Each credential reaches its own creditor's topic; none, another's, or a doubtful one reaches nothing."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey
from pydantic import ValidationError

from eropaf.gateway.callers import Caller, CallersRefused, read_callers
from eropaf.gateway.config import Tokens
from eropaf.gateway.door import OUTREACH_SCOPE, SIGNALS_SCOPE
from eropaf.gateway.serve import front
from eropaf.serving.server import running
from eropaf.settings import Settings
from tests.certificates import Identities
from tests.unit.board.a_provider import Standing, served
from tests.unit.gateway.a_cluster import ADDRESS, FakeCluster, client, opened
from tests.unit.gateway.test_gateway_intake import a_signal

CREDITOR = Caller(creditor="rent", clients=("rents-erp",))
TOOL = Caller(outreach="door-tool", clients=("door-tool",), areas=("1011",))


@pytest.fixture(scope="module")
def issuer() -> Iterator[Standing]:
    with served() as standing:
        yield standing


def token(issuer: Standing, **changed: Any) -> dict[str, str]:
    known = {
        "aud": [ADDRESS],
        "azp": "rents-erp",
        "jti": "1",
        "scope": f"openid {SIGNALS_SCOPE}",
        "sub": None,
    }
    return {"Authorization": f"Bearer {issuer.signed(**{**known, **changed})}"}


def asked(
    cluster: FakeCluster, identities: Identities, issuer: Standing | None = None, **how: Any
) -> tuple[int, str]:
    """Post a signal; return the status and the code of what was wrong."""
    tokens = None if issuer is None else Tokens(issuer.url, ADDRESS)
    headers, more = how.pop("headers", {}), how.pop("more", (CREDITOR, TOOL))

    async def program() -> tuple[int, str]:
        async with opened(cluster, identities, more, tokens=tokens) as made, client(made, **how) as caller:
            answer = await caller.post("/v1/signals", json=a_signal(), headers=headers)
            if answer.status_code == 401:
                assert answer.headers["www-authenticate"].startswith("Bearer")
            return answer.status_code, answer.json().get("code", "")

    return asyncio.run(asyncio.wait_for(program(), 100))


def test_who_shows_nothing_or_what_counts_for_nothing_is_asked_for_a_credential(
    cluster: FakeCluster, identities: Identities
) -> None:
    mine = identities.of("rent")
    assert asked(cluster, identities) == (401, "no-credential")
    assert asked(cluster, identities, identity=mine.header, from_="10.0.0.8") == (401, "no-credential"), (
        "whoever is no proxy of ours may write any header"
    )
    assert asked(cluster, identities, identity="nonsense") == (401, "no-credential")
    assert asked(cluster, identities, headers={"Authorization": "Basic cmVudDpyZW50"}) == (
        401,
        "token-refused",
    )
    assert cluster.signals("rent") == []


def test_a_certificate_that_is_not_known_or_not_valid_now_lets_nobody_in(
    cluster: FakeCluster, identities: Identities
) -> None:
    old = identities.of("old", lasts_s=-3600)
    known = Caller(creditor="rent", fingerprints=(old.fingerprint,))

    assert asked(cluster, identities, identity=identities.of("stranger").header) == (403, "caller-unknown")
    assert asked(cluster, identities, identity=old.header, more=[known]) == (401, "certificate-expired")
    assert cluster.signals("rent") == []


def test_a_caller_is_known_by_fingerprint_subject_or_the_number_of_its_organisation(
    cluster: FakeCluster, identities: Identities
) -> None:
    shown = identities.of("erp", oin="00000001234567890000")
    for more in (
        Caller(
            creditor="rent", fingerprints=(":".join([shown.fingerprint[:2].upper(), shown.fingerprint[2:]]),)
        ),
        Caller(creditor="rent", subjects=(shown.subject,)),
        Caller(creditor="rent", oins=("00000001234567890000",)),
    ):
        assert asked(cluster, identities, identity=shown.header, more=[more]) == (202, "")
    both = [
        Caller(creditor="rent", subjects=(shown.subject,)),
        Caller(creditor="water", oins=("00000001234567890000",)),
    ]
    assert asked(cluster, identities, identity=shown.header, more=both) == (403, "caller-unknown")


def test_a_token_of_the_issuer_for_us_reaches_the_topic_of_its_client(
    cluster: FakeCluster, identities: Identities, issuer: Standing
) -> None:
    assert asked(cluster, identities, issuer, headers=token(issuer)) == (202, "")
    assert len(cluster.signals("rent")) == 1
    assert cluster.signals("water") == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"iss": "https://evil.example"}, (401, "token-refused")),
        ({"aud": "another"}, (401, "token-refused")),
        ({"aud": None}, (401, "token-refused")),
        ({"exp": int(time.time()) - 120}, (401, "token-refused")),
        ({"exp": None}, (401, "token-refused")),
        ({"jti": None}, (401, "token-refused")),
        ({"azp": None}, (401, "token-refused")),
        ({"azp": ["rents-erp"]}, (401, "token-refused")),
        ({"azp": ""}, (401, "token-refused")),
        ({"client_id": "another"}, (401, "token-refused")),
        ({"scope": ["eropaf:signals"]}, (401, "token-refused")),
        ({"cnf": {"jkt": "x"}}, (401, "token-refused")),
        ({"cnf": {"x5t#S256": "of another"}}, (401, "token-bound")),
        ({"azp": "somebody"}, (403, "caller-unknown")),
        ({"scope": "openid"}, (403, "scope-missing")),
        ({"scope": None}, (403, "scope-missing")),
        ({"azp": "door-tool", "scope": f"{SIGNALS_SCOPE} {OUTREACH_SCOPE}"}, (403, "not-a-creditor")),
    ],
)
def test_a_token_that_is_not_whole_or_of_another_lets_nobody_in(
    cluster: FakeCluster,
    identities: Identities,
    issuer: Standing,
    changed: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    assert asked(cluster, identities, issuer, headers=token(issuer, **changed)) == expected
    assert cluster.signals("rent") == []


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _signed_by(key: ECKey, data: bytes) -> bytes:
    """Return an ES256 signature, as a token has it."""
    assert key.private_key is not None
    r, s = decode_dss_signature(key.private_key.sign(data, ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize(
    "how",
    ["nothing", "Nothing", "its public key", "a key of mine", "a key it brings", "a key elsewhere", "no kid"],
)
def test_a_token_that_another_signed_or_nobody_lets_nobody_in(
    cluster: FakeCluster, identities: Identities, issuer: Standing, how: str
) -> None:
    _, claims, _ = token(issuer)["Authorization"].split(".")
    mine = ECKey.generate_key("P-256", {"kid": "mine"})
    heads: dict[str, dict[str, Any]] = {
        "nothing": {"alg": "none"},
        "Nothing": {"alg": "NONE", "kid": issuer.key.kid},
        "its public key": {"alg": "HS256", "kid": issuer.key.kid},
        "a key of mine": {"alg": "ES256", "kid": issuer.key.kid},
        "a key it brings": {"alg": "ES256", "kid": mine.kid, "jwk": mine.as_dict(private=False)},
        "a key elsewhere": {"alg": "ES256", "kid": mine.kid, "jku": "https://mine.example.org/keys"},
        "no kid": {"alg": "ES256"},
    }
    head = heads[how]
    said = f"{_base64(json.dumps(head).encode())}.{claims}"
    if head["alg"] == "ES256":
        signature = _signed_by(mine, said.encode())
    elif head["alg"] == "HS256":
        signature = hmac.digest(issuer.key.as_pem(private=False), said.encode(), "sha256")
    else:
        signature = b""
    forged = {"Authorization": f"Bearer {said}.{_base64(signature)}"}

    assert asked(cluster, identities, issuer, headers=forged) == (401, "token-refused")
    assert cluster.signals("rent") == []


def test_a_bound_token_counts_with_its_certificate_alone(
    cluster: FakeCluster, identities: Identities, issuer: Standing
) -> None:
    mine, other = identities.of("rent"), identities.of("water")
    bound = token(issuer, cnf={"x5t#S256": mine.thumbprint})

    assert asked(cluster, identities, issuer, headers=bound) == (401, "token-bound")
    assert asked(cluster, identities, issuer, headers=bound, identity=other.header) == (401, "token-bound")
    assert asked(cluster, identities, issuer, headers=bound, identity=mine.header) == (202, "")
    assert asked(cluster, identities, issuer, headers=token(issuer), identity=other.header) == (
        403,
        "two-callers",
    )


def test_where_no_issuer_is_set_no_token_counts(
    cluster: FakeCluster, identities: Identities, issuer: Standing
) -> None:
    assert asked(cluster, identities, None, headers=token(issuer)) == (401, "token-refused")


def test_an_issuer_that_is_away_lets_nobody_in_and_is_no_refusal(
    cluster: FakeCluster, identities: Identities
) -> None:
    with served() as away:
        headers = token(away)
        away.away = True
        assert asked(cluster, identities, away, headers=headers) == (503, "issuer-out-of-reach")


def test_an_issuer_that_names_no_keys_is_out_of_reach(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Standing.answer

    def without_keys(self: Standing, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        status, found = whole(self, path, form)
        return status, {name: each for name, each in found.items() if name != "jwks_uri"}

    with served() as provider:
        headers = token(provider)
        monkeypatch.setattr(Standing, "answer", without_keys)
        assert asked(cluster, identities, provider, headers=headers) == (503, "issuer-out-of-reach")


def test_a_creditor_sees_no_signal_and_no_answer_of_another(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program() -> None:
        async with opened(cluster, identities) as made:
            rent = client(made, identities.of("rent").header)
            water = client(made, identities.of("water").header)
            assert (await rent.post("/v1/signals", json=a_signal())).status_code == 202
            cluster.answer("rent", "S-1", "PICKED_UP")
            assert (await rent.get("/v1/signals/S-1")).status_code == 200
            assert (await water.get("/v1/signals/S-1")).status_code == 404
            assert (await water.get("/v1/feedback")).json()["feedback"] == []

    asyncio.run(asyncio.wait_for(program(), 100))


WHOLE = """
[[caller]]
creditor = "rent"
clients = ["rents-erp"]

[[caller]]
outreach = "door-tool"
areas = ["1011", "1012"]
oins = ["00000001234567890000"]
"""


def test_the_file_of_callers_says_who_they_are(tmp_path: Path) -> None:
    file = tmp_path / "callers.toml"
    file.write_text(WHOLE, "utf-8")

    callers = read_callers(file, ["rent", "water"])

    assert [each.name for each in callers.all] == ["creditor rent", "outreach door-tool"]
    assert callers.of_client("rents-erp") is callers.all[0]
    assert callers.of_client("00000001234567890000") is None, "a credential of another kind"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "one at least"),
        ("caller = 3", "one at least"),
        ("[[caller]\n", "cannot be read"),
        (WHOLE.replace('"rent"', '"gas"'), "none of EROPAF_CREDITORS"),
        (WHOLE.replace('clients = ["rents-erp"]', ""), "names no credential"),
        (WHOLE.replace('clients = ["rents-erp"]', 'client = ["rents-erp"]'), "caller 1"),
        (WHOLE.replace('"1011"', '"101"'), "four digits"),
        (WHOLE.replace('areas = ["1011", "1012"]', ""), "names no areas"),
        (WHOLE.replace("oins", 'clients = ["rents-erp"]\noins'), "share one"),
        (WHOLE.replace('outreach = "door-tool"', 'outreach = "x"\ncreditor = "water"'), "one of the two"),
        (WHOLE.replace('clients = ["rents-erp"]', 'fingerprints = ["aa"]'), "64 hexadecimal"),
    ],
)
def test_a_file_of_callers_that_is_not_right_lets_nobody_in(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "callers.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(CallersRefused, match=said):
        read_callers(file, ["rent", "water"])


def test_over_its_socket_the_proxys_word_counts_and_nobody_listens_elsewhere(
    cluster: FakeCluster, identities: Identities, tmp_path: Path
) -> None:
    socket = tmp_path / "gateway.sock"

    async def program() -> list[int]:
        async with opened(cluster, identities, socket=socket) as made:
            server = front(made.app, "127.0.0.1", 0, socket=socket)
            transport = httpx2.AsyncHTTPTransport(uds=str(socket))
            async with (
                running([server]),
                httpx2.AsyncClient(transport=transport, base_url="http://gateway", timeout=60) as proxy,
            ):
                (listening,) = server.servers[0].sockets
                assert listening.getsockname() == str(socket)
                shown: list[dict[str, str]] = [{"Client-Cert": identities.of("rent").header}, {}]
                return [
                    (await proxy.post("/v1/signals", json=a_signal(), headers=each)).status_code
                    for each in shown
                ]

    assert asyncio.run(asyncio.wait_for(program(), 100)) == [202, 401]


@pytest.mark.parametrize("proxies", ["127.0.0.1", "127.0.0.0/8", "::1", "0.0.0.0/0", "10.0.0.7,127.0.0.1"])
def test_no_process_of_this_host_is_a_proxy_by_its_address(
    monkeypatch: pytest.MonkeyPatch, proxies: str
) -> None:
    monkeypatch.setenv("EROPAF_GATEWAY_TRUSTED_PROXIES", proxies)

    with pytest.raises(ValidationError, match="EROPAF_GATEWAY_SOCKET"):
        Settings()


def test_a_socket_is_the_proxys_alone_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EROPAF_GATEWAY_SOCKET", str(tmp_path / "gateway.sock"))
    monkeypatch.setenv("EROPAF_GATEWAY_ADDRESS", ADDRESS)
    tmp_path.chmod(0o755)
    with pytest.raises(ValidationError, match="could pass for any caller"):
        Settings()

    tmp_path.chmod(0o710)
    assert Settings().gateway_socket == tmp_path / "gateway.sock"
