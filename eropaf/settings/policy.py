"""Reads a policy's text: a shipped one by its name, or a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from eropaf.settings.environment import SettingsError


def policy_text(name: str) -> str:
    """Return the text of a policy: a shipped one by its name, or a file.

    Raises:
        SettingsError: there is no such file.

    """
    shipped = resources.files("eropaf.risk") / "policies" / f"{name}.toml"
    if shipped.is_file():
        return shipped.read_text("utf-8")
    try:
        return Path(name).read_text("utf-8")
    except OSError as error:
        raise SettingsError(f"cannot read the policy {name} ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"the policy {name} is not UTF-8 at byte {error.start + 1}; save it as UTF-8"
        ) from None
