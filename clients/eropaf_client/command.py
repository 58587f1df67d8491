"""`eropaf-client`: for creditors without a program of their own.

Exit status: 0 done; 1 failed, and retrying will not help; 2 wrong usage; 75 try again later; 130 and 143
interrupted, by Ctrl-C and by SIGTERM. What runs until Ctrl-C is done then: 0.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence, Sized
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from eropaf_client.cluster import Cluster
from eropaf_client.contact_slips import ContactSlips
from eropaf_client.delivery import TOGETHER
from eropaf_client.errors import ClientError, FileRefused, LedgerError
from eropaf_client.feedback import FeedbackReader
from eropaf_client.files.contacts_file import read_contacts
from eropaf_client.files.dialect import ENCODINGS, encoding_named
from eropaf_client.files.feedback_file import HEADER, line
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.files.sendable import check
from eropaf_client.journal import Journal
from eropaf_client.ledger import Ledger, kind_of
from eropaf_client.outbox import Outbox
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.source import Silence

DONE, FAILED, LATER = 0, 1, 75
KINDS: dict[str, type[Ledger]] = {"outbox": Outbox, "journal": Journal}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. An error is one sentence on standard error."""
    given = _parser().parse_args(arguments)
    try:
        with _ended_in_order():
            given.run(given)
    except FileRefused as refused:
        for problem in refused.problems:
            _say(str(problem))
        _say(str(refused))
        return FAILED
    except ClientError as error:
        _say(str(error))
        return LATER if error.retriable else FAILED
    except FileNotFoundError as error:
        _say(f"file {error.filename} does not exist")
        return FAILED
    except KeyboardInterrupt as ended:
        return DONE if given.follow else _interrupted(*ended.args)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does: what it opened is closed, and what is stored is said."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt(number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupted(number: int = signal.SIGINT) -> int:
    _say("interrupted")
    return 128 + number


def publish(given: argparse.Namespace) -> None:
    """Publish a file through an outbox next to it, once, however often this is run."""
    delivered = read_by_creditor(given.file, given.creditor, _asked(given))
    for sentence in delivered.told:
        _say(sentence)
    found = delivered.by_creditor
    outbox = given.outbox or given.file.with_name(f".{given.file.name}.outbox")
    with ExitStack() as opened:
        # Open all of them first: a creditor that may not publish is found before anything is stored.
        publishers = {
            creditor: opened.enter_context(OutboxPublisher(_cluster(given), creditor, path))
            for creditor, path in _outboxes(outbox, found).items()
        }
        check(given.file, found, publishers)
        stored: Counter[str] = Counter()
        try:
            for creditor, signals in found.items():
                new, left = 0, (each.signal for each in signals)
                while batch := [*islice(left, TOGETHER)]:
                    new += publishers[creditor].report_all(batch)
                    stored[creditor] += len(batch)
                _say(f"{creditor}: {len(signals)} signals stored, {new} of them new")
        except BaseException:
            _say(_so_far(found, stored))
            raise


def _so_far(found: Mapping[str, Sized], stored: Mapping[str, int]) -> str:
    counts = ", ".join(f"{stored[name]} of {len(signals)} of {name}" for name, signals in found.items())
    return f"stored so far, at least: {counts}. Run this again: it sends what is missing, and nothing twice"


def _outboxes(outbox: Path, creditors: Collection[str]) -> dict[str, Path]:
    """Return the file of each creditor's outbox."""
    if len(creditors) == 1:
        return dict.fromkeys(creditors, outbox)
    return {creditor: outbox.with_name(f"{outbox.name}-{creditor}") for creditor in creditors}


def watch(given: argparse.Namespace) -> None:
    """Publish each file that arrives in a folder, until Ctrl-C."""
    from eropaf_client.files.folders import shown  # POSIX alone
    from eropaf_client.files.watched_folder import Answered, WatchedFolder

    def say(answered: Answered) -> None:
        for sentence in answered.told:
            _say(f"{shown(answered.file.name)}: {sentence}")
        _say(f"{answered.file.parent.name}: {answered.stored} signals, see {shown(str(answered.receipt))}")

    with WatchedFolder(given.folder, _cluster(given), given.creditor, _asked(given)) as watched:
        _say(f"watching {given.folder}")
        watched.watch(say, stopped=lambda: False)


