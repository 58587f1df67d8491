"""A file of TOML tables of one name, each checked by its model; what is wrong is told by table and field."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from eropaf_client.schemas.errors import ClientError

Checked = TypeVar("Checked", bound=BaseModel)


def read_tables(path: Path, name: str, model: type[Checked], refused: type[ClientError]) -> Iterator[Checked]:
    """Yield the `[[name]]` tables of the file, in their order.

    Raises:
        ClientError: `refused`; the file cannot be read, holds anything else, or a table is not right.

    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise refused(f"{path} cannot be read as TOML: {type(error).__name__}") from None
    listed = content.get(name)
    if set(content) != {name} or not isinstance(listed, list):
        raise refused(f"{path} holds `[[{name}]]` tables, one at least, and nothing else")
    for number, each in enumerate(listed, 1):
        yield _checked(f"{path}, {name} {number}", each, model, refused)


def _checked(where: str, given: Any, model: type[Checked], refused: type[ClientError]) -> Checked:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "it"
        said = str(first["msg"]).removeprefix("Value error, ")
        raise refused(f"{where}, {place}: {said}") from None
