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
from typing import Final, NamedTuple

import aiohttp
from yarl import URL

from teslimat.core.clock import Clock
from teslimat.core.networks import Network
from teslimat.core.webhooks import Attempted, Target, valid_secrets
from teslimat.webhooks.addresses import check_url, refusal
from teslimat.webhooks.names import LookUp, Names, look_up
from teslimat.webhooks.reasons import FAILURES, AddressRefused, reason_of
from teslimat.webhooks.signing import sign

MOST_READ: Final = 64 * 1024
"""Bytes of an answer's body that are read; they are not kept. Beyond it the connection is closed."""

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


class _Line(NamedTuple):
    """What there is for one target: its URL, read once, and connections that nobody else uses."""

    written: str
    url: URL
    session: aiohttp.ClientSession


def new_socket(opening: aiohttp.AddrInfoType) -> socket.socket:
    """Make a socket that is not connected yet."""
    family, kind, protocol, *_ = opening
    return socket.socket(family, kind, protocol)


class HttpSender:
    """The sender of webhooks. A 2xx is a delivery whatever its body does; a redirect is an answer like any other.

    ``seconds`` is all the time an attempt has, from looking up the name to the end of the answer. ``look_up`` runs in
    a thread of its own. ``open_socket`` is asked only for addresses that may be connected to.
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
        self._names = Names(look_up)
        self._open_socket = open_socket
        self._lines: dict[int, _Line] = {}

    @property
    def looking_up(self) -> int:
        """How many host names are being looked up, also for attempts whose time is over."""
        return self._names.under_way

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
            line = await self._line_to(target)
            async with asyncio.timeout(self._seconds):
                answer = await line.session.post(line.url, data=body, headers=headers, allow_redirects=False)
                status, retry_after_s = answer.status, _retry_after_s(answer)
                await _read_away(answer)
        except FAILURES as problem:
            error = reason_of(problem)
        except asyncio.CancelledError:
            # Whoever waits for a connection of a session that is being closed is cancelled by aiohttp.
            if (task := asyncio.current_task()) is None or task.cancelling():
                raise
            error = "connection closed without an answer"
        duration_ms = round(1000 * (self._clock.monotonic() - began))
        return Attempted(status, duration_ms, "" if status else error, retry_after_s)

    async def forget(self, target_id: int) -> None:
        """Close the connections to a target that changed or was removed; POSTs under way to it fail."""
        line = self._lines.pop(target_id, None)
        if line is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await line.session.close()

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*map(self.forget, tuple(self._lines)))
        await self._names.close()

    async def _line_to(self, target: Target) -> _Line:
        line = self._lines.get(target.id)
        if line is not None and line.written != target.url:
            await self.forget(target.id)
            line = self._lines.get(target.id)
        if line is None:
            line = self._lines[target.id] = self._new_line(target)
        return line

    def _new_line(self, target: Target) -> _Line:
        try:
            check_url(target.url, allow_plain=True)
        except ValueError:
            raise aiohttp.InvalidURL(target.url) from None
        url = URL(target.url, encoded=True)
        connector = aiohttp.TCPConnector(
            limit=target.concurrency,
            keepalive_timeout=_IDLE_S,
            resolver=self._names,
            use_dns_cache=False,
            ssl=self._ssl,
            socket_factory=partial(self._open, plain=url.scheme == "http"),
        )
        session = aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=_NO_LIMIT,
            read_bufsize=_READ_AT_ONCE,
        )
        return _Line(target.url, url, session)

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


async def _read_away(answer: aiohttp.ClientResponse) -> None:
    """Read a body to its end, for then its connection serves the next POST as well; close that of a long one."""
    left = MOST_READ
    try:
        while left > 0 and not answer.closed and (chunk := await answer.content.readany()):
            left -= len(chunk)
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
