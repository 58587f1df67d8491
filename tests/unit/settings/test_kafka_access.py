"""Security is set as a whole or refused; secrets may stand in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr, ValidationError

from eropaf.settings import Settings, SettingsError

SCRAM: dict[str, Any] = {
    "kafka_tls": True,
    "kafka_sasl": "SCRAM-SHA-512",
    "kafka_username": "worker",
    "kafka_password": "not told",
}


def test_without_settings_clients_connect_in_the_clear_for_a_broker_on_this_machine() -> None:
    assert Settings().kafka_client == {}


def test_scram_over_tls() -> None:
    assert Settings(**SCRAM).kafka_client == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "worker",
        "sasl.password": "not told",
    }


def test_a_token_is_asked_for_with_client_id_and_secret() -> None:
    client = Settings(
        **{**SCRAM, "kafka_sasl": "OAUTHBEARER"},
        kafka_oauth_url="https://identity.example/token",
        kafka_oauth_scope="kafka",
    ).kafka_client

    assert client == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "worker",
        "sasl.oauthbearer.client.secret": "not told",
        "sasl.oauthbearer.token.endpoint.url": "https://identity.example/token",
        "sasl.oauthbearer.scope": "kafka",
    }


def test_mutual_tls(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("ca", "certificate", "key")}
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(files["ca"]))
    ours = authority.issue_cert("eropaf.example.org")
    ours.cert_chain_pems[0].write_to_path(str(files["certificate"]))
    ours.private_key_pem.write_to_path(str(files["key"]))

    client = Settings(
        kafka_tls=True,
        kafka_ca_file=files["ca"],
        kafka_certificate_file=files["certificate"],
        kafka_key_file=files["key"],
        kafka_key_password=SecretStr("opens it"),  # opens nothing
    ).kafka_client

    assert client == {
        "security.protocol": "SSL",
        "ssl.ca.location": str(files["ca"]),
        "ssl.certificate.location": str(files["certificate"]),
        "ssl.key.location": str(files["key"]),
        "ssl.key.password": "opens it",
    }


@pytest.mark.parametrize("whose", ["kafka", "gateway"])
def test_a_certificate_whose_key_is_none_or_anothers_is_named(whose: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    ours, other = authority.issue_cert("one.example.org"), authority.issue_cert("other.example.org")
    ours.cert_chain_pems[0].write_to_path(str(certificate))
    files: dict[str, Any] = {f"{whose}_certificate_file": certificate, f"{whose}_key_file": key}

    other.private_key_pem.write_to_path(str(key))
    with pytest.raises(ValidationError, match=r"certificate\.pem and .*key\.pem .*another certificate's"):
        Settings(kafka_tls=True, **files)
    key.write_text("junk", "utf-8")
    with pytest.raises(ValidationError, match=r"certificate\.pem and .*key\.pem .*no PEM"):
        Settings(kafka_tls=True, **files)
    ours.private_key_pem.write_to_path(str(key))
    Settings(kafka_tls=True, **files)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"kafka_tls": False}, "need EROPAF_KAFKA_TLS"),
        ({"kafka_password": None}, "EROPAF_KAFKA_PASSWORD"),
        ({"kafka_username": None}, "EROPAF_KAFKA_USERNAME"),
        ({"kafka_sasl": "OAUTHBEARER"}, "EROPAF_KAFKA_OAUTH_URL"),
        ({"kafka_key_file": Path("/dev/null")}, "go together"),
        ({"kafka_ca_file": Path("/there/is/none")}, "file /there/is/none does not exist"),
    ],
)
def test_half_a_configuration_is_refused(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        Settings(**SCRAM | changes)


def test_a_secret_stands_in_a_file_named_as_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "eropaf_household_secret").write_text("kept in a file alone\n", "utf-8")
    monkeypatch.setenv("EROPAF_SECRETS_DIR", str(tmp_path))

    assert Settings().secret() == b"kept in a file alone"

    monkeypatch.setenv("EROPAF_HOUSEHOLD_SECRET", "a variable goes before")
    assert Settings().secret() == b"a variable goes before"


def test_a_folder_of_secrets_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_SECRETS_DIR", "/there/is/none")

    with pytest.raises(SettingsError, match="folder /there/is/none does not exist"):
        Settings()


def test_no_password_is_in_the_text_of_the_settings() -> None:
    assert "not told" not in repr(Settings(**SCRAM))


@pytest.mark.parametrize("around", ["{}", "{}\n", " {}\r\n", "\t{} "])
def test_a_secret_is_the_same_whether_a_line_feed_ends_it_or_not(
    around: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "kept for ever and everywhere"
    monkeypatch.setenv("EROPAF_HOUSEHOLD_SECRET", secret)
    fingerprint = Settings().secret_fingerprint()

    monkeypatch.setenv("EROPAF_HOUSEHOLD_SECRET", around.format(secret))
    assert Settings().secret_fingerprint() == fingerprint

    monkeypatch.delenv("EROPAF_HOUSEHOLD_SECRET")
    (tmp_path / "eropaf_household_secret").write_text(around.format(secret), "utf-8")
    monkeypatch.setenv("EROPAF_SECRETS_DIR", str(tmp_path))
    assert Settings().secret_fingerprint() == fingerprint


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_an_empty_variable_or_file_is_not_set(
    nothing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"EROPAF_{name.upper()}", nothing)

    assert Settings() == Settings.model_construct()

    monkeypatch.setenv("EROPAF_SECRETS_DIR", str(tmp_path))
    (tmp_path / "eropaf_household_secret").write_text(nothing, "utf-8")
    assert Settings().household_secret is None


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ('{"client.id": "eropaf"', "not JSON"),
        ("[]", "valid dictionary"),
        ('{"client.id": [1]}', "valid string"),
    ],
)
def test_options_that_cannot_be_read_are_refused_by_the_name_of_the_variable(
    options: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EROPAF_KAFKA_OPTIONS", options)

    with pytest.raises(ValidationError, match=what) as refused:
        Settings()

    assert refused.value.errors()[0]["loc"][0] == "kafka_options"


@pytest.mark.parametrize(
    ("creditors", "what"),
    [
        ("rent,", "'' cannot be a creditor"),
        ("rent,,energy", "'' cannot be a creditor"),
        ("rent,the water board", "'the water board' cannot be a creditor"),
        ("rent,energy,rent", "rent is listed twice"),
        ("water-north,rent,water", "water-north begins with water-, on which water has rights"),
    ],
)
def test_a_name_that_can_be_no_creditors_is_refused_by_the_name_of_the_variable(
    creditors: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EROPAF_CREDITORS", creditors)

    with pytest.raises(ValidationError, match=what) as refused:
        Settings()

    assert refused.value.errors()[0]["loc"] == ("creditors",)


@pytest.mark.parametrize("group", ["creditor-water-flow", "outbox", "append-2", "board-of-ours"])
def test_a_group_to_which_others_have_rights_is_refused(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_GROUP", group)

    with pytest.raises(ValidationError, match="cannot be the group"):
        Settings()
