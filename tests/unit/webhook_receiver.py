"""Receivers of webhooks on real sockets, which do what a test tells them, and the sender that posts to them.

The key in webhook_receiver.pem is public: it belongs to nothing but these tests.
"""

import asyncio
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from teslimat.core.clock import Clock, SystemClock
from teslimat.core.networks import Network, read_network
from teslimat.core.webhooks import Attempted, Secret, Target
from teslimat.webhooks.sender import HttpSender

T = TypeVar("T")

CLOCK = SystemClock()
CERTIFICATE = Path(__file__).with_name("webhook_receiver.pem")
LOOPBACK = (read_network("127.0.0.0/8"), read_network("::1"))
SECRET = Secret(secrets.token_bytes(32), 0)
EVENT_ID, EVENT_AT, BODY = "evt_1", 1_700_000_000_123, b'{"report":{"status":"delivered"}}'
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

# Nothing is waited for by time; this only turns a hang into a failure.
PATIENCE_S = 20


class Request(NamedTuple):
    """What a receiver was sent."""

    line: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def says(*answers: bytes) -> Behaviour:
    """Give these answers in turn, the last one over and over."""
    left = list(answers)

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return behave


def says_and_ends(answer: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    return behave


def says_and_hangs(answer: bytes = b"") -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await asyncio.Event().wait()

    return behave


class Receiver:
    """Counts the connections it gets, keeps the requests, and behaves."""

    def __init__(self, behave: Behaviour) -> None:
        self.port = 0
        self.connections = 0
        self.requests: asyncio.Queue[Request] = asyncio.Queue()
        self.ended: asyncio.Queue[None] = asyncio.Queue()
        """One for each connection that is over."""
        self._behave = behave
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if (task := asyncio.current_task()) is not None:
            self._tasks.add(task)
        try:
            # A sender that hangs up in the middle is what some tests are about.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while not writer.is_closing():
                    self.requests.put_nowait(await _read(reader))
                    await self._behave(writer)
        finally:
            writer.transport.abort()
            self.ended.put_nowait(None)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)


async def _read(reader: asyncio.StreamReader) -> Request:
    line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return Request(line, headers, await reader.readexactly(int(headers["content-length"])))


@asynccontextmanager
async def receiver(behave: Behaviour, *, host: str = "127.0.0.1", tls: bool = False) -> AsyncIterator[Receiver]:
    """Serve one on a free port."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
    made = Receiver(behave)
    server = await asyncio.start_server(made.serve, host, 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.stop()
        await server.wait_closed()


@asynccontextmanager
async def sender(
    allowed: Sequence[Network] = LOOPBACK,
    *,
    seconds: float = PATIENCE_S,
    clock: Clock = CLOCK,
    ssl_context: ssl.SSLContext | None = None,
    **seams: Callable[..., Any],
) -> AsyncIterator[HttpSender]:
    """Make a sender that may speak to this machine, unless told otherwise."""
    made = HttpSender(clock, allowed, seconds=seconds, ssl_context=ssl_context, **seams)
    try:
        yield made
    finally:
        await made.close()


def target(
    where: Receiver | str, *, id_: int = 1, secrets_: tuple[Secret, ...] = (SECRET,), concurrency: int = 4
) -> Target:
    url = where if isinstance(where, str) else f"http://127.0.0.1:{where.port}/hook?key=in-the-query"
    return Target(id=id_, account_id=1, url=url, secrets=secrets_, concurrency=concurrency, per_second=0, enabled=True)


async def post(by: HttpSender, to: Target) -> Attempted:
    async with asyncio.timeout(PATIENCE_S):
        return await by.post(to, EVENT_ID, EVENT_AT, BODY)


async def post_to(behave: Behaviour, *, seconds: float = PATIENCE_S) -> Attempted:
    """What comes of one POST to a receiver that behaves so."""
    async with receiver(behave) as there, sender(seconds=seconds) as by:
        return await post(by, target(there))


async def soon(queue: asyncio.Queue[T]) -> T:
    async with asyncio.timeout(PATIENCE_S):
        return await queue.get()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something that it will do has happened."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event, and it takes a few turns only
            await asyncio.sleep(0)


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
