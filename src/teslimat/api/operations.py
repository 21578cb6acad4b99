"""What operators and their tools ask: is it alive, is it ready, what has it counted, what can it be asked."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from teslimat.api.v1.openapi.document import document


class Readiness(NamedTuple):
    """Whether the gateway takes orders, and what its parts say."""

    ready: bool
    parts: dict[str, str]


def operations_handlers(
    readiness: Callable[[], Awaitable[Readiness]], metrics: Callable[[], Awaitable[bytes]]
) -> list[HTTPRouteHandler]:
    """The handlers of /healthz, /readyz, /metrics and /openapi.json."""

    @get("/healthz", sync_to_thread=False)
    def healthz() -> Response[bytes]:
        return _json(200, {"status": "alive"})

    @get("/readyz")
    async def readyz() -> Response[bytes]:
        told = await readiness()
        status = "ready" if told.ready else "not ready"
        return _json(200 if told.ready else 503, {"status": status, **told.parts})

    @get("/metrics")
    async def metrics_page() -> Response[bytes]:
        return Response(await metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @get("/openapi.json", sync_to_thread=False)
    def openapi() -> Response[bytes]:
        return Response(document(), media_type="application/json")

    return [healthz, readyz, metrics_page, openapi]


def _json(status: int, content: dict[str, str]) -> Response[bytes]:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
