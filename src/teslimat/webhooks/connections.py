"""Connections to receivers, which hear nothing but answers, and of an answer only so much.

aiohttp counts neither interim answers nor what frames a body, and takes whatever comes on an idle connection for the
answer to the next POST.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from ssl import SSLContext
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

from teslimat.webhooks.reasons import AnswerTooLong

_MOST_HEARD: Final = 64 * 1024
"""Octets of an answer, from its first head to its end. An answer that goes on loses its connection, not its status."""
_SWITCHING: Final = 101


class Connector(aiohttp.TCPConnector):
    """Opens such connections, as many as it is asked for, and keeps one that is idle for ``idle_s`` seconds."""

    def __init__(
        self,
        resolver: AbstractResolver,
        socket_factory: aiohttp.SocketFactoryType,
        *,
        ssl: SSLContext | bool,
        idle_s: float,
    ) -> None:
        super().__init__(
            limit=0,
            keepalive_timeout=idle_s,
            resolver=resolver,
            use_dns_cache=False,
            ssl=ssl,
            socket_factory=socket_factory,
        )
        made: Callable[..., ResponseHandler] = _Connection
        self._factory = partial(made, loop=self._loop)


class _Connection(ResponseHandler):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._left = 0
        """Octets that may still come; none before the first POST."""
        self._answer: StreamReader | None = None
        """The body of the answer to this POST, once its head is there."""

    def set_response_params(self, **params: Any) -> None:  # noqa: ANN401 - they are aiohttp's own affair
        """What aiohttp calls before each POST."""
        self._left, self._answer = _MOST_HEARD, None
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take octets that came; none of them if aiohttp goes on with what it has."""
        if data and (not self._left or self._is_answered()):
            self._give_up(HttpProcessingError(message="nobody asked"))
            return
        heard = data[: self._left]
        self._left -= len(heard)
        super().data_received(heard)
        if not self._left and not self._is_answered():
            self._give_up(AnswerTooLong())

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of an answer, which may follow another one in the same octets."""
        message, body = data
        if self._answer is not None or message.code < 100:
            self._give_up(HttpProcessingError(message="no answer"))
            return
        if message.code >= 200 or message.code == _SWITCHING:
            self._answer = body
        super().feed_data(data, size)

    def _is_answered(self) -> bool:
        return self._answer is not None and self._answer.is_eof()

    def _give_up(self, problem: Exception) -> None:
        """Hear no more. What was heard before stands."""
        if self._exception is None:
            if self._answer is not None and not self._answer.is_eof():
                self._answer.set_exception(problem)
            self.set_exception(problem)
        if self.transport is not None:
            self.transport.abort()
