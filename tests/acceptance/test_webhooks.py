"""Webhooks as their receivers meet them: a running gateway, commands, real sockets, and the library that verifies."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from teslimat.carriers.simulator.script import Script
from teslimat_client.contract.webhooks import Report, Webhook
from tests.acceptance.processes import PATIENCE_S, Carrying, Installation, Serve, command, recipients, served
from tests.test_docs import table_of
from tests.unit.webhook_receiver import OK, Behaviour, Receiver, receiver, says, says_and_hangs

SETTINGS: Final = {"webhook_networks": "127.0.0.0/8,::1"}
BUSY = b"HTTP/1.1 500 Busy\r\ncontent-length: 0\r\n\r\n"
MESSAGES = 300


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide as their terminal."""
    monkeypatch.setenv("COLUMNS", "200")


class Scene:
    """A gateway that tells a receiver."""

    def __init__(self, installation: Installation, carrier: Carrying, at: Receiver) -> None:
        self.installation = installation
        self.carrier = carrier
        self.receiver = at
        self.secrets: list[str] = []

    async def start(self) -> Serve:
        return await self.installation.start(**SETTINGS)

    async def webhooks(self, *arguments: str) -> str:
        process = await command("--database", self.installation.database, "webhooks", *arguments, settings=SETTINGS)
        async with asyncio.timeout(PATIENCE_S):
            out, error = await process.communicate()
        assert process.returncode == 0, error
        return out.decode()

    async def add(self, at: Receiver | None = None) -> None:
        url = f"http://127.0.0.1:{(at or self.receiver).port}/hook"
        self.secrets.append((await self.webhooks("add", "acme", url)).split()[-1])

    async def heard(self) -> tuple[str, Report]:
        """The next event and what it says, after verifying it with the first secret."""
        async with asyncio.timeout(PATIENCE_S):
            request = await self.receiver.requests.get()
        Verifier(self.secrets[0]).verify(request.body.decode(), request.headers)
        ours = {name for name in request.headers if name.startswith("webhook-")}
        assert ours == {row[0] for row in table_of("docs/webhooks.md", "header")}
        return request.headers["webhook-id"], msgspec.json.decode(request.body, type=Webhook).report


@asynccontextmanager
async def scene(folder: Path, behave: Behaviour | None = None) -> AsyncIterator[Scene]:
    async with receiver(behave or says(OK)) as at, served(folder, Script()) as (installation, carrier):
        made = Scene(installation, carrier, at)
        await made.add()
        yield made


async def test_accepted_and_then_delivered_arrive_signed(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        serve = await at.start()
        order_id = await serve.send(["+905300000001"], "Merhaba")
        accepted, delivered = await at.heard(), await at.heard()
        assert accepted == (f"{order_id}-0-accepted", Report(1, int(order_id), "accepted", "+905300000001", "Merhaba"))
        assert delivered[0] == f"{order_id}-0-delivered"
        assert delivered[1].status == "delivered"
        assert await serve.stop() == 0
        text = serve.log.read_text()
        assert "905300000001" not in text
        assert "Merhaba" not in text


async def test_a_webhook_that_is_added_while_the_gateway_runs_is_told_at_once(tmp_path: Path) -> None:
    async with receiver(says(OK)) as at, served(tmp_path, Script()) as (installation, carrier):
        added = Scene(installation, carrier, at)
        serve = await added.start()
        await added.add()
        order_id = await serve.send(recipients(1))
        assert (await added.heard())[0] == f"{order_id}-0-accepted"


async def test_after_a_kill_every_event_has_arrived(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        serve = await at.start()
        order_id = await serve.send(recipients(MESSAGES))
        said: dict[str, Report] = {}
        for _ in range(MESSAGES // 2):
            name, report = await at.heard()
            assert said.setdefault(name, report) == report
        await serve.kill()
        serve = await at.start()
        words = ("accepted", "delivered")
        wanted = {f"{order_id}-{position}-{word}" for position in range(MESSAGES) for word in words}
        while said.keys() != wanted:
            name, report = await at.heard()
            assert said.setdefault(name, report) == report
            assert report.status == "accepted" or f"{name.rpartition('-')[0]}-accepted" in said


async def test_what_fails_is_in_the_log_and_comes_again_when_it_is_asked_for(tmp_path: Path) -> None:
    async with scene(tmp_path, says(BUSY, OK)) as at:
        serve = await at.start()
        order_id = await serve.send(recipients(1))
        name = f"{order_id}-0-accepted"
        assert (await at.heard())[0] == name
        await serve.completed(order_id)
        log = await at.webhooks("log", "1", "--failed")
        assert name in log
        assert "500" in log
        assert "events to tell: 2" in await at.webhooks("replay", "1", "--order", order_id)
        assert [(await at.heard())[0] for _ in range(2)] == [name, f"{order_id}-0-delivered"]
        assert await serve.metric("teslimat_webhook_attempts_total") == 3


async def test_a_new_secret_signs_beside_the_old_one(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        new = (await at.webhooks("rotate", "1")).split()[-1]
        serve = await at.start()
        await serve.send(recipients(1))
        old = at.secrets[0]
        await at.heard()
        at.secrets[0] = new
        await at.heard()
        assert new != old


async def test_a_receiver_that_hangs_keeps_neither_the_others_nor_the_end_waiting(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, receiver(says_and_hangs()) as hanging:
        await at.add(hanging)
        serve = await at.start()
        await serve.send(recipients(MESSAGES))
        for _ in range(2 * MESSAGES):
            await at.heard()
        assert hanging.connections == 8
        assert await serve.stop(signal.SIGTERM) == 0


async def test_an_address_that_is_not_public_is_not_connected_to_unless_it_is_allowed(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        serve = await at.installation.start()
        order_id = await serve.send(recipients(1))
        await serve.completed(order_id)
        async with asyncio.timeout(PATIENCE_S):
            while "not allowed" not in (log := await at.webhooks("log", "1")):
                pass
        assert "none" in log
        assert at.receiver.connections == 0
