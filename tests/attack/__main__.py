"""Attack a board for a while: `python -m tests.attack MINUTES SEED`. Exits 1 where a promise did not hold."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from eropaf.deploy.embedded import EmbeddedKafka
from tests.attack.run import attack, the_desk
from tests.board.standing import city, put_accounts


def main(minutes: str, seed: str) -> int:
    """Bring up a broker and a board, attack them, and say what came of it."""
    with tempfile.TemporaryDirectory(prefix="eropaf-attack-") as folder, EmbeddedKafka() as kafka:
        board = the_desk(kafka.bootstrap, Path(folder))
        put_accounts(board.database)
        board.ranking.tell(*city(90))
        try:
            board.start()
            verdict = attack(board, board.pid, 60 * float(minutes), int(seed))
        finally:
            board.kill()
        print(verdict.to_json())  # noqa: T201
        if verdict.wrong:
            print(board.said[-5000:], file=sys.stderr)  # noqa: T201
        return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
