"""On hosts: savepoints go when they had their fortnight, and who is on duty hears that one failed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
DAY_S = 86_400


def unit(name: str) -> str:
    return (UNITS / f"{name}.service").read_text("utf-8")


def test_a_savepoint_that_had_its_fortnight_goes_also_where_its_folder_is_a_link(tmp_path: Path) -> None:
    """So it is for a dynamic user: /var/lib/eropaf-backup leads to /var/lib/private/eropaf-backup."""
    kept, link = tmp_path / "private", tmp_path / "eropaf-backup"
    kept.mkdir()
    link.symlink_to(kept)
    for name, days in (("old.savepoint", 16), ("new.savepoint", 13), ("ledger", 400)):
        (kept / name).touch()
        was = time.time() - days * DAY_S
        os.utime(kept / name, (was, was))
    (line,) = re.findall(r"^ExecStart=(/usr/bin/find .*)$", unit("eropaf-savepoint"), re.MULTILINE)

    done = subprocess.run(
        shlex.split(line.replace("/var/lib/eropaf-backup", str(link))), capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in kept.iterdir()} == {"new.savepoint", "ledger"}


@pytest.mark.parametrize("name", ["eropaf-savepoint", "eropaf-ledger"])
def test_who_is_on_duty_hears_that_a_backup_failed(name: str) -> None:
    assert "\nOnFailure=eropaf-failed@%n.service\n" in unit(name)
    assert "\nExecStart=/etc/eropaf/failed %i\n" in unit("eropaf-failed@")


def test_the_unit_that_tells_is_valid_by_systemds_own_tool(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD-ANALYZE, SO THE UNIT IS NOT VERIFIED: install Debian's package `systemd`")
    shown = tmp_path / "eropaf-failed@a-unit.service"
    shown.write_text(unit("eropaf-failed@").replace("/etc/eropaf/failed", sys.executable), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", shown], capture_output=True, text=True, timeout=60
    )

    assert "eropaf-failed" not in done.stderr, done.stderr
