"""Bodies of requests, bounded: in size, in the length of a line, and in how long they may hang."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from eropaf.gateway.problems import Problem

# Whoever sends may pause this long. In all their pauses may take as long, and what came at this rate more: a
# line that is merely slow is waited for, a trickle is not.
NEXT_PART_WITHIN_S = 30.0
SLOWEST_BYTES_PER_S = 32 * 1024


async def parts(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes.

    Raises:
        Problem: 413, it is larger than `most_bytes`; 408, it stopped coming, or trickles.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > most_bytes:
        raise _too_large(most_bytes)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "content-encoding", "A body that is compressed is not taken: send it as it is.")
    stream, count, waited_s = request.stream().__aiter__(), 0, 0.0
    while True:
        # Of waiting alone: what we do with a part meanwhile is not the sender's delay.
        left_s = NEXT_PART_WITHIN_S + count / SLOWEST_BYTES_PER_S - waited_s
        began = time.monotonic()
        try:
            async with asyncio.timeout(min(left_s, NEXT_PART_WITHIN_S)):
                part = await anext(stream, None)
        except TimeoutError:
            raise _stopped() from None
        except ClientDisconnect:
            raise Problem(400, "body-cut-off", "The body was cut off. Nothing was stored.") from None
        waited_s += time.monotonic() - began
        if part is None:
            return
        count += len(part)
        if count > most_bytes:
            raise _too_large(most_bytes)
        if part:
            yield part


async def whole(request: Request, most_bytes: int) -> bytes:
    """Return a small body.

    Raises:
        Problem: as `parts`.
    """
    return b"".join([part async for part in parts(request, most_bytes)])


async def lines(request: Request, most_bytes: int, longest_line: int) -> AsyncIterator[bytes]:
    """Yield each line of the body, without its end; one that is longer than a line may be ends it all.

    Raises:
        Problem: as `parts`; 413, a line is too long.
    """
    held = b""
    async for part in parts(request, most_bytes):
        whole_lines, newline, rest = part.rpartition(b"\n")
        if newline:
            for line in (held + whole_lines).split(b"\n"):
                if len(line) > longest_line:
                    raise _too_long(longest_line)
                yield line
            held = rest
        else:
            held += rest
        if len(held) > longest_line:
            raise _too_long(longest_line)
    if held:
        yield held


def media_type(request: Request) -> str:
    """Return what the body says that it is, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _stopped() -> Problem:
    return Problem(408, "body-stopped", "The body stopped coming, or came too slowly. Nothing was stored.")


def _too_large(most_bytes: int) -> Problem:
    size = f"{most_bytes // 1024**2} MiB" if most_bytes >= 1024**2 else f"{most_bytes // 1024} KiB"
    return Problem(
        413, "body-too-large", f"The body is larger than {size}. Nothing was stored; send it in parts."
    )


def _too_long(longest_line: int) -> Problem:
    return Problem(
        413, "line-too-long", f"A line is longer than {longest_line // 1024} KiB. Nothing was stored."
    )
