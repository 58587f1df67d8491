"""`eropaf board`: the outreach team's page."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

import typer

from eropaf.board.config import BoardConfig
from eropaf.board.passwords import SHORTEST, hashed
from eropaf.board.serve import served
from eropaf.board.store import Account, Store
from eropaf.board.user import AREA, EVERYWHERE, Role
from eropaf.cluster.policy_held import in_force
from eropaf.commands.accounts import app as accounts
from eropaf.desk.service import desk
from eropaf.desk.slips import asks_the_desk
from eropaf.process import logs
from eropaf.serving.until_told import until_told
from eropaf.settings import Settings

app = typer.Typer(help="The outreach team's page.", no_args_is_help=True)
app.add_typer(accounts, name="accounts")

LONGEST_ACCOUNT_NAME = 100


@app.command()
def run() -> None:
    """Serve the board until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    explainer, token, policy = desk(settings), settings.slips_token, in_force(settings)
    config = replace(
        settings.board(policy.zone.name),
        explainer=explainer,
        # Of the two boards the desk is asked, and the team's asks.
        ask_slips=asks_the_desk(settings) if explainer is None else None,
        slips_token=token.get_secret_value() if token and settings.slips_private_keys else None,
        asks_creditors=policy.still_open,
    )
    asyncio.run(_serve(settings, config))


@app.command()
def account(
    name: Annotated[str, typer.Argument(help="The name to log in with; colleagues see it.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    role: Annotated[Role, typer.Option(help="What this person does.")] = Role.OUTREACH,
    area: Annotated[list[str] | None, typer.Option(help="Four digits; may be repeated.")] = None,
    every_area: Annotated[bool, typer.Option("--every-area", help="All areas of the municipality.")] = False,
) -> None:
    """Add a local account, or change the one with that name; a disabled one may log in again."""
    if len(password) < SHORTEST:
        raise typer.BadParameter(f"a password has at least {SHORTEST} characters")
    if not name.isprintable() or not 0 < len(name) <= LONGEST_ACCOUNT_NAME or name.startswith("openid:"):
        raise typer.BadParameter(f"a name has 1 to {LONGEST_ACCOUNT_NAME} visible characters")
    if not all(AREA.fullmatch(each) for each in area or ()):
        raise typer.BadParameter("an area has four digits")
    if role is not Role.OPERATOR and bool(area) == every_area:
        raise typer.BadParameter("name the areas (--area 1011), or say --every-area")
    made = Account(name, hashed(password), role, EVERYWHERE if every_area else frozenset(area or ()))
    asyncio.run(_put(Settings().board_database, made))
    typer.echo(f"{name} can log in")


async def _put(database: str, made: Account) -> None:
    store = Store(database)
    await store.open()
    try:
        await store.put_account(made)
    finally:
        await store.close()


async def _serve(settings: Settings, config: BoardConfig) -> None:
    port = settings.board_metrics_port
    metrics_at = None if port is None else (settings.metrics_host, port)
    board = served(config, settings.board_host, settings.board_port, metrics_at)
    await until_told(board, "board", config.address)
