"""A resident's own page, on a socket: what a stranger may send it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from eropaf.board.resident.at_the_desk import AtTheDesk
from eropaf.board.resident.config import DeskPlace, ResidentPageConfig
from eropaf.board.resident.serve import app_of
from eropaf.serving.server import running, server
from tests.unit.board.a_resident_desk import SECRET
from tests.unit.board.test_resident_page import ADDRESS


def test_a_form_without_end_is_refused_whatever_size_it_states() -> None:
    head = f"POST /nl/code HTTP/1.1\r\nHost: {urlsplit(ADDRESS).netloc}\r\nOrigin: {ADDRESS}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    sizes = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = 8 * (b"1000\r\n" + b"a" * 0x1000 + b"\r\n") + b"0\r\n\r\n"

    async def status_line() -> bytes:
        nowhere = DeskPlace("http://127.0.0.1:1", SECRET)
        desk = AtTheDesk(nowhere)
        here = server(app_of(ResidentPageConfig(ADDRESS, nowhere), desk), "127.0.0.1", 0)
        async with running([here]):
            port = here.servers[0].sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write((head + form + sizes).encode() + parts)
            answered = await reader.readline()
            writer.close()
        await desk.close()
        return answered

    assert b" 413 " in asyncio.run(asyncio.wait_for(status_line(), 100))
