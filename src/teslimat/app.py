"""The composition root: builds the gateway, starts it in order, stops it in reverse. Only this file sees everything."""

import asyncio
import gc
import random
import secrets
import signal
import socket
from collections import Counter
from collections.abc import Callable, Coroutine

import structlog
from litestar import Litestar
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from teslimat.api.operations import Readiness, operations_handlers
from teslimat.api.v1.json import JSON
from teslimat.api.v1.routes import NOT_HTTP, no_such_address, with_v1
from teslimat.api.v1.wire import Wire
from teslimat.carriers.pool import Pool
from teslimat.carriers.profile import PROFILES
from teslimat.config import Settings
from teslimat.core.clock import Clock, SystemClock
from teslimat.core.model import Carrier
from teslimat.core.outcomes import Fate
from teslimat.core.ports import StoreUnavailable
from teslimat.failures import GatewayFailed
from teslimat.flows.accounts import body_limit
from teslimat.flows.attempts import Attempts
from teslimat.flows.courier import Tally, Telling
from teslimat.flows.couriers import Couriers
from teslimat.flows.dispatch import Dispatcher
from teslimat.flows.place import Placing
from teslimat.flows.route import Routes
from teslimat.flows.settle import Keeping, Settled
from teslimat.flows.settler import Settler
from teslimat.flows.throttle import Throttle
from teslimat.flows.upkeep import Upkeep
from teslimat.flows.wording import Wording
from teslimat.listening import listen, url_of
from teslimat.passwords import Argon2Passwords
from teslimat.serving import Edge, HttpConfig, HttpServer
from teslimat.store.migrate import require_current
from teslimat.store.sqlite import SqliteStore, run_in_thread, serve_lock
from teslimat.telemetry import Metrics, request_figures, webhook_figures
from teslimat.webhooks.sender import HttpSender

