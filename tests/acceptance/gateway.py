"""A gateway that answers over real HTTP: real wire, flows and store; clock and carrier obey the test."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from litestar import Litestar
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.types import ASGIApp
from uvicorn.server import ServerState

from teslimat.api.v1.bodies import BUDGET_OCTETS
from teslimat.api.v1.json import JSON
from teslimat.api.v1.routes import NOT_HTTP, no_such_address, with_v1
from teslimat.api.v1.wire import Wire
from teslimat.core.networks import Network
from teslimat.core.states import DELIVERED
from teslimat.flows.accounts import Credentials, change_account, new_account, new_credentials, open_account
from teslimat.passwords import Argon2Passwords
from teslimat.serving import Edge, HttpConfig, HttpProtocol
from tests.simulation.house import House

MIB = 2**20
EDGE = Edge(NOT_HTTP, JSON.content_type)


class Gateway:
    """The running gateway, and a client of it."""

    def __init__(self, house: House, http: httpx.AsyncClient) -> None:
        self.house = house
        self.http = http

    async def post(self, endpoint: str, body: bytes) -> httpx.Response:
        return await self.http.post(f"/v1/{endpoint}/json", content=body)

    async def ask(self, endpoint: str, request: dict[str, object], who: Credentials | None = None) -> httpx.Response:
        who = who or self.house.credentials
        given = {"authentication": {"key": who.key, "hash": who.hash}, **request}
        return await self.post(endpoint, json.dumps({"request": given}).encode())

    async def send(self, *numbers: object, text: str = "Merhaba", **fields: object) -> httpx.Response:
        message = {"text": text, "receipents": {"number": list(numbers)}}
        order = {"sender": "ACME", "sendDateTime": "", "iys": "0", "message": message, **fields}
        return await self.ask("send-sms", {"order": order})

    async def report(self, order_id: object, **fields: object) -> httpx.Response:
        return await self.ask("get-report", {"order": {"id": order_id, **fields}})

    async def deliver(self) -> None:
        """Let the carrier take and deliver all that waits for it."""
        while await self.house.dispatch():
            while self.house.link.under_way:
                part = self.house.link.take()
                self.house.link.receipt(self.house.link.accept(part), DELIVERED, part)
            await self.house.settle()

    async def another_account(self, name: str = "stranger") -> Credentials:
        who = new_credentials(self.house.random.randbytes)
        await open_account(self.house.store, new_account(name, who, credits_=10, senders=["ACME"]))
        return who

    async def allow_only(self, *networks: str) -> None:
        await change_account(self.house.store, await self.house.account(), allow_ips=networks)

    async def untouched(self) -> bool:
        """Whether nothing was ever stored or charged."""
        return not await self.house.orders() and (await self.house.account()).balance == 100_000


def application(
    house: House,
    *,
    body_limit: int = 8 * MIB,
    trusted_proxies: tuple[Network, ...] = (),
    body_budget: int = BUDGET_OCTETS,
) -> ASGIApp:
    passwords = Argon2Passwords(house.clock, house.random.randbytes)
    wire = Wire(house.store, house.clock, house.placing, lambda: body_limit, passwords, trusted_proxies, Counter())
    others = Litestar(
        openapi_config=None,
        exception_handlers={NotFoundException: no_such_address, MethodNotAllowedException: no_such_address},
    )
    return with_v1(wire, others, body_budget)


@asynccontextmanager
async def served(app: ASGIApp, edge: Edge = EDGE) -> AsyncIterator[httpx.AsyncClient]:
    """An application over TCP, and a client of it."""
    config = HttpConfig(app, edge, stop_seconds=1)
    config.load()
    state = ServerState()
    # Without the rest of uvicorn's server, which looks ten times a second whether it is to stop.
    server = await asyncio.get_running_loop().create_server(
        lambda: HttpProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, headers={"content-type": "application/json"}) as http:
            yield http
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        await asyncio.gather(*state.tasks)


@asynccontextmanager
async def running(
    path: Path,
    *,
    body_limit: int = 8 * MIB,
    trusted_proxies: tuple[Network, ...] = (),
    body_budget: int = BUDGET_OCTETS,
    edge: Edge = EDGE,
) -> AsyncIterator[Gateway]:
    house = await House(path).open()
    app = application(house, body_limit=body_limit, trusted_proxies=trusted_proxies, body_budget=body_budget)
    try:
        async with served(app, edge) as http:
            yield Gateway(house, http)
    finally:
        await house.close()
