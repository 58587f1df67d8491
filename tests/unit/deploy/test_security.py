"""What sets up a secured cluster does so without a word of the library's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eropaf.deploy.embedded import security
from eropaf.deploy.embedded.security import ADMIN, Security


def test_its_administrator_writes_no_lines_between_those_that_people_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []
    for name in ("set_passwords", "reload_keystore"):
        monkeypatch.setattr(security, name, lambda *asked: None)
    monkeypatch.setattr(security, "AdminClient", made.append)
    ours = Security(tmp_path, [])

    ours.create_users("127.0.0.1:1")
    ours.renew_brokers_certificate("127.0.0.1:1", nodes=1)

    assert [(each["sasl.username"], each["log_level"]) for each in made] == [(ADMIN, 0)] * 2
