"""Write the bytecode of what runs here, and of nothing else: `python -m eropaf.process.warm`.

The image is read-only, so what has no bytecode in it is compiled at each start; what pip compiles is all it
installs, twice as much.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import eropaf
import eropaf_client
from eropaf.risk.calendar import holidays_of

OURS = (eropaf, eropaf_client)
A_YEAR = 2026


def import_all() -> list[str]:
    """Import every module, and what each imports; return those whose extra is not installed.

    Raises:
        ModuleNotFoundError: one of ours is not there.
    """
    without: list[str] = []

    def passed_over(name: str) -> None:
        error = sys.exc_info()[1]
        whose = error.name if isinstance(error, ModuleNotFoundError) and error.name else OURS[0].__name__
        if whose.partition(".")[0] in {each.__name__ for each in OURS}:
            raise  # of ours: an image without it would be broken, and the build looks well
        without.append(name)

    for package in OURS:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", passed_over):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError:
                passed_over(module.name)
    holidays_of(A_YEAR)  # a worker imports their library before it joins
    return without


if __name__ == "__main__":
    sys.stdout.write(f"without their extra: {', '.join(sorted(set(import_all())))}\n")
