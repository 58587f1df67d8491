"""Reads the policies that a command compares, told apart by their versions."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from eropaf.risk.policy import Policy
from eropaf.settings.policy import policy_text
from eropaf.simulate.backtest.orders import BASELINES


def texts_by_version(names: Sequence[str]) -> dict[str, str]:
    """Return the texts of policies by their versions, each of them valid.

    Raises:
        PolicyError: one is not valid.
        typer.BadParameter: two have one version, or one that of a simple order.
    """
    texts: dict[str, str] = {}
    for name in names:
        text = policy_text(name)
        version = Policy.parse(text).version
        if version in texts:
            raise typer.BadParameter(
                f"{name} is of version {version}, as another one; give each its own version"
            )
        if version in BASELINES:
            raise typer.BadParameter(f"{name} is of version {version}, which is the name of a simple order")
        texts[version] = text
    return texts
