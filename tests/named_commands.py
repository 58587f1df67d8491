"""Commands that documents name: what of ours they call, and whether it is there."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from typing import Any

import typer

from eropaf.main import COMMANDS

FENCED = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# At the beginning, behind settings, or behind what one command hands to the next.
OURS = re.compile(
    r"(?:^|&& |\| |\$\(|-- |exec (?:\S+ )?|ExecStart=)(?:[A-Z_]+=\S+ +)*(?:/\S+/)?eropaf ([^|&#)<>']+)"
)
DATE = re.compile(r'"?\$\(date [^)]*\)"?')


def shell_lines(text: str) -> list[str]:
    """Return each line of the shell in a page, without comments; what goes on in the next is one."""
    lines = [
        line.strip() for block in FENCED.findall(text) for line in block.replace("\\\n", " ").splitlines()
    ]
    return [line.partition(" #")[0] for line in lines if line and not line.startswith("#")]


def faults(line: str) -> list[str]:
    """Return what a line asks of `eropaf` that it has not: a command, or an option of one."""
    wrong = []
    for said in OURS.findall(DATE.sub("2026-03-01", line)):
        name, *given = shlex.split(said)
        if name.startswith("-"):
            continue
        if name not in COMMANDS:
            wrong.append(f"{name}: no such command")
            continue
        command = command_of(name)
        while hasattr(command, "commands"):
            if not given or given[0] not in command.commands:
                wrong.append(f"{name}: {' '.join(given[:1]) or 'which command?'}")
                break
            command = command.commands[given.pop(0)]
        else:
            options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            wrong += [f"{name}: {word}" for word in given if word.startswith("-") and word not in options]
    return wrong


def command_of(name: str) -> Any:
    """Return the command `eropaf NAME`, a group or one alone."""
    module, attribute = COMMANDS[name].place.split(":")
    found = getattr(import_module(f"eropaf.commands.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer()
        alone.command()(found)
        found = alone
    return typer.main.get_command(found)
