"""The addresses of host names, looked up in threads of their own.

Looking up blocks, for half a minute if a name server is silent. The event loop's own threads commit to the database,
and a pool's threads are waited for when the process ends; these hold up neither.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Final, NamedTuple

from aiohttp.abc import AbstractResolver, ResolveResult

from teslimat.core.clock import Clock

LookUp = Callable[[str], Sequence[str]]
"""Tells the addresses of a host name; blocks. Raises OSError."""

_AT_ONCE: Final = 256
"""Threads. One whose name server is silent does nothing but wait, so there may be many."""
_KNOWN_S: Final = 30.0
"""How long an answer is kept; an address is judged whenever a socket opens to it, so an old one does no harm."""
_MOST_KNOWN: Final = 1000


class _Known(NamedTuple):
    addresses: Sequence[str]
    until: float


def look_up(host: str) -> Sequence[str]:
    """Ask the operating system. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("no host can have this name") from error
    return [str(address[0]) for *_, address in found]


class Names(AbstractResolver):
    """One look-up of a name at a time, shared by all who ask meanwhile; an answer is kept for half a minute.

    A look-up that nobody waits for any more goes on, and has its thread until it ends. Whoever finds no thread left
    waits for one, unless there is an older answer.
    """

    def __init__(self, clock: Clock, look_up: LookUp) -> None:
        self._clock = clock
        self._look_up = look_up
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._known: dict[str, _Known] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """What aiohttp calls for a host that is no address. Raises OSError."""
        known = self._known.get(host)
        if known is not None and (self._clock.monotonic() < known.until or self._room.locked()):
            addresses = known.addresses
        else:
            addresses = await self._answer_about(host)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for address in addresses
        ]

    async def close(self) -> None:
        """Wait for no answer any more."""
        for task in self._under_way.values():
            task.cancel()

    async def _answer_about(self, host: str) -> Sequence[str]:
        task = self._under_way.get(host)
        if task is None:
            task = self._under_way[host] = asyncio.create_task(self._ask(host))
            task.add_done_callback(partial(self._answered, host))
        await asyncio.wait((task,))  # which leaves it to the others if this one waits no more
        if task.cancelled():
            raise OSError("nobody waits for an answer any more")
        return task.result()

    async def _ask(self, host: str) -> Sequence[str]:
        async with self._room:
            addresses = await asyncio.wrap_future(_in_a_thread(self._look_up, host))
        if not addresses:
            raise OSError("the name has no address")
        self._known.pop(host, None)
        self._known[host] = _Known(addresses, self._clock.monotonic() + _KNOWN_S)
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return addresses

    def _answered(self, host: str, task: asyncio.Task[Sequence[str]]) -> None:
        del self._under_way[host]
        if not task.cancelled():
            task.exception()  # if nobody waited to the end, nobody misses it


def _in_a_thread(look_up: LookUp, host: str) -> Future[Sequence[str]]:
    answer: Future[Sequence[str]] = Future()
    answer.set_running_or_notify_cancel()

    def work() -> None:
        try:
            answer.set_result(look_up(host))
        except Exception as problem:  # noqa: BLE001 - it is raised where the answer is awaited
            answer.set_exception(problem)

    Thread(target=work, name="look-up", daemon=True).start()
    return answer
