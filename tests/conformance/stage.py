"""A gateway for each row: one server for all, and behind it a new file, clock and carrier each time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send

from tests.acceptance.gateway import Gateway, application
from tests.simulation.house import House


class Stage:
    """What the server shows now."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.shown: ASGIApp | None = None

    @asynccontextmanager
    async def gateway(self, path: Path) -> AsyncIterator[Gateway]:
        """A new gateway."""
        house = await House(path).open()
        self.shown = application(house)
        try:
            yield Gateway(house, self._http)
        finally:
            await house.close()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by whatever is shown."""
        assert self.shown is not None
        await self.shown(scope, receive, send)


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """A server that answers over TCP."""
    # Told that it is TCP, asyncio sends an answer's head and body without waiting for an acknowledgement in between.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url) as http:
            stage = Stage(http)
            config = uvicorn.Config(stage.answer, interface="asgi3", log_config=None, lifespan="off", ws="none")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listener]))
            try:
                yield stage
            finally:
                server.should_exit = True
                await serving
