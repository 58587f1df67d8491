"""Where Go is missing or too old the peer is left out, and said so; its codec writes the schemas of today."""

import re
from pathlib import Path

import pytest

from bench.peers.make import JOB_RECORDS, PEERS, go_peer
from eropaf_client.schemas import catalogue

ASKS = "module some\n\ngo 1.26.0\n"


@pytest.mark.parametrize("here", [None, "go1.19.8", "go1.25.9"], ids=["no Go", "Debian 12's", "one before"])
def test_a_go_that_cannot_build_it_is_named_and_nothing_fails(
    here: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "go.mod").write_text(ASKS, "utf-8")
    if here is not None:
        go = tmp_path / "go"
        go.write_text(f"#!/bin/sh\n[ $1 = env ] && echo {here}\n", "utf-8")
        go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    go_peer(tmp_path)

    assert "SKIPPED, it needs Go 1.26.0" in capsys.readouterr().out


def test_the_go_codec_writes_the_newest_schemas() -> None:
    text = (PEERS / "franz_go/records.go").read_text("utf-8")
    written = {name: int(number) for name, number in re.findall(r'^\t"(\w+)": +(\d+),$', text, re.MULTILINE)}

    assert written == {record: catalogue.latest(record).local_id for record in JOB_RECORDS[1:]}
