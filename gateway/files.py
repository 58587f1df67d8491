"""`POST /files`: a creditor's CSV, Excel or DDAS file, by the client library's own readers."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import IO

from starlette.requests import Request
from starlette.responses import Response

from eropaf.gateway import metrics
from eropaf.gateway.body import media_type, parts
from eropaf.gateway.intake import Intake, ready
from eropaf.gateway.problems import Problem, Wrong, invalid
from eropaf.gateway.repeats import Repeats
from eropaf.gateway.room import Room
from eropaf.gateway.signals import counted
from eropaf.gateway.spool import Spool
from eropaf_client.async_sending import AsyncSender
from eropaf_client.errors import FileRefused, InvalidSignal
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import LARGEST_CSV_BYTES, LARGEST_FILE_BYTES, Delivered, read_by_creditor
from eropaf_client.schemas.topics import arrears

KINDS = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/json": ".json",
}
# Of files so many are read and stored at once; the others wait, while more of them may still be coming.
READ_AT_ONCE = 2


class Files:
    """Takes files in: checked as a whole, then stored."""

    def __init__(self, intake: Intake, repeats: Repeats, asked: Asked) -> None:
        self._intake, self._repeats, self._asked = intake, repeats, asked
        self._room = Room("/v1/files", of_one=1, of_all=20, again_after_s=10)
        self._turns = asyncio.Semaphore(READ_AT_ONCE)

    async def post(self, request: Request, creditor: str) -> Response:
        """Store every signal of a file, or none."""
        kind = KINDS.get(media_type(request))
        if kind is None:
            raise Problem(415, "media-type", f"Send one of {', '.join(KINDS)}.")
        # Without a name on disk: a process that is killed leaves nothing of who is in arrears behind.
        with self._room.taken(creditor), tempfile.TemporaryFile() as file:
            digest = await _written(
                request, file, LARGEST_CSV_BYTES if kind == ".csv" else LARGEST_FILE_BYTES
            )
            with self._repeats.once(request, creditor, digest) as once:
                if once.answer is None:
                    async with self._turns:
                        once.answer = await self._stored(creditor, file, kind)
                return once.answer

    async def _stored(self, creditor: str, file: IO[bytes], kind: str) -> Response:
        post = await self._intake.post(creditor)
        with Spool() as spool:
            try:
                found = await asyncio.to_thread(_read, file, kind, creditor, self._asked, post, spool)
            except FileRefused as refused:
                metrics.INVALID.labels(topic=arrears(creditor)).inc()
                raise invalid(
                    [Wrong("file-refused", each.message, place=each.place) for each in refused.problems]
                ) from None
            taken = await self._intake.store(creditor, spool, "signal")
        return counted(taken, understood=found.understood, left=list(found.left))


async def _written(request: Request, file: IO[bytes], most_bytes: int) -> bytes:
    """Write the body into a file; return its digest."""
    digest = hashlib.sha256()
    async for part in parts(request, most_bytes):
        digest.update(part)
        file.write(part)
    file.flush()
    return digest.digest()


def _read(
    file: IO[bytes], kind: str, creditor: str, asked: Asked, post: AsyncSender, spool: Spool
) -> Delivered:
    """Read a file into `spool`. In a thread of its own: a large one takes a while.

    Raises:
        FileRefused: something in it is wrong; every fault is named by its place.
    """
    # The way in which Linux opens a file that has no name a second time.
    found = read_by_creditor(Path(f"/proc/self/fd/{file.fileno()}"), creditor, asked, kind)
    for number, filed in enumerate(found.by_creditor[creditor], 1):
        try:
            spool.put(ready(post, filed.signal, number))
        except InvalidSignal as error:  # too large, when all else is right
            raise invalid([Wrong.of(each, filed.place) for each in error.faults]) from None
    return found
