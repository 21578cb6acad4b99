"""The simulator on TCP: an SMSC that any ESME can bind to."""

import asyncio
from collections.abc import Callable
from random import Random

from teslimat.carriers.simulator.centre import Centre
from teslimat.carriers.simulator.connection import Connection
from teslimat.carriers.simulator.handset import Text
from teslimat.carriers.simulator.handset import read as read_texts
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.stats import Stats, serve
from teslimat.core.clock import Clock

_TICK_SECONDS = 0.5
# An id is given again after a restart only if more than a million a second were given before it.
_IDS_PER_MILLISECOND = 1000


class Simulator:
    """An SMSC on a TCP port. What it does stands in the script; what it has seen, in :meth:`stats`.

    It may be stopped and started again, like a carrier that was away: counts and receipts stay.
    """

    def __init__(self, script: Script, clock: Clock) -> None:
        self._script = script
        self._clock = clock
        self._centre = Centre(script, Random(script.seed), clock.now() * _IDS_PER_MILLISECOND)  # noqa: S311 - no secret
        self._connections: set[Connection] = set()
        self._awaited: set[tuple[Callable[[Stats], bool], asyncio.Future[Stats]]] = set()
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, which port 0 leaves to the system. Raises OSError if the address cannot be used."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, host, port)
        self._tick()
        self._set_alarm()
        bound_port: int = self._server.sockets[0].getsockname()[1]
        return bound_port

    async def stop(self) -> None:
        """Close the port and all connections at once; what was not acknowledged will be sent after the next bind."""
        if self._server is None:
            return
        self._server.close()
        for timer in (self._ticker, self._alarm):
            if timer is not None:
                timer.cancel()
        self._alarm = None
        connections = tuple(self._connections)
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.lost.wait()
        await self._server.wait_closed()
        self._server = None

    def stats(self) -> Stats:
        """The counts of this moment."""
        return self._centre.snapshot(len(self._connections))

    async def until(self, reached: Callable[[Stats], bool]) -> Stats:
        """Wait until the counts are as asked; the counts of that moment. It does not give up by itself."""
        future: asyncio.Future[Stats] = asyncio.get_running_loop().create_future()
        awaited = (reached, future)
        self._awaited.add(awaited)
        try:
            self._tell_counts()
            return await future
        finally:
            self._awaited.discard(awaited)

    def texts(self) -> list[Text]:
        """The last texts as their recipients read them, oldest first; as many messages as the script keeps."""
        return read_texts(self._centre.kept)

    def _connect(self) -> Connection:
        connection = Connection(self._script, self._clock, self._centre, self._receipts_may_go, self._forget)
        self._connections.add(connection)
        return connection

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._receipts_may_go()

    def _receipts_may_go(self) -> None:
        """Something changed: a message came, a receipt became due, or a connection has room for one."""
        now = self._clock.monotonic()
        for mailbox in self._centre.mailboxes.values():
            mailbox.release(now)
        for connection in self._connections:
            connection.deliver(now)
        self._set_alarm()
        self._tell_counts()

    def _tell_counts(self) -> None:
        """Wake those who wait for counts like these."""
        if self._awaited:
            counts = self.stats()
            for reached, future in self._awaited:
                if not future.done() and reached(counts):
                    future.set_result(counts)

    def _set_alarm(self) -> None:
        due = min((at for box in self._centre.mailboxes.values() if (at := box.next_due()) is not None), default=None)
        if due is None or self._server is None or (self._alarm is not None and self._alarm_at <= due):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = due
        wait = max(0.0, due - self._clock.monotonic())
        self._alarm = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._receipts_may_go()

    def _tick(self) -> None:
        self._ticker = asyncio.get_running_loop().call_later(_TICK_SECONDS, self._tick)
        for connection in tuple(self._connections):
            connection.tick()


async def run(
    script: Script,
    clock: Clock,
    *,
    host: str,
    port: int,
    stats_port: int | None,
    ready: Callable[[int, int | None], None],
) -> None:
    """Serve until cancelled. ``ready`` gets the two ports. Raises OSError if an address cannot be used."""
    simulator = Simulator(script, clock)
    port = await simulator.start(host, port)
    page_server: asyncio.Server | None = None
    try:
        if stats_port is not None:
            page_server = await serve({"/": simulator.stats, "/texts": simulator.texts}, host, stats_port)
            stats_port = page_server.sockets[0].getsockname()[1]
        ready(port, stats_port)
        await asyncio.Event().wait()
    finally:
        if page_server is not None:
            page_server.close()
        await simulator.stop()
