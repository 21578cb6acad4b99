"""POSTs to receivers, on aiohttp: connections that are kept per target, and judged when their socket opens."""

import asyncio
import ipaddress
import math
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final

import aiohttp
from yarl import URL

from teslimat.core.clock import Clock
from teslimat.core.networks import Network
from teslimat.core.webhooks import Attempted, Target, valid_secrets
from teslimat.webhooks.addresses import check_url, refusal
from teslimat.webhooks.connections import Connector
from teslimat.webhooks.names import LookUp, Names, look_up
from teslimat.webhooks.reasons import FAILURES, AddressRefused, reason_of
from teslimat.webhooks.signing import sign

_LONGEST_WAIT_S: Final = 24 * 60 * 60
_IDLE_S: Final = 4.0
"""Shorter than the 5 seconds after which many servers hang up, so that we rarely write into that very moment."""
_GOODBYE_S: Final = 1.0
"""How long connections may take to end before they are left to themselves."""
_SECONDS: Final = re.compile(r"[0-9]+")
_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None)
"""An attempt has one limit for everything, which is not the HTTP client's."""
_READ_AT_ONCE: Final = 16 * 1024
_HEADERS: Final = {
    "content-type": "application/json",
    "user-agent": "Teslimat",
    "accept": "*/*",
    "accept-encoding": "identity",
}


class _Pool:
    """The connections to one URL of a target, which nobody else uses."""

    def __init__(self, written: str, url: URL, session: aiohttp.ClientSession) -> None:
        self.written = written
        self.url = url
        self.session = session
        self.under_way = 0
        """POSTs; who wants to close the connections waits until there are none."""


def new_socket(opening: aiohttp.AddrInfoType) -> socket.socket:
    """Make a socket that is not connected yet."""
    family, kind, protocol, *_ = opening
    return socket.socket(family, kind, protocol)


class HttpSender:
    """The sender of webhooks. A 2xx is a delivery whatever its body does; a redirect is an answer like any other.

    ``seconds`` is all the time an attempt has, from looking up the name to the end of the answer. ``look_up`` runs in
    a thread of its own. ``open_socket`` is asked only for addresses that may be connected to.

    Whoever posts keeps to the target's concurrency: each POST under way has a connection.
    """

    def __init__(
        self,
        clock: Clock,
        allowed: Sequence[Network],
        *,
        ssl_context: ssl.SSLContext | None = None,
        seconds: float = 10.0,
        look_up: LookUp = look_up,
        open_socket: Callable[[aiohttp.AddrInfoType], socket.socket] = new_socket,
    ) -> None:
        self._clock = clock
        self._allowed = tuple(allowed)
        self._ssl = ssl_context or True
        self._seconds = seconds
        self._names = Names(clock, look_up)
        self._open_socket = open_socket
        self._pools: dict[int, _Pool] = {}
        self._retired: set[_Pool] = set()
        """They take no new POSTs, and wait for the last one."""
        self._ending: set[asyncio.Task[None]] = set()

    async def post(self, target: Target, event_id: str, event_at: int, body: bytes) -> Attempted:
        """Make one attempt. Never raises for what a receiver or the network does."""
        began, now = self._clock.monotonic(), self._clock.now()
        status, retry_after_s, error = 0, 0, ""
        keys = valid_secrets(target.secrets, now)
        if not keys:
            return Attempted(0, 0, "no valid secret", 0)
        headers = {
            "webhook-id": event_id,
            "webhook-timestamp": str(now // 1000),
            "webhook-signature": sign(keys, event_id, now // 1000, body),
            "webhook-event-time": _iso(event_at),
        }
        try:
            async with asyncio.timeout(self._seconds):
                pool = self._pool_for(target)
                pool.under_way += 1
                try:
                    answer = await pool.session.post(pool.url, data=body, headers=headers, allow_redirects=False)
                    status, retry_after_s = answer.status, _retry_after_s(answer)
                    await _read_away(answer)
                finally:
                    pool.under_way -= 1
                    self._end_if_over(pool)
        except FAILURES as problem:
            error = reason_of(problem)
        duration_ms = round(1000 * (self._clock.monotonic() - began))
        return Attempted(status, duration_ms, "" if status else error, retry_after_s)

    async def forget(self, target_id: int) -> None:
        """Close the connections to a target that was removed, once the POSTs under way to it have ended."""
        if target_id in self._pools:
            self._retire(self._pools.pop(target_id))

    async def close(self) -> None:
        """Close all connections; POSTs under way fail."""
        for pool in (*self._pools.values(), *self._retired):
            self._end(pool)
        self._pools.clear()
        await self._names.close()
        await asyncio.gather(*self._ending)

    def _pool_for(self, target: Target) -> _Pool:
        """Find the connections to a target, or begin anew. Raises aiohttp.InvalidURL."""
        pool = self._pools.get(target.id)
        if pool is not None and pool.written == target.url:
            return pool
        self._pools[target.id] = made = self._new_pool(target.url)
        if pool is not None:
            self._retire(pool)
        return made

    def _retire(self, pool: _Pool) -> None:
        self._retired.add(pool)
        self._end_if_over(pool)

    def _end_if_over(self, pool: _Pool) -> None:
        if pool in self._retired and not pool.under_way:
            self._end(pool)

    def _end(self, pool: _Pool) -> None:
        self._retired.discard(pool)
        task = asyncio.create_task(_say_goodbye(pool.session))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _new_pool(self, written: str) -> _Pool:
        try:
            check_url(written, allow_plain=True)
            url = URL(written, encoded=True)
        except ValueError:
            raise aiohttp.InvalidURL(written) from None
        socket_factory = partial(self._open, plain=url.scheme == "http")
        session = aiohttp.ClientSession(
            connector=Connector(self._names, socket_factory, ssl=self._ssl, idle_s=_IDLE_S),
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=_NO_LIMIT,
            read_bufsize=_READ_AT_ONCE,
        )
        return _Pool(written, url, session)

    def _open(self, opening: aiohttp.AddrInfoType, *, plain: bool) -> socket.socket:
        """Called for each socket, with the very address that it is about to connect to."""
        try:
            address = ipaddress.ip_address(str(opening[4][0]))
        except ValueError:
            raise AddressRefused("address not allowed") from None
        reason = refusal(address, self._allowed, plain=plain)
        if reason is not None:
            raise AddressRefused(reason)
        made = self._open_socket(opening)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # A connection that we close with octets that nobody takes would otherwise stay until somebody does.
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, math.ceil(1000 * self._seconds))
        return made


async def _say_goodbye(session: aiohttp.ClientSession) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_S):
            await session.close()


async def _read_away(answer: aiohttp.ClientResponse) -> None:
    """Read a body to its end, for then its connection serves the next POST as well; close it if that is too far."""
    try:
        while not answer.closed and await answer.content.readany():
            pass
    finally:
        if not answer.closed:
            answer.close()


def _retry_after_s(answer: aiohttp.ClientResponse) -> int:
    if answer.status not in {429, 503}:
        return 0
    written = answer.headers.get("retry-after", "")
    if not _SECONDS.fullmatch(written):
        return 0
    return min(int(written), _LONGEST_WAIT_S) if len(written) < 10 else _LONGEST_WAIT_S


def _iso(at: int) -> str:
    """Write a time given in milliseconds the way ISO 8601 does, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
