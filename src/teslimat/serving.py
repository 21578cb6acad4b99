"""The HTTP server: uvicorn, without its ideas about signals, proxies and upgrades, and with limits at its edge."""

import contextlib
import re
from asyncio import AbstractEventLoop, BaseTransport, TimerHandle, Transport
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple, cast

import uvicorn
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients and proxies keep a connection, so that none is closed in a request's face."""
HEAD_OCTETS: Final = 65_536
"""The longest head of a request: its address and all of its headers."""
HEAD_SECONDS: Final = 30.0
"""How long a head may take, from its first octet on."""
BODY_SECONDS: Final = 60.0
"""How long a body may take, or BODY_OCTETS of a longer one."""
BODY_OCTETS: Final = 8 * 2**20

_blank_line = re.compile(rb"\n\r?\n")
_upgrade = re.compile(rb"(?<=\n)Upgrade(?=[ \t]*:)", re.IGNORECASE)
_IGNORED: Final = b"Ignored"


class Edge(NamedTuple):
    """How the server treats what does not reach the application."""

    refusal: bytes
    """The body of the 400 that answers what is no HTTP, or takes too long."""
    content_type: bytes
    """Of that body."""
    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS
    body_octets: int = BODY_OCTETS


class HttpConfig(uvicorn.Config):
    """How an application is served; a stop waits so long for open requests."""

    def __init__(self, application: ASGIApp, edge: Edge, stop_seconds: int) -> None:
        super().__init__(
            application,
            http=HttpProtocol,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            # Its default believes any local proxy; which proxies are believed is a setting of ours.
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=stop_seconds,
        )
        self.edge = edge


class _Expecting(Enum):
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()


class HttpProtocol(HttpToolsProtocol):
    """A connection that knows where each request begins and ends, so that heads have limits and offer no upgrade.

    Java's client, and curl when it is asked to, offer HTTP/2 with a request. The parser takes what follows such an
    offer for another protocol, and the body would be lost: the offer has to go before the parser sees it, from heads
    only. So a connection expects one of three things:

    - HEAD: what comes is gathered up to the blank line, at most HEAD_OCTETS, and only then parsed.
    - BODY: what comes goes to the parser, but no more than the announced length; the parser tells when it is the end.
    - ANSWER: the request is whole. What comes meanwhile is the next one's, and waits until the answer is out.

    Where a chunked body ends, only the parser knows. If another request follows it in the same breath, the connection
    ends with the answer to the first, and the client asks again (RFC 9112 §9.3.2).
    """

    def __init__(
        self,
        config: HttpConfig,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._edge = config.edge
        self._expecting = _Expecting.HEAD
        self._head = b""
        self._held = b""
        self._body_left: int | None = None
        """Octets to come of the body; None if it is chunked."""
        self._body_read = 0
        self._framing = 0
        """Octets of a chunked body since the last one that was content."""
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait for the first request, no longer than for a further one."""
        super().connection_made(cast("Transport", transport))
        self._mind_the_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was not read."""
        self._head = self._held = b""
        self._stop_the_clock()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        rest = data
        while rest and not self.transport.is_closing():
            if self._expecting is _Expecting.BODY:
                rest = self._read_body(rest)
            elif self._expecting is _Expecting.HEAD or self.cycle.response_complete:
                self._expecting = _Expecting.HEAD
                rest = self._read_head(rest)
            else:
                self._held += rest
                self.flow.pause_reading()
                break
        self._mind_the_time()

    def _read_head(self, data: bytes) -> bytes:
        """Gather a head, and parse it when it is whole; returns what follows it."""
        searched = max(len(self._head) - 2, 0)
        # Some clients end a body with a line break that belongs to nothing.
        data = self._head + data if self._head else data.lstrip(b"\r\n")
        blank_line = _blank_line.search(data, searched)
        end = blank_line.end() if blank_line else len(data)
        if end > HEAD_OCTETS:
            self.send_400_response("")
            return b""
        if blank_line is None:
            self._head = data
            return b""
        self._head = b""
        self._stop_the_clock()
        head = data[:end]
        super().data_received(_upgrade.sub(_IGNORED, head) if b"upgrade" in head.lower() else head)
        if self._expecting is _Expecting.HEAD:
            self.send_400_response("")
        return data[end:]

    def _read_body(self, data: bytes) -> bytes:
        """Parse what belongs to the body; returns what follows it."""
        piece = data[: self._body_left]
        self._body_read += len(piece)
        if self._body_left is None:
            self._framing += len(piece)
        else:
            self._body_left -= len(piece)
        super().data_received(piece)
        if self._expecting is _Expecting.BODY and (self._body_left == 0 or self._framing > HEAD_OCTETS):
            self.send_400_response("")
        return data[len(piece) :]

    def on_message_begin(self) -> None:
        """Begin a request, if this is where one may begin."""
        if self._expecting is not _Expecting.HEAD:
            raise ValueError("a request in the same breath as the end of a chunked body")
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Have the request answered, and learn how long its body is."""
        lengths = [int(value) for name, value in self.headers if name == b"content-length"]
        super().on_headers_complete()
        self._body_left = lengths[0] if lengths else None
        self._body_read = self._framing = 0
        self._expecting = _Expecting.BODY
        # What may follow a chunked body is none of the headers that the application reads.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Pass on a piece of the body."""
        self._framing = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Leave the rest to the application."""
        self._expecting = _Expecting.ANSWER
        self._stop_the_clock()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Turn to the next request."""
        super().on_response_complete()
        held, self._held = self._held, b""
        if held:
            self.data_received(held)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words: plain text, in English
        """Refuse what is no HTTP in the form of all refusals, and close; nothing is answered twice."""
        if self.transport.is_closing():
            return
        reading = self._expecting is _Expecting.BODY
        if self._expecting is _Expecting.ANSWER and not self.cycle.response_complete:
            self.cycle.keep_alive = False
            return
        if self._expecting is _Expecting.HEAD or (reading and not self.cycle.response_started):
            self.transport.write(self._refusal())
        if reading:
            # The application waits for a body that nobody will read.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _refusal(self) -> bytes:
        edge = self._edge
        headers = (
            *self.server_state.default_headers,
            (b"content-type", edge.content_type),
            (b"content-length", b"%d" % len(edge.refusal)),
            (b"connection", b"close"),
        )
        lines = [b"%b: %b\r\n" % header for header in headers]
        return b"".join((STATUS_LINE[400], *lines, b"\r\n", edge.refusal))

    def _mind_the_time(self) -> None:
        """See to it that the connection ends if what it expects does not come."""
        if self._head or self._expecting is _Expecting.BODY:
            self._unset_keepalive_if_required()
            if self._deadline is None:
                seconds = self._edge.head_seconds if self._head else self._edge.body_seconds
                self._deadline = self.loop.call_later(seconds, self._time_is_up, self._body_read)
        elif self.timeout_keep_alive_task is None and (self.cycle is None or self.cycle.response_complete):
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _time_is_up(self, read_before: int) -> None:
        self._deadline = None
        if self._body_read - read_before < self._edge.body_octets:
            self.send_400_response("")
        else:
            self._mind_the_time()

    def _stop_the_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class HttpServer(uvicorn.Server):
    """A server that leaves signals to the gateway."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
