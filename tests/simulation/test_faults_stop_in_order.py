"""A gateway in this process, with real carriers: what fails in it, what is changed under it, and how it stops."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace

from teslimat import app
from teslimat.app import Gateway
from teslimat.carriers.pool import Pool
from teslimat.carriers.simulator.script import Script
from teslimat.cli import main
from teslimat.config import Settings
from teslimat.core.clock import SystemClock
from teslimat.core.model import Account, Carrier
from teslimat.core.ports import StoreUnavailable, Transaction
from teslimat.core.states import SUBMITTING
from teslimat.failures import GatewayFailed
from teslimat.flows import dispatch, settler
from teslimat.flows.accounts import new_account, new_credentials, open_account
from teslimat.flows.dispatch import Dispatcher
from teslimat.flows.place import MessageRequest, OrderRequest, place
from teslimat.flows.settler import Settler
from teslimat.flows.upkeep import Upkeep
from teslimat.listening import listen
from teslimat.store.migrate import migrate
from teslimat.store.sqlite import SqliteStore, run_in_thread
from tests.acceptance.processes import HOST, PATIENCE_S, Carrying

MESSAGES = 1_000


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something that it will do has happened."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event, and it takes a few turns only
            await asyncio.sleep(0)


def at(port: int, name: str = "good") -> Carrier:
    return Carrier(
        id=0,
        name=name,
        host=HOST,
        port=port,
        system_id="house",
        password="secret",
        window=100,
        parts_per_second=0,
        binds=1,
        profile="default",
    )


class Installation:
    """A database with an account, and the gateway on it."""

    def __init__(self, gateway: Gateway, account: Account) -> None:
        self.gateway = gateway
        self.account = account
        self.serving: asyncio.Task[None]

    async def add(self, carrier: Carrier) -> Carrier:
        carrier_id = await self.gateway.store.transact(lambda tx: tx.insert_carrier(carrier))
        return replace(carrier, id=carrier_id)

    async def change(self, carrier: Carrier) -> None:
        await self.gateway.store.transact(lambda tx: tx.update_carrier(carrier))

    async def start(self) -> None:
        """Serve as the command does, until told to stop."""
        ready = asyncio.Event()

        async def serve() -> None:
            with listen(HOST, 0) as sock:
                await app._run(self.gateway, sock, lambda _: ready.set())

        self.serving = asyncio.create_task(serve())
        await asyncio.wait([self.serving, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert ready.is_set()

    async def stop(self) -> None:
        signal.raise_signal(signal.SIGTERM)
        await self.ended()

    async def ended(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.serving

    async def send(self, count: int = MESSAGES) -> int:
        numbers: list[object] = [f"90530{i:07d}" for i in range(count)]
        request = OrderRequest("ACME", None, registry_list=None, messages=[MessageRequest("Merhaba", numbers)])
        return await place(self.gateway.placing(), self.account, request)

    async def submitting(self, order_id: int) -> int:
        """How many messages would be uncertain at the next start."""

        async def work(tx: Transaction) -> int:
            blocks = await tx.blocks_after(order_id, -1, 100)
            return sum(block.states.count(SUBMITTING) for block in blocks.values())

        return await self.gateway.store.transact(work)

    async def words(self, carrier: str) -> str:
        """How a carrier is doing, as an operator reads it."""
        return (await self.gateway.readiness()).parts[f"carrier {carrier}"]


@asynccontextmanager
async def installed(folder: Path) -> AsyncIterator[Installation]:
    path = folder / "teslimat.db"
    migrate(path)
    store = SqliteStore(path, run_in_thread)
    gateway = Gateway(Settings(database=f"sqlite:///{path}"), store, SystemClock())
    account = new_account("acme", new_credentials(bytes), credits_=10 * MESSAGES, senders=["ACME"])
    await open_account(store, account)
    (account,) = await store.accounts()
    installation = Installation(gateway, account)
    try:
        yield installation
    finally:
        if not installation.serving.done():
            await installation.stop()
        await store.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(tmp_path) as installation:
        yield installation


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry and look around at once."""
    monkeypatch.setattr(dispatch, "_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(settler, "_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(app, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(app, "UPKEEP_SECONDS", 0.001)


# carriers that cannot be used

UNUSABLE = {
    "system id": replace(at(1, "bad"), system_id="s" * 16),
    "password": replace(at(1, "bad"), password="p" * 9),
    "profile": replace(at(1, "bad"), profile="unheard-of"),
}
NO_HOST = replace(at(1, "bad"), host="a..b")


@pytest.mark.parametrize("bad", UNUSABLE.values(), ids=UNUSABLE)
async def test_a_carrier_that_cannot_be_used_is_told_of_once_and_stops_nothing_else(
    house: Installation, bad: Carrier
) -> None:
    async with Carrying(Script()) as good:
        with structlog.testing.capture_logs() as told:
            bad = await house.add(bad)
            await house.add(at(good.port))
            await house.start()
            await house.gateway.look()
            await house.send(2)
            await good.until(lambda seen: seen.messages == 2)
        assert [event["carrier"] for event in told if event["log_level"] == "error"] == ["bad"]
        assert await house.words("bad") == "cannot be used"
        assert await house.words("good") == "1 of 1 bound"
        await house.change(replace(at(good.port, "bad"), id=bad.id))
        await until(
            lambda: any(line.pool.state.bound for line in house.gateway.lines.values() if line.carrier.name == "bad")
        )
        assert await house.words("bad") == "1 of 1 bound"
        await house.stop()


@pytest.mark.parametrize("bad", [*UNUSABLE.values(), NO_HOST], ids=[*UNUSABLE, "host"])
async def test_a_carrier_that_cannot_be_used_does_not_end_a_running_gateway(house: Installation, bad: Carrier) -> None:
    async with Carrying(Script()) as good:
        await house.add(at(good.port))
        await house.start()
        await good.until(lambda seen: seen.binds == 1)
        await house.add(bad)
        await house.gateway.look()
        if bad is NO_HOST:
            pool = next(line.pool for line in house.gateway.lines.values() if line.carrier.name == "bad")
            await until(lambda: bool(pool.state.last_error))
            assert await house.words("bad") == "0 of 1 bound: no connection: its host is no name that can be looked up"
        assert await house.words("good") == "1 of 1 bound"
        assert not house.serving.done()
        await house.stop()


# faults of our own


async def broken(*_: object) -> object:
    raise RuntimeError("a fault")


BREAKS: dict[str, tuple[type, str]] = {
    "the dispatcher": (Dispatcher, "step"),
    "upkeep": (Upkeep, "tick"),
    "a bind": (Pool, "_live"),
    "looking for changes": (Gateway, "look"),
}


@pytest.mark.parametrize(("part", "work"), BREAKS.values(), ids=BREAKS)
async def test_a_fault_of_a_part_stops_the_gateway_in_order(
    house: Installation, monkeypatch: pytest.MonkeyPatch, part: type, work: str
) -> None:
    async with Carrying(Script(answer_delay=0.02)) as carrier:
        added = await house.add(at(carrier.port))
        await house.start()
        order_id = await house.send()
        await carrier.until(lambda seen: seen.messages >= 1)
        monkeypatch.setattr(part, work, broken)
        if part is Pool:
            # What is changed of a carrier is a bind anew.
            await house.change(replace(added, window=200))
        with pytest.raises(GatewayFailed, match="a fault of its own"):
            await house.ended()
        assert await house.submitting(order_id) == 0
        assert carrier.stats.connections == 0


async def test_a_fault_in_settling_stops_the_gateway_and_leaves_uncertain_only_what_it_could_not_settle(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "STOP_SECONDS", 0.05)
    async with Carrying(Script(answer_delay=0.02)) as carrier:
        await house.add(at(carrier.port))
        await house.start()
        order_id = await house.send()
        await carrier.until(lambda seen: seen.messages >= 1)
        monkeypatch.setattr(Settler, "_commit", broken)
        with pytest.raises(GatewayFailed):
            await house.ended()
        assert carrier.stats.connections == 0
        seen = carrier.stats.messages
        assert seen <= MESSAGES
        assert await house.submitting(order_id) > 0


@pytest.mark.parametrize(("part", "work"), [(Settler, "_commit"), (Pool, "stop")])
async def test_a_fault_while_it_stops_is_told_too(
    house: Installation, monkeypatch: pytest.MonkeyPatch, part: type, work: str
) -> None:
    monkeypatch.setattr(app, "STOP_SECONDS", 0.5)
    whole = getattr(part, work)

    async def broken_at_the_end(*given: object) -> object:
        done = await whole(*given)
        if house.gateway.stopping:
            raise RuntimeError("a fault")
        return done

    monkeypatch.setattr(part, work, broken_at_the_end)
    async with Carrying(Script(answer_delay=0.1)) as carrier:
        await house.add(at(carrier.port))
        await house.start()
        await house.send(1)
        await carrier.until(lambda seen: seen.messages == 1)
        with pytest.raises(GatewayFailed):
            await house.stop()


def test_a_gateway_that_failed_ends_with_1_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(*_: object) -> None:
        raise GatewayFailed("the gateway failed, which is a fault of its own; the log tells more")

    monkeypatch.setattr(app, "serve", fail)
    monkeypatch.setattr("sys.argv", ["teslimat", "--database", f"sqlite:///{tmp_path}/x.db", "serve"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    assert capsys.readouterr() == (
        "",
        "teslimat: the gateway failed, which is a fault of its own; the log tells more\n",
    )


# a store that is not there


def unavailable(times: int, work: Callable[..., object]) -> Callable[..., object]:
    """Let the first so many calls fail as a full disk does."""
    left = [times]

    async def call(*given: object) -> object:
        if left[0]:
            left[0] -= 1
            raise StoreUnavailable("disk I/O error")
        return await work(*given)  # type: ignore[misc] # whatever it is, it is a coroutine

    return call


async def test_a_stop_ends_though_nothing_can_be_settled(house: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "STOP_SECONDS", 0.05)
    async with Carrying(Script(answer_delay=0.02)) as carrier:
        await house.add(at(carrier.port))
        await house.start()
        order_id = await house.send()
        await carrier.until(lambda seen: seen.messages >= 1)
        with monkeypatch.context() as no_store, structlog.testing.capture_logs() as told:
            no_store.setattr(house.gateway.store, "transact", unavailable(-1, broken))
            await house.stop()
        assert "stopped before everything was settled; the next start goes on from there" in {e["event"] for e in told}
        assert await house.submitting(order_id) > 0


@pytest.mark.parametrize("read", ["carriers", "next_due", "largest_limits"])
async def test_a_store_that_cannot_be_read_for_a_while_ends_nothing(
    house: Installation, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    async with Carrying(Script()) as carrier:
        await house.start()
        monkeypatch.setattr(house.gateway.store, read, unavailable(3, getattr(house.gateway.store, read)))
        await house.add(at(carrier.port))
        await house.send(3)
        await carrier.until(lambda seen: seen.messages == 3)
        await house.stop()


# changes of carriers


async def test_a_carrier_that_is_changed_while_it_owes_answers_delays_no_other(house: Installation) -> None:
    async with Carrying(Script(answer_delay=0.3)) as slow, Carrying(Script()) as other:
        changed = await house.add(at(slow.port))
        await house.start()
        await house.send(1)
        await slow.until(lambda seen: seen.messages == 1)
        await house.change(replace(changed, window=5))
        await house.add(at(other.port, "other"))
        await other.until(lambda seen: seen.binds == 1)
        assert slow.stats.binds == 1
        await slow.until(lambda seen: seen.binds == 2)
        await house.stop()


async def test_a_carrier_that_is_changed_during_a_stop_is_not_bound_again(house: Installation) -> None:
    async with Carrying(Script(answer_delay=0.3)) as slow:
        changed = await house.add(at(slow.port))
        await house.start()
        order_id = await house.send(1)
        await slow.until(lambda seen: seen.messages == 1)
        await house.change(replace(changed, window=5))
        await house.stop()
        assert slow.stats.binds == 1
        assert await house.submitting(order_id) == 0


async def test_what_waits_for_carriers_that_are_gone_is_one_figure(house: Installation) -> None:
    await house.start()
    await house.stop()
    for name in ("gone", "gone too"):
        carrier = await house.add(at(1, name))
        house.gateway.routes.carrier_ids = (carrier.id,)
        await house.send(3 if name == "gone" else 4)
        await house.gateway.store.transact(lambda tx, gone=carrier.id: tx.remove_carrier(gone))
    page = (await house.gateway.metrics_page()).decode()
    waiting = [line for line in page.splitlines() if line.startswith("teslimat_queue_recipients{")]
    assert waiting == ['teslimat_queue_recipients{carrier="none"} 7.0']
