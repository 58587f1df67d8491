"""Opens a page in the user's browser, if there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress


def show(address: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Open `address`; return whether there is a screen and a browser to open it with.

    Never in this terminal: a text browser would take it over from the list.
    """
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open", path=environment.get("PATH"))
    has_screen = sys.platform == "darwin" or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if opener is None or not has_screen:
        return False
    nowhere = subprocess.DEVNULL
    with suppress(OSError):
        subprocess.Popen(  # noqa: S603  # the desktop's own opener, and an address of ours
            [opener, address], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
        return True
    return False
