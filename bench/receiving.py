"""Receivers of webhooks as a process: `python -m bench.receiving GOOD HANGING` prints the ports and runs until killed.

The first port tells what the others have seen. Nothing is verified, so that the gateway is what is measured.
"""

import asyncio
import json
import re
import sys
from typing import Final, cast

import uvloop

HANGS_S: Final = 30.0
_OK: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
_length = re.compile(rb"content-length: *(\d+)", re.IGNORECASE).search
_id = re.compile(rb"webhook-id: *(\S+)", re.IGNORECASE).search


class Seen:
    """What one receiver has seen."""

    def __init__(self) -> None:
        self.posts = 0
        self.ids: set[bytes] = set()


class Receiving(asyncio.Protocol):
    """One connection to a receiver."""

    def __init__(self, seen: Seen, delay: float) -> None:
        self._seen = seen
        self._delay = delay
        self._read = bytearray()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Count each request that is whole, and answer it."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n") + 4) >= 4:
            head = bytes(self._read[:end])
            length, name = _length(head), _id(head)
            assert length
            assert name
            end += int(length[1])
            if len(self._read) < end:
                return
            del self._read[:end]
            self._seen.posts += 1
            self._seen.ids.add(name[1])
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_OK)


class Telling(asyncio.Protocol):
    """Answers any request with what all receivers have seen."""

    def __init__(self, receivers: list[Seen]) -> None:
        self._receivers = receivers
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer, whatever was asked."""
        del data
        body = json.dumps([(seen.posts, len(seen.ids)) for seen in self._receivers]).encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        self._transport.close()


async def run(good: int, hanging: int) -> None:
    """Serve so many of each, the good ones first."""
    loop = asyncio.get_running_loop()
    receivers = [Seen() for _ in range(good + hanging)]
    servers = [await loop.create_server(lambda: Telling(receivers), "127.0.0.1", 0)]
    for i, seen in enumerate(receivers):
        delay = 0.0 if i < good else HANGS_S
        servers.append(await loop.create_server(lambda seen=seen, delay=delay: Receiving(seen, delay), "127.0.0.1", 0))  # type: ignore[misc] # a factory without arguments
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), int(sys.argv[2])))
