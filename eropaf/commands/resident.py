"""`eropaf resident`: a resident's rights: to object, to have access, to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from eropaf.commands.target import check_target
from eropaf.desk.at_the_desk import answer, made, tell_aside
from eropaf.desk.deeds import Access, Erase, Object, Objections
from eropaf.desk.erasures import Erasures, RefuseErasure
from eropaf.desk.letter_code import DrawCode
from eropaf.desk.mismatches import Mismatches, SettleMismatch, Where
from eropaf.desk.respelled import kept
from eropaf.desk.whom import is_bsn
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings
from eropaf_client.files.understood import counted
from eropaf_client.files.writing import in_its_place

NOTHING_KEPT = "Nothing is kept of this address: is it written as the register has it?"
NOTHING_WAITS = "The register does not know this number, and nothing waits for it: is it right?"

app = typer.Typer(help="A resident's rights: object, access, erase.", no_args_is_help=True)

Who = Annotated[
    str, typer.Argument(help='An address, "1011 AB 12 hs", the nine digits of a BSN, or a household key.')
]


@app.command("object")
def object_(
    who: Who,
    take_back: Annotated[
        bool, typer.Option("--take-back", help="End an objection: it was withdrawn, or the objector left.")
    ] = False,
) -> None:
    """Object to early signalling: from now on no signal about the household becomes an update.

    What was known of its arrears is deleted at once. Creditors hear that a signal was not picked up, never
    why. Leaves a trace on `audit`.
    """
    said = answer(Settings(), made(Object, who=who, take_back=take_back))
    tell_aside(said)
    typer.echo("the objection is taken back" if take_back else "the objection stands")
    if not said["kept"]:
        typer.echo(f"{_nothing(who)} What is signalled of it later, the objection is held against.")


@app.command()
def objections() -> None:
    """List the addresses whose objection a person must decide on; exit status 3 if there are any.

    Since the day that is named, another contract of the home is signalled, or a resident left by the
    register. `eropaf resident access KEY --purpose objection` shows both. Where who objects lives there
    still, `eropaf resident object KEY` says so; where not, with `--take-back`.
    """
    said = answer(Settings(), made(Objections))
    waiting = [
        f"{each['household']}  since {each['in_doubt_since']}  {each['address']}" for each in said["waiting"]
    ]
    _list("objection", waiting, said)


@app.command()
def access(
    who: Who,
    purpose: Annotated[
        Purpose, typer.Option(help="The purpose; stored with who asked, before anything is opened.")
    ],
    letter: Annotated[
        Path | None,
        typer.Option(help="Also write a letter in plain Dutch to this file, readable by you alone."),
    ] = None,
) -> None:
    """Write everything held on a household, as one JSON document with dates."""
    if letter is not None:  # before a trace says that anything was opened
        check_target(letter, overwrite=False, instead="name another file with --letter")
    said = answer(Settings(), made(Access, who=who, purpose=purpose))
    tell_aside(said)
    document = said["document"]
    if document["unreadable"]["records"]:
        typer.secho(
            f"{counted(document['unreadable']['records'], 'record')} cannot be read: see `unreadable` below",
            fg=typer.colors.YELLOW,
            err=True,
        )
    if letter is not None:
        with in_its_place(letter, replace=False) as target:
            target.write(said["letter"]["nl"].encode())
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


@app.command()
def code(who: Who) -> None:
    """Draw a code for a letter: it opens the resident's own page once, for an hour.

    Whoever has the code sees all that is held of the household, so send it to its address and nowhere else.
    Leaves a trace on `audit`.
    """
    said = answer(Settings(), made(DrawCode, who=who))
    tell_aside(said)
    where = f", at {said['where']}" if said["where"] else ""
    typer.echo(f"{said['code']}  until {said['until']}{where}")


@app.command()
def erasures() -> None:
    """List the households whose erasure a person must decide on; exit status 3 if there are any.

    Asked for on the resident's own page, on the day that is named: answer within a month of it. `eropaf
    resident access KEY --purpose resident-asked` shows what is held. `eropaf resident erase KEY` erases it;
    with --refuse it stays, and the resident must hear why.
    """
    said = answer(Settings(), made(Erasures))
    _list("erasure", [f"{each['household']}  asked on {each['asked_on']}" for each in said["waiting"]], said)


@app.command()
def mismatches() -> None:
    """List whom the register does not place here, for a person to decide; exit status 3 if there are any.

    The key of each, why, since when, until when its signals wait, and where it may be. `eropaf resident place
    KEY ADDRESS` says where one lives, and without an address that they do not live here.
    """
    said, waiting = answer(Settings(), made(Mismatches)), []
    for each in said["waiting"]:
        until = f"  waits until {each['until']}" if each["until"] else ""
        may_be = f"  perhaps {'; '.join(each['candidates'])}" if each["candidates"] else ""
        waiting.append(f"{each['resident']}  {each['reason']}  since {each['since']}{until}{may_be}")
    _list("mismatch", waiting, said)


@app.command()
def place(
    resident: Annotated[str, typer.Argument(help="The key that `eropaf resident mismatches` names.")],
    address: Annotated[
        str, typer.Argument(help='Where they live, "1011 AB 12 hs"; without one: they do not live here.')
    ] = "",
) -> None:
    """Say where somebody lives whom the register does not place here; without an address, that they do not.

    Their signals go to that household, or their creditors hear "Persoon is geen inwoner (meer)". Leaves a
    trace on `audit`.
    """
    where = Where.HERE if address else Where.GONE
    answer(Settings(), made(SettleMismatch, resident=resident, where=where, address=address))
    typer.echo("their signals go to that address" if address else "creditors hear that they do not live here")


@app.command()
def erase(
    who: Who,
    refuse: Annotated[
        bool, typer.Option("--refuse", help="Erase nothing: a person decided that it must be kept.")
    ] = False,
) -> None:
    """Forget a household: from every table and list now, from every log when its retention ends.

    docs/explanation/data-flow-and-retention.md says when that is, per topic. The register's entries for the
    address are deleted too; the next `eropaf residents load` restores those who still live there. Objections
    that stand at the address stand on, each with its resident's entry, until it is taken back. Leaves a trace
    on `audit`, with only the household's key.
    """
    if refuse:
        tell_aside(answer(Settings(), made(RefuseErasure, who=who)))
        typer.echo("nothing is erased, and that this was refused is kept. Tell the resident why, by letter")
        return
    said = answer(Settings(), made(Erase, who=who))
    tell_aside(said)
    typer.echo(
        "the household is forgotten" if said["kept"] else f"{_nothing(who)} There was nothing to forget."
    )
    if said["objections"]:
        typer.echo(
            f"objections that stand on: {said['objections']}. Each is kept until it is taken back "
            "(eropaf resident object WHO --take-back)"
        )
    for until in said["marks_until"]:
        typer.echo(f"how workers go to this address stands until {until}: the law has employers protect them")


@app.command()
def respelled() -> None:
    """List the households whose address an earlier version spelled otherwise, and who objects there.

    No signal, payment or objection of today leads to them. Run it after an upgrade, as the role `desk`.
    """
    found = kept(Settings())
    for each in found:
        typer.echo(each)
    if not found:
        typer.echo("every household is spelled as today's rules do", err=True)


def _list(what: str, waiting: Sequence[str], said: Mapping[str, Any]) -> NoReturn:
    """List what a person must decide on, and end with the exit status that says whether there is any."""
    tell_aside(said)
    for each in waiting or [f"no {what} waits for a decision"]:
        typer.echo(each)
    raise typer.Exit(NOT_AS_IT_MUST_BE if waiting else 0)


def _nothing(who: str) -> str:
    """Return what is said where nothing is kept; of a number that the register knows, an address is."""
    return NOTHING_WAITS if is_bsn(who) else NOTHING_KEPT
