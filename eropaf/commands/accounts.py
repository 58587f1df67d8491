"""`eropaf board accounts`: who may log in to the board; and what ends when somebody leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from eropaf.board.store import Store
from eropaf.board.user import EVERY_AREA
from eropaf.settings import Settings
from eropaf_client.errors import ClientError

Answer = TypeVar("Answer")

app = typer.Typer(
    help="Who may log in to the board, and ending their access when they leave.", no_args_is_help=True
)

Who = Annotated[
    str, typer.Argument(help="The name of a local account, or `openid:` followed by the provider's subject.")
]


class NobodyOfThatName(ClientError):
    """No account and no session has this name."""


@app.command("list")
def list_() -> None:
    """List local accounts, disabled people, and who is logged in."""

    async def ask(store: Store) -> None:
        known = await store.every_account()
        for account, off in known:
            areas = (
                "every area" if EVERY_AREA in account.areas else " ".join(sorted(account.areas)) or "no area"
            )
            typer.echo("\t".join([account.name, account.role, areas, "disabled" if off else "may log in"]))
        local = {account.name for account, _ in known}
        for user_id in await store.disabled():
            if user_id not in local:
                typer.echo(f"{user_id}\t\t\tdisabled")
        for each in await store.logged_in():
            typer.echo(f"{each}\t\t\tlogged in")

    _with_store(ask)


@app.command()
def disable(who: Who) -> None:
    """Disable somebody, local or from the provider, and end their sessions.

    Works for people the board has never seen, too: somebody may leave before their first log-in.
    """
    ended = _with_store(lambda store: store.disable(who))
    typer.echo(f"{who} may not log in; {ended} sessions ended")


@app.command()
def enable(who: Who) -> None:
    """Let somebody log in again after `disable`."""
    _with_store(lambda store: store.enable(who))
    typer.echo(f"{who} may log in")


@app.command("end-sessions")
def end_sessions(
    who: Annotated[str | None, typer.Argument(help="Whose sessions: as for `disable`.")] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="Everybody's.")] = False,
) -> None:
    """End one person's sessions, or everybody's: open pages stop within a second."""
    if (who is None) != everybody:
        raise typer.BadParameter("name one person, or --everybody")
    ended = _with_store(lambda store: store.end_sessions(who))
    if ended == 0 and who is not None:
        raise NobodyOfThatName(f"{who} is not logged in. `eropaf board accounts list` shows who is")
    typer.echo(f"{ended} sessions ended")


def _with_store(act: Callable[[Store], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        store = Store(Settings().board_database)
        await store.open()
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())
