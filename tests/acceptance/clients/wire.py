"""Bytes on a socket, as a client writes them, and answers as they come back: no HTTP library in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

PATIENCE_S: Final = 3.0
"""Less than a server keeps an idle connection open, so that one which is not closed is noticed."""


class Answer(NamedTuple):
    """An answer as it came; names of headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Line(NamedTuple):
    """A connection on which requests follow each other."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> Answer:
        """Send a request and read its answer; the body waits for a `100 Continue` if the head expects one."""
        head, blank, body = request.partition(b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            self.writer.write(head + blank)
            if b"expect: 100-continue" in head.lower():
                assert await self.reader.readuntil(blank) == b"HTTP/1.1 100 Continue\r\n\r\n"
            self.writer.write(body)
            answer = await self._answer()
            if _closes(head):
                assert await self.reader.read() == b""
        return answer

    async def _answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n")
        first, *lines = head.split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return Answer(int(status), headers, await self.reader.readexactly(int(headers["content-length"])))


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


def _closes(head: bytes) -> bool:
    """Whether the client reads to the end of the connection."""
    return b"\r\nconnection: close" in head.lower() or b" HTTP/1.0\r\n" in head


def request(line: str, head: str, body: bytes) -> bytes:
    """Build a request out of its first line, its other lines, and a body that the head announces."""
    if "chunked" in head:
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    lines = "\r\n".join([line, *head.replace("LENGTH", str(len(body))).splitlines()])
    return lines.encode() + b"\r\n\r\n" + body
