"""`eropaf run` with a mutant: `python -m tests.chaos.mutated run MUTANT`.

The supervisor is the product's; the workers that it starts are this module again, which patches
itself and then is the product's worker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from eropaf import worker
from eropaf.commands import run
from eropaf.process import supervised
from eropaf.streams.operate.supervisor import Supervisor
from tests.chaos.mutants import MUTANTS


def main(what: str, mutant: str, *arguments: str) -> None:
    """Be the supervisor, or a worker."""
    if what == "worker":
        MUTANTS[mutant].patch()
        worker.main(arguments[0], int(arguments[1]))
        return

    class OfMutants(Supervisor):
        def __init__(
            self, names: Sequence[str], command: Callable[[str], Sequence[str]], *rest: Any, **more: Any
        ) -> None:
            def mutated(name: str) -> list[str]:
                program, *module, _, port = command(name)
                assert module == ["-m", "eropaf.worker"]
                return [program, "-m", "tests.chaos.mutated", "worker", mutant, name, port]

            super().__init__(names, mutated, *rest, **more)

    supervised.Supervisor = OfMutants  # type: ignore[misc]
    run.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
