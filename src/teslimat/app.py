"""The composition root: builds the gateway, starts it in order, stops it in reverse. Only this file sees everything."""

import asyncio
import contextlib
import random
import secrets
import signal
import socket
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from litestar import Litestar
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily

from teslimat.api.operations import Readiness, operations_handlers
from teslimat.api.v1.routes import Wire, no_such_address, v1_handlers
from teslimat.carriers.pool import Pool
from teslimat.carriers.profile import PROFILES
from teslimat.config import Settings
from teslimat.core.clock import Clock, SystemClock
from teslimat.core.model import Carrier
from teslimat.core.ports import StoreUnavailable
from teslimat.flows.attempts import Attempts
from teslimat.flows.dispatch import Dispatcher
from teslimat.flows.place import Placing
from teslimat.flows.route import Routes
from teslimat.flows.settle import Keeping, Settled
from teslimat.flows.settler import Settler
from teslimat.flows.upkeep import Upkeep
from teslimat.listening import listen, url_of
from teslimat.store.migrate import require_current
from teslimat.store.sqlite import ServeLock, SqliteStore, run_in_thread
from teslimat.telemetry import Metrics

UPKEEP_SECONDS = 1.0
LOOK_SECONDS = 0.5
"""How often what an operator changed is looked for."""
STOP_SECONDS = 10.0
"""How long a stop waits for open answers."""
LEAST_BODY = 8 * 2**20
BYTES_PER_RECIPIENT = 200
"""A number with its quotes, and a text of its own; more in one order is refused by its size."""

log = structlog.get_logger(__name__)


class Gateway:
    """A running gateway."""

    def __init__(self, settings: Settings, store: SqliteStore, clock: Clock) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.metrics = Metrics()
        self.routes = Routes()
        self.attempts = Attempts()
        self.owner = secrets.token_hex(8)
        keeping = Keeping(open_ms=int(settings.lifetime_hours * 3_600_000) + 86_400_000)
        self.settler = Settler(store, clock, self.attempts, keeping, self.told)
        self.upkeep = Upkeep(
            store,
            clock,
            self.routes,
            keeping,
            self.owner,
            int(settings.uncertain_grace_seconds * 1000),
            self.told,
        )
        self.lines: dict[int, Line] = {}
        self.fault: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.largest_order = 0
        self.stopping = False

    def told(self, done: Settled) -> None:
        """Count what a batch came to, and wake whoever has something to do now."""
        metrics = self.metrics
        metrics.recipients.labels("delivered").inc(done.delivered)
        metrics.recipients.labels("undelivered").inc(done.undelivered)
        metrics.receipts.labels("duplicate").inc(done.duplicates)
        metrics.receipts.labels("contradicting").inc(done.contradictions)
        metrics.receipts.labels("late").inc(done.late)
        metrics.receipts.labels("orphan").inc(done.orphans)
        metrics.uncertain.inc(done.uncertain)
        metrics.requeued.inc(done.requeued)
        if done.uncertain:
            log.warning("decided about uncertain messages", messages=done.uncertain)
        self.upkeep.doubt(done.doubts)
        if done.requeued or done.freed:
            self.ring()

    def failed(self, error: BaseException) -> None:
        """Take note of a fault of ours that ended a task; it ends the gateway."""
        if not self.fault.done():
            self.fault.set_exception(error)

    def ring(self) -> None:
        """Wake all dispatchers."""
        for line in self.lines.values():
            line.dispatcher.ring()

    def placing(self) -> Placing:
        """What placing needs of this gateway."""
        lifetime_ms = int(self.settings.lifetime_hours * 3_600_000)
        return Placing(self.store, self.clock, self.settings.suffix, lifetime_ms, self.routes.choose, self.ring)

    def body_limit(self) -> int:
        """Bytes that a request may have."""
        return max(LEAST_BODY, self.largest_order * BYTES_PER_RECIPIENT)

    async def look(self) -> None:
        """Take up what an operator has changed: carriers, and the size of orders."""
        self.largest_order = await self.store.largest_order_allowed()
        wanted = {carrier.id: carrier for carrier in await self.store.carriers()}
        self.routes.carrier_ids = tuple(wanted)
        for carrier_id, line in list(self.lines.items()):
            if wanted.get(carrier_id) != line.carrier:
                await line.stop(STOP_SECONDS)
                del self.lines[carrier_id]
        for carrier_id, carrier in wanted.items():
            if carrier_id not in self.lines and not self.stopping:
                self.lines[carrier_id] = line = Line(self, carrier)
                line.start()

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except StoreUnavailable:
                log.exception("could not read the settings; trying again")

    async def stop_sending(self) -> None:
        """Stop claiming, take back what was not written, await open answers, settle them, and unbind."""
        await asyncio.gather(*(line.stop(STOP_SECONDS) for line in self.lines.values()))
        await self.settler.drained()

    async def readiness(self) -> Readiness:
        """Tell whether orders are taken. A carrier that is away does not change that: they wait for it."""
        parts = {f"carrier {line.carrier.name}": line.in_words() for line in self.lines.values()}
        try:
            await self.store.largest_order_allowed()
        except StoreUnavailable:
            return Readiness(ready=False, parts={"store": "unavailable", **parts})
        return Readiness(ready=not self.stopping, parts={"store": "available", **parts})

    async def metrics_page(self) -> bytes:
        """Write the metrics for Prometheus."""
        depth = GaugeMetricFamily("teslimat_queue_recipients", "Recipients waiting to be sent.", labels=["carrier"])
        names = {line.carrier.id: line.carrier.name for line in self.lines.values()}
        for carrier_id, queued in (await self.store.queue_depth()).items():
            depth.add_metric([names.get(carrier_id, "none")], queued)
        bound = GaugeMetricFamily("teslimat_carrier_binds", "Sessions bound to a carrier.", labels=["carrier"])
        for line in self.lines.values():
            bound.add_metric([line.carrier.name], line.pool.state.bound)
        return generate_latest(self.metrics.registry) + generate_latest(_Collected([depth, bound]))


