"""Optional extras, and the message if one is not installed."""

from __future__ import annotations

from eropaf.settings import SettingsError


def missing(what: str, extra: str, error: ModuleNotFoundError) -> SettingsError:
    """Return the message if `what` needs an extra's package; `error` names the missing one."""
    return SettingsError(
        f"{what} needs {error.name}, which is not installed: `pip install 'eropaf[{extra}]'`"
    )