UPKEEP_SECONDS = 1.0
LOOK_SECONDS = 0.5
"""How often what an operator changed is looked for."""
STOP_SECONDS = 10.0
"""How long a stop waits for open answers."""

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
        self.throttle = Throttle()
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
        self.unusable: dict[str, Carrier] = {}
        self.fault: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.passwords = Argon2Passwords(clock, secrets.token_bytes)
        self.answered: Counter[tuple[str, int]] = Counter()
        """Requests by address and code."""
        self.body_limit = 0
        """Octets that a request may have, whoever sends it."""
        self.stopping = False
        sender = HttpSender(clock, settings.receiver_networks)
        telling = Telling(store, clock, sender, random.random, self.failed, Wording(), Tally())
        self.couriers = Couriers(telling, settings.webhook_log_days)

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
        if done.news:
            self.couriers.ring()

    def failed(self, error: BaseException) -> None:
        """Take note of a fault of ours that ended a task; it ends the gateway."""
        if not self.fault.done():
            self.fault.set_exception(error)

    def ring(self) -> None:
        """Wake all dispatchers, and the couriers, for a new order is news."""
        for line in self.lines.values():
            line.dispatcher.ring()
        self.couriers.ring()

    def placing(self) -> Placing:
        """What placing needs of this gateway."""
        lifetime_ms = int(self.settings.lifetime_hours * 3_600_000)
        return Placing(
            self.store, self.clock, self.settings.suffix, lifetime_ms, self.routes.choose, self.ring, self.throttle
        )

    async def look(self) -> None:
        """Take up what an operator has changed: carriers, and the size of requests."""
        max_body, max_recipients = await self.store.largest_limits()
        self.body_limit = max(max_body, body_limit(0, max_recipients))
        wanted = {carrier.id: carrier for carrier in await self.store.carriers()}
        for carrier_id, line in self.lines.items():
            if wanted.get(carrier_id) != line.carrier:
                line.leave()
        for carrier_id, carrier in wanted.items():
            if carrier_id not in self.lines:
                self._open(carrier)
        # What cannot be used gets nothing to send; what is only away does, for it will come back.
        self.routes.carrier_ids = tuple(carrier_id for carrier_id in wanted if carrier_id in self.lines)

    def _open(self, carrier: Carrier) -> None:
        """Put a carrier to use; one that cannot be used is told of once, and stops nothing else."""
        try:
            line = Line(self, carrier)
        except (KeyError, ValueError) as error:
            if self.unusable.get(carrier.name) != carrier:
                log.error("a carrier cannot be used; change it", carrier=carrier.name, error=str(error))  # noqa: TRY400 - no fault of ours
            self.unusable[carrier.name] = carrier
        else:
            self.unusable.pop(carrier.name, None)
            self.lines[carrier.id] = line
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
        """Stop claiming, take back what was not written, await open answers, unbind, and settle it all."""
        await asyncio.gather(self.couriers.stop(), *(line.stop() for line in self.lines.values()))
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.settler.drained()
        except TimeoutError:
            log.error("stopped before everything was settled; the next start goes on from there")  # noqa: TRY400 - expected

    async def readiness(self) -> Readiness:
        """Tell whether orders are taken. A carrier that is away does not change that: they wait for it."""
        parts = {f"carrier {line.carrier.name}": line.in_words() for line in self.lines.values()}
        parts |= {f"carrier {name}": "cannot be used" for name in self.unusable}
        try:
            await self.store.largest_limits()
        except StoreUnavailable:
            return Readiness(ready=False, parts={"store": "unavailable", **parts})
        return Readiness(ready=not self.stopping, parts={"store": "available", **parts})

    async def metrics_page(self) -> bytes:
        """Write the metrics for Prometheus."""
        depth = GaugeMetricFamily("teslimat_queue_recipients", "Recipients waiting to be sent.", labels=["carrier"])
        names = {line.carrier.id: line.carrier.name for line in self.lines.values()}
        waiting: Counter[str] = Counter()
        for carrier_id, queued in (await self.store.queue_depth()).items():
            waiting[names.get(carrier_id, "none")] += queued
        for name, queued in waiting.items():
            depth.add_metric([name], queued)
        bound = GaugeMetricFamily("teslimat_carrier_binds", "Sessions bound to a carrier.", labels=["carrier"])
        parts = CounterMetricFamily("teslimat_parts", "Message parts by their fate.", labels=["carrier", "fate"])
        heard = CounterMetricFamily("teslimat_carrier_messages", "What carriers sent.", labels=["carrier", "kind"])
        for line in self.lines.values():
            name, tally = line.carrier.name, line.pool.tally
            bound.add_metric([name], line.pool.state.bound)
            for fate in Fate:
                parts.add_metric([name, fate.name.lower()], tally.fates[fate])
            heard.add_metric([name, "receipt"], tally.receipts)
            heard.add_metric([name, "mobile_originated"], tally.mobile_originated)
            heard.add_metric([name, "unreadable"], tally.unreadable)
            heard.add_metric([name, "stray_answer"], tally.stray)
        told = webhook_figures(**await self.couriers.figures())
        return self.metrics.page([depth, bound, parts, heard, request_figures(self.answered), *told])


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
        self.dispatcher = Dispatcher(
            gateway.store, gateway.clock, self.pool, gateway.settler, gateway.attempts, gateway.owner
        )
        self._gateway = gateway
        self._feeding: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None

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
        self._feeding = self._supervised(self.dispatcher.run())

    def leave(self) -> None:
        """Stop in the background; then the gateway knows this line no more, and may open another for its carrier."""
        if self._leaving is None:
            self._leaving = self._supervised(self._leave())

    async def stop(self) -> None:
        """Stop feeding, then let the binds finish; the gateway is told if that fails."""
        self.leave()
        if self._leaving is not None:
            await asyncio.wait([self._leaving])

    async def _leave(self) -> None:
        self.dispatcher.stop()
        if self._feeding is not None:
            await asyncio.wait([self._feeding])
        await self.pool.stop(STOP_SECONDS)
        self._gateway.lines.pop(self.carrier.id, None)

    def _supervised(self, work: Coroutine[object, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._notice_end)
        return task

    def _notice_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._gateway.failed(error)


async def serve(settings: Settings, listening: Callable[[str], None]) -> None:
    """Run a gateway until SIGTERM or SIGINT; listening is told the address once orders are taken.

    Raises DatabaseInUse, WrongSchema, PortInUse or GatewayFailed.
    """
    # Before the lock, whose file would be left behind where there is no database.
    require_current(settings.database_path)
    with serve_lock(settings.database_path):
        sock = listen(settings.host, settings.port)
        store = SqliteStore(settings.database_path, run_in_thread)
        try:
            await _run(Gateway(settings, store, SystemClock()), sock, listening)
        finally:
            await store.close()


def _spare_the_collector() -> None:
    """Keep the garbage collector from walking, again and again, what lives as long as the process.

    Nothing on the hot paths makes cycles; its full passes were what the slowest single orders waited for.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


async def _run(gateway: Gateway, sock: socket.socket, listening: Callable[[str], None]) -> None:
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, asked_to_stop.set)
    uncertain = await gateway.upkeep.take_over()
    if uncertain:
        log.warning("the last run left uncertain messages", messages=uncertain)
    await gateway.look()
    server = _http_server(gateway)
    _spare_the_collector()
    settling = asyncio.create_task(gateway.settler.run())
    looking = asyncio.create_task(gateway.keep_looking())
    upkeep = asyncio.create_task(gateway.upkeep.run(UPKEEP_SECONDS))
    telling = asyncio.create_task(gateway.couriers.run())
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    stop = asyncio.create_task(_until(asked_to_stop))
    listening(url_of(sock))
    # None of these ends by itself: what cannot be done any more must not look as if it could.
    lasting: list[asyncio.Future[None]] = [settling, looking, upkeep, telling, serving, gateway.fault]
    await asyncio.wait([*lasting, stop], return_when=asyncio.FIRST_COMPLETED)
    failed = [part for part in lasting if part.done()]
    gateway.stopping = True
    server.should_exit = True
    for task in (looking, upkeep, telling, stop):
        task.cancel()
    # Nobody begins to tell a webhook while those who do are stopped.
    await asyncio.wait([telling])
    # At once, and not when the last client has its answer: meanwhile a campaign would go on.
    await gateway.stop_sending()
    await serving
    gateway.passwords.close()
    failed += [part for part in (settling, gateway.fault) if part.done() and part not in failed]
    settling.cancel()
    if failed:
        part = failed[0]
        log.critical("a part of the gateway failed", exc_info=part.exception())
        raise GatewayFailed("the gateway failed, which is a fault of its own; the log tells more") from part.exception()


async def _until(event: asyncio.Event) -> None:
    await event.wait()


def _http_server(gateway: Gateway) -> HttpServer:
    wire = Wire(
        store=gateway.store,
        clock=gateway.clock,
        placing=gateway.placing(),
        body_limit=lambda: gateway.body_limit,
        passwords=gateway.passwords,
        trusted_proxies=gateway.settings.proxy_networks,
        answered=gateway.answered,
    )
    operations = Litestar(
        route_handlers=operations_handlers(gateway.readiness, gateway.metrics_page),
        openapi_config=None,
        exception_handlers={NotFoundException: no_such_address, MethodNotAllowedException: no_such_address},
        logging_config=None,
    )
    edge = Edge(NOT_HTTP, JSON.content_type)
    return HttpServer(HttpConfig(with_v1(wire, operations), edge, int(STOP_SECONDS)))
