"""The HTTP server: uvicorn, without its ideas about signals, proxies and upgrades."""

import contextlib
import re
from collections.abc import Iterator
from typing import Final

import uvicorn
from litestar.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients and proxies keep a connection, so that none is closed in a request's face."""

_upgrade = re.compile(rb"\r\nUpgrade(?=[ \t]*:)", re.IGNORECASE)
_IGNORED: Final = b"\r\nIgnored"


class HttpProtocol(HttpToolsProtocol):
    """A connection on which no upgrade is understood.

    Java's client, and curl when it is asked to, offer HTTP/2 with their first request. The parser takes what follows
    such an offer for another protocol, so the body would be lost: the offer has to go before the parser sees it.
    """

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        if (self.cycle is None or self.cycle.response_complete) and b"pgrade" in data:
            head, blank_line, rest = data.partition(b"\r\n\r\n")
            data = _upgrade.sub(_IGNORED, head) + blank_line + rest
        super().data_received(data)


class HttpServer(uvicorn.Server):
    """A server that leaves signals to the gateway."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def http_config(application: ASGIApp, stop_seconds: int) -> uvicorn.Config:
    """How an application is served; a stop waits so long for open requests."""
    return uvicorn.Config(
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