def feedback(given: argparse.Namespace) -> None:
    """Write the feedback on your signals as CSV: all so far, and with `--follow` what follows."""
    sys.stdout.write(HEADER)
    at = _cluster(given)
    with FeedbackReader(at, given.creditor) as reader:
        silence = Silence(at)
        while given.follow or not reader.caught_up:
            found = reader.poll(1.0)
            sys.stdout.writelines(map(line, found))
            sys.stdout.flush()
            if found:
                silence.broken()
            if not given.follow:
                silence.check("the answers were")


def contacts(given: argparse.Namespace) -> None:
    """Leave the contact details of a CSV file beside your signals, sealed, where the municipality asks."""
    found = read_contacts(given.file, given.encoding)
    with ContactSlips(_cluster(given), given.creditor, given.public_key) as slips:
        for each in found:
            slips.leave(each.contract, each.contact)
    _say(f"{given.creditor}: {len(found)} contact slips stored")


def rebind(given: argparse.Namespace) -> None:
    """Allow an outbox or journal to be used with another cluster: pending signals go there."""
    kind = kind_of(given.file)
    if kind not in KINDS:
        raise LedgerError(
            f"{given.file} is a {kind}'s and belongs to no cluster. Rebind the outboxes next to it "
            "(outbox-*.db)"
        )
    ledger = KINDS[kind](given.file)  # type: ignore[call-arg]
    try:
        ledger.unbind()
    finally:
        ledger.close()
    _say(f"{given.file} belongs to the cluster that it is used with next")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "eropaf-client", description="Publish arrears to Eropaf, and read the feedback."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run: Any) -> argparse.ArgumentParser:
        text = run.__doc__.strip()
        made = commands.add_parser(run.__name__, help=text, description=text)
        made.set_defaults(run=run, follow=False)
        return made

    def of_creditor(run: Any, named: bool = False) -> argparse.ArgumentParser:
        made = command(run)
        _add_kafka(made)
        made.add_argument("--creditor", required=named, help="your name on the cluster")
        return made

    publishing = of_creditor(publish)
    publishing.add_argument("file", type=Path, help="CSV, Excel, or DDAS 1.2 (.json)")
    publishing.add_argument("--outbox", type=Path, help="what was sent; default: a file next to FILE")
    watching = of_creditor(watch)
    watching.add_argument("folder", type=Path, help="see the how-to on the watched folder")
    watching.set_defaults(follow=True)
    for reading in (publishing, watching):
        _add_asked(reading)
    leaving = of_creditor(contacts, named=True)
    leaving.add_argument("file", type=Path, help="CSV with the columns contract, name, phone, email")
    leaving.add_argument("--public-key", required=True, help="the municipality's, for contact slips")
    leaving.add_argument("--encoding", type=_encoding, help="as of `publish`")
    following = of_creditor(feedback, named=True)
    following.add_argument("--follow", action="store_true", help="keep running until Ctrl-C")
    command(rebind).add_argument("file", type=Path, help="an outbox, or a subscriber's journal")
    return parser


def _add_asked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--encoding",
        type=_encoding,
        help=f"encoding of CSV files that cannot be told from their bytes: {', '.join(ENCODINGS)}",
    )
    parser.add_argument(
        "--municipality",
        help="CBS code of the municipality whose signals in a DDAS file are yours, such as 0363",
    )


def _encoding(name: str) -> str:
    if encoding_named(name) is None:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(ENCODINGS)}")
    return name


def _asked(given: argparse.Namespace) -> Asked:
    return Asked(given.encoding, given.municipality)


def _add_kafka(parser: argparse.ArgumentParser) -> None:
    address = os.environ.get("EROPAF_BOOTSTRAP")
    parser.add_argument(
        "--bootstrap", default=address, required=address is None, help="the cluster; also EROPAF_BOOTSTRAP"
    )
    parser.add_argument(
        "--config",
        type=_config,
        default={},
        help="a file of librdkafka settings, name=value: TLS, SASL",
        metavar="FILE",
    )


def _cluster(given: argparse.Namespace) -> Cluster:
    return Cluster(given.bootstrap, given.config)


def _config(name: str) -> dict[str, str]:
    try:
        lines = Path(name).read_text("utf-8").splitlines()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read ({error.strerror})") from None
    settings = [line.partition("=") for line in lines if line.strip() and not line.startswith("#")]
    return {key.strip(): value.strip() for key, _, value in settings}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