class _Collected:
    """A few gauges that are read when asked for."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._families


class Line:
    """A carrier in use: its binds, and the dispatcher that feeds them."""

    def __init__(self, gateway: Gateway, carrier: Carrier) -> None:
        self.carrier = carrier
        self.pool = Pool(
            carrier,
            PROFILES[carrier.profile],
            gateway.settler,
            gateway.clock,
            random.random,
            self._ring,
            gateway.failed,
        )
        self.dispatcher = Dispatcher(gateway.store, gateway.clock, self.pool, gateway.attempts, gateway.owner)
        self._gateway = gateway
        self._feeding: asyncio.Task[None] | None = None

    def _ring(self) -> None:
        self.dispatcher.ring()

    def in_words(self) -> str:
        """Tell how the carrier is doing."""
        state = self.pool.state
        trouble = f": {state.last_error}" if state.last_error else ""
        return f"{state.bound} of {state.binds} bound{trouble}"

    def start(self) -> None:
        """Connect, and begin to send."""
        self.pool.start()
        self._feeding = asyncio.create_task(self.dispatcher.run())
        self._feeding.add_done_callback(self._notice_end)

    def _notice_end(self, feeding: asyncio.Task[None]) -> None:
        if not feeding.cancelled() and (error := feeding.exception()) is not None:
            self._gateway.failed(error)

    async def stop(self, seconds: float) -> None:
        """Stop feeding, then let the binds finish."""
        self.dispatcher.stop()
        if self._feeding is not None:
            await self._feeding
        await self.pool.stop(seconds)


class _Server(uvicorn.Server):
    """An HTTP server that leaves signals to the gateway."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, listening: Callable[[str], None]) -> None:
    """Run a gateway until SIGTERM or SIGINT; listening is told the address once orders are taken.

    Raises DatabaseInUse, WrongSchema or PortInUse.
    """
    lock = ServeLock(settings.database_path)
    try:
        require_current(settings.database_path)
        sock = listen(settings.host, settings.port)
        store = SqliteStore(settings.database_path, run_in_thread)
        try:
            await _run(Gateway(settings, store, SystemClock()), sock, listening)
        finally:
            await store.close()
    finally:
        lock.release()


async def _run(gateway: Gateway, sock: socket.socket, listening: Callable[[str], None]) -> None:
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, asked_to_stop.set)
    uncertain = await gateway.upkeep.take_over()
    if uncertain:
        log.warning("the last run left uncertain messages", messages=uncertain)
    # A background task that fails ends the gateway: what it cannot do any more must not look as if it could.
    async with asyncio.TaskGroup() as tasks:
        background = [tasks.create_task(gateway.settler.run())]
        await gateway.look()
        background += [
            tasks.create_task(gateway.upkeep.run(UPKEEP_SECONDS)),
            tasks.create_task(gateway.keep_looking()),
            tasks.create_task(_raise(gateway.fault)),
        ]
        server = _http_server(gateway)
        serving = tasks.create_task(server.serve(sockets=[sock]))
        listening(url_of(sock))
        await asyncio.wait([tasks.create_task(asked_to_stop.wait()), serving], return_when=asyncio.FIRST_COMPLETED)
        gateway.stopping = True
        server.should_exit = True
        # At once, and not when the last client has its answer: meanwhile a campaign would go on.
        await gateway.stop_sending()
        await serving
        for task in background:
            task.cancel()


async def _raise(fault: "asyncio.Future[None]") -> None:
    await fault


def _http_server(gateway: Gateway) -> _Server:
    wire = Wire(
        store=gateway.store,
        clock=gateway.clock,
        placing=gateway.placing(),
        body_limit=gateway.body_limit,
        trusted_proxies=gateway.settings.proxy_networks,
    )
    app = Litestar(
        route_handlers=[*v1_handlers(wire), *operations_handlers(gateway.readiness, gateway.metrics_page)],
        openapi_config=None,
        exception_handlers={NotFoundException: no_such_address, MethodNotAllowedException: no_such_address},
        logging_config=None,
    )
    return _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            # Its default believes any local proxy; which proxies are believed is a setting of ours.
            proxy_headers=False,
            # Longer than clients and proxies keep a connection, so that none is closed in a request's face.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=int(STOP_SECONDS),
        )
    )
