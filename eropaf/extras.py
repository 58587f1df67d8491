"""What is installed on request, and the sentence where it was not."""

from __future__ import annotations

from eropaf.settings import SettingsError


def missing(what: str, extra: str, error: ModuleNotFoundError) -> SettingsError:
    """Return what to tell where `what` needs a package of an extra; `error` says which is not there."""
    return SettingsError(
        f"{what} needs {error.name}, which is not installed: `pip install 'eropaf[{extra}]'`"
    )
