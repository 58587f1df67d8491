"""The first fingerprint on the topic holds for ever: what is none there stands in nobody's way."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from eropaf.cluster import readable, secret_kept
from eropaf.cluster.secret_kept import KEY, proven_secret
from eropaf.settings import Settings, SettingsError
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import FINGERPRINT
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET
from tests.fakes import FakeSource

SETTINGS = Settings(household_secret=SecretStr(SECRET.decode()))
CODEC = Codec("SecretFingerprint", FINGERPRINT, LocalRegistry())
KEPT_AT = 1_000


def of(fingerprint: str) -> bytes:
    return CODEC.encode({"fingerprint": fingerprint, "kept_at": KEPT_AT})


class Topic:
    """The topic in a cluster, whose records stand in their order."""

    def __init__(self) -> None:
        self.source = FakeSource(topic=FINGERPRINT)

    def write(self, *values: bytes | None, key: str = KEY.decode()) -> None:
        for value in values:
            self.source.write(key, value)

    def held(self) -> int:
        return len(self.source.logs[0])


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    made = Topic()
    monkeypatch.setattr(readable, "read_all", lambda where, name: iter(list(made.source.logs[0])))
    monkeypatch.setattr(secret_kept, "_keep", lambda settings, fingerprint: made.write(of(fingerprint)))
    return made


@pytest.mark.parametrize(
    "poison", [b"x", b"", None, of(""), of("not one of our fingerprints"), of("0123456g")], ids=repr
)
def test_what_is_no_fingerprint_keeps_nobody_from_theirs(topic: Topic, poison: bytes | None) -> None:
    topic.write(poison)

    assert proven_secret(SETTINGS) == SECRET
    held = topic.held()
    assert proven_secret(SETTINGS) == SECRET
    assert topic.held() == held == 2


def test_it_is_counted_and_said_where_it_stands(
    topic: Topic, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic.write(b"x", of(SETTINGS.secret_fingerprint()))

    monkeypatch.setattr(secret_kept.structlog, "is_configured", lambda: False)
    proven_secret(SETTINGS)
    assert "secret-fingerprint-0-0 (wrong-magic)" in capsys.readouterr().err

    monkeypatch.setattr(secret_kept.structlog, "is_configured", lambda: True)
    with capture_logs() as said:
        proven_secret(SETTINGS)
    assert [(line["records"], line["first"]) for line in said] == [
        (1, ["secret-fingerprint-0-0 (wrong-magic)"])
    ]


def test_behind_it_the_first_that_can_be_read_holds(topic: Topic) -> None:
    topic.write(b"x", of("0badc0de"), of(SETTINGS.secret_fingerprint()))

    with pytest.raises(SettingsError, match="were made with 0badc0de"):
        proven_secret(SETTINGS)


def test_records_under_another_key_are_not_looked_at(topic: Topic) -> None:
    topic.write(b"x", of("0badc0de"), key="another")

    assert proven_secret(SETTINGS) == SECRET
