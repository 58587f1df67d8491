"""Hosts of brokers on which things break meanwhile: a clock that steps, a disk that is full or unreadable.

A library is preloaded into a broker's Java and reads what is broken from a file. Nothing of the machine
itself is touched, and no rights are needed. Linux with glibc and a C compiler.
"""

from __future__ import annotations

import os
import shlex
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from eropaf.deploy.embedded.installation import Installation

SOURCE = Path(__file__).with_name("broken_host.c")
FAULTS = "host-faults"
WRAPPER = """\
#!/bin/sh
# A node starts in its own folder.
[ -e {faults} ] || head -c {size} /dev/zero > {faults}
HOST_FAULTS="$PWD/{faults}" HOST_DATA="$PWD/data" LD_PRELOAD={library} exec {java} "$@"
"""


def can_break() -> bool:
    """Return whether a host can be broken on this machine."""
    return sys.platform.startswith("linux") and shutil.which(os.environ.get("CC", "cc")) is not None


def breakable(installation: Installation, folder: Path) -> Installation:
    """Return `installation` with a Java whose host can be broken; what that needs is built in `folder`."""
    library, java = folder / "broken_host.so", folder / "java"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
    names = {"faults": FAULTS, "size": len(WELL.packed), "library": shlex.quote(str(library))}
    java.write_text(WRAPPER.format(**names, java=shlex.quote(str(installation.java))), "ascii")
    java.chmod(0o755)
    return replace(installation, java=java)


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with a host."""

    clock_ahead_s: int = 0
    disk_full: bool = False
    disk_unreadable: bool = False

    @property
    def packed(self) -> bytes:
        """As the library reads it."""
        return struct.pack("=3q", self.clock_ahead_s, self.disk_full, self.disk_unreadable)


WELL = Broken()


def break_host(folder: Path, broken: Broken) -> None:
    """Let the host of the node in `folder` be `broken`, at once and until another is told."""
    with (folder / FAULTS).open("r+b") as file:
        file.write(broken.packed)
