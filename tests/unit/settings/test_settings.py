"""Settings survive what else stands in the environment, and refuse what would open a door."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from eropaf.settings import Settings
from eropaf.streams.runtime.loss import Loss
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.errors import PasswordInTheClear, RegistryUnavailable
from eropaf_client.schemas.http_registry import HttpRegistry


def test_what_kubernetes_says_of_its_services_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EROPAF_BOARD_PORT", "EROPAF_METRICS_PORT"):
        monkeypatch.setenv(name, "tcp://10.96.14.7:8080")
    monkeypatch.setenv("EROPAF_BOARD_PORT_8080_TCP", "tcp://10.96.14.7:8080")
    monkeypatch.setenv("EROPAF_BOARD_SERVICE_HOST", "10.96.14.7")

    settings = Settings()

    assert (settings.board_port, settings.metrics_port) == (8080, 9464)


def test_a_port_that_somebody_set_wrong_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_BOARD_PORT", "eighty-eighty")

    with pytest.raises(ValidationError, match="board_port"):
        Settings()


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_BOARD_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1")
    assert Settings().board_trusted_proxies == ("10.0.0.0/8", "2001:db8::1")

    for wrong in ("*", "ingress", "10.0.0.0/33"):
        monkeypatch.setenv("EROPAF_BOARD_TRUSTED_PROXIES", wrong)
        with pytest.raises(ValidationError, match="neither an address nor a network"):
            Settings()


@pytest.mark.parametrize("url", ["http://registry:8081", "https://one:1,http://two:2", "HTTP://registry"])
def test_the_registrys_password_does_not_go_over_plain_http(url: str) -> None:
    with pytest.raises(PasswordInTheClear, match="over plain HTTP"):
        HttpRegistry(url, "user:password")


def test_without_a_password_or_on_this_machine_plain_http_does(tmp_path: Path) -> None:
    HttpRegistry("http://registry:8081").__exit__()
    HttpRegistry("http://127.0.0.1:8081", "user:password").__exit__()


@pytest.mark.parametrize(
    "name",
    [
        "EROPAF_BOARD_ADDRESS",
        "EROPAF_BOARD_OPENID_ISSUER",
        "EROPAF_DESK_URL",
        "EROPAF_KAFKA_OAUTH_URL",
    ],
)
@pytest.mark.parametrize(
    "url", ["http://there.example.org", "http://10.0.0.7:80", "there.example.org", "http://["]
)
def test_no_address_to_which_passwords_or_sessions_go_is_in_the_clear(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)
    with pytest.raises(ValidationError, match="use https"):
        Settings()

    for private in ("https://there.example.org", "http://127.0.0.1:8080", "http://localhost:1"):
        monkeypatch.setenv(name, private)
        Settings()


AUTHORITIES = sorted(f"EROPAF_{name.upper()}" for name in Settings.model_fields if name.endswith("_ca_file"))


@pytest.mark.parametrize("name", AUTHORITIES)
def test_a_file_of_authorities_that_is_not_there_or_holds_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("EROPAF_KAFKA_TLS", "true")
    monkeypatch.setenv(name, "/there/is/none")
    with pytest.raises(ValidationError, match="file /there/is/none does not exist"):
        Settings()

    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----", "utf-8")
    monkeypatch.setenv(name, str(tmp_path / "ca.pem"))
    with pytest.raises(ValidationError, match=r"ca\.pem holds no certificate in PEM"):
        Settings()


def test_a_list_of_revoked_certificates_is_no_file_of_authorities(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateRevocationListBuilder(
        issuer_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an authority")]),
        last_update=datetime(2026, 1, 1, tzinfo=UTC),
        next_update=datetime(2027, 1, 1, tzinfo=UTC),
    ).sign(key, hashes.SHA256())
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))

    with pytest.raises(ValidationError, match=r"ca\.pem holds no certificate in PEM"):
        Settings(kafka_tls=True, kafka_ca_file=tmp_path / "ca.pem")


def test_what_another_variable_of_tls_names_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys.log"))

    assert Settings(kafka_tls=True, kafka_ca_file=tmp_path / "ca.pem").kafka_ca_file


class _Subjects(http.server.BaseHTTPRequestHandler):
    """A registry that holds every schema under the id 7."""

    def do_POST(self) -> None:
        body = json.dumps({"id": 7, "subject": "s", "version": 1, "schema": "{}"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *anything: object) -> None:
        """Say nothing."""


@contextmanager
def registry(signed_by: trustme.CA) -> Iterator[str]:
    """Serve a registry over TLS on this machine; give its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Subjects)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    signed_by.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_registry_is_trusted_only_where_the_authority_in_the_setting_signed_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, another = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "ours.pem")
    monkeypatch.setenv("EROPAF_REGISTRY_CA_FILE", str(tmp_path / "ours.pem"))
    monkeypatch.setenv("EROPAF_REGISTRY_USER_INFO", "user:password")
    schema = catalogue.latest("AuditEntry")

    with registry(ours) as url:
        monkeypatch.setenv("EROPAF_REGISTRY_URL", url)
        assert Settings().registry().id_for("audit-value", schema) == 7
    with registry(another) as url:
        monkeypatch.setenv("EROPAF_REGISTRY_URL", url)
        with pytest.raises(RegistryUnavailable):
            Settings().registry().id_for("audit-value", schema)


def test_what_is_accepted_as_lost_is_named_by_topic_partition_and_range(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EROPAF_ACCEPT_LOST", "arrears.rent-3:100-203, household-events-0:5-5")
    assert Settings().streams("one").accepted_losses == (
        Loss("arrears.rent", 3, 100, 203),
        Loss("household-events", 0, 5, 5),
    )

    monkeypatch.setenv("EROPAF_ACCEPT_LOST", "arrears.rent")
    with pytest.raises(ValidationError, match=r"such as numbers-3:100-203"):
        Settings()


def test_a_secret_that_is_wrong_is_not_shown_where_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_AUDITORS_PRIVATE_KEY", "a-key-that-is-none")

    with pytest.raises(ValidationError) as raised:
        Settings()

    assert "a-key-that-is-none" not in str(raised.value)
