"""A gateway for each row: one server for all, and behind it a new file, clock and carrier each time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from litestar.types import ASGIApp, Receive, Scope, Send

from tests.acceptance.gateway import Gateway, application, served
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

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await stage.answer(scope, receive, send)

    async with served(answer) as http:
        stage = Stage(http)
        yield stage
