"""The v1 endpoints over HTTP.

A plain ASGI application serves them all, from a table of addresses: the wire has an answer of its own for every
unknown address and every other method, ignores the content type, and decodes more tolerantly than a signature
can say.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from teslimat.api.caller import caller_address
from teslimat.api.v1 import blacklist, consents, contacts, orders
from teslimat.api.v1.bodies import BUDGET_OCTETS, Bodies, CallerLeft
from teslimat.api.v1.formats import Format
from teslimat.api.v1.json import JSON
from teslimat.api.v1.query import QUERY
from teslimat.api.v1.wire import MODEST_BODY, Answering, Wire
from teslimat.api.v1.xml import XML
from teslimat.core.errors import NO_SUCH_METHOD, OK, UNAVAILABLE, UNREADABLE, Refused
from teslimat.flows.accounts import authenticate, body_limit

log = structlog.get_logger()


class Endpoint(NamedTuple):
    """What stands behind an address."""

    reply: Answering
    format: Format
    most_octets: int
    """Of a body, if its account and the whole gateway do not allow less."""


_IN_BOTH: Final = {**orders.IN_BOTH, **blacklist.IN_BOTH, **contacts.IN_BOTH}
_IN_JSON: Final = {**_IN_BOTH, **orders.JSON_ONLY, **consents.JSON_ONLY, **contacts.JSON_ONLY}

_BODIES: Final = {**orders.BODIES, **contacts.BODIES, **consents.BODIES}


def _endpoint(name: str, form: Format) -> Endpoint:
    return Endpoint(_IN_JSON[name], form, _BODIES.get(name, MODEST_BODY))


ENDPOINTS: Final[dict[tuple[str, str], Endpoint]] = {
    **{("POST", f"/v1/{name}/json"): _endpoint(name, JSON) for name in _IN_JSON},
    **{("POST", f"/v1/{name}"): _endpoint(name, XML) for name in _IN_BOTH},
    ("GET", "/v1/send-sms/get"): _endpoint("send-sms", QUERY),
}
"""By method and address."""

_NOT_SERVED: Final = ("add-sender", "get-settings", "add-plugin-user")
"""What old plugins ask for, and this API no longer has: their 404 is in XML, which is what they read."""

FORMATS: Final = {
    **{f"/v1/{name}": XML for name in (*_IN_JSON, *_NOT_SERVED)},
    **{path: endpoint.format for (_, path), endpoint in ENDPOINTS.items()},
}
"""What an address answers in, whatever the method."""


NO_ADDRESS: Final = "none"
"""Under which requests are counted that ask for what there is not."""

NOT_HTTP: Final = JSON.refusal(Refused(UNREADABLE))
"""What is said in JSON to what is no HTTP request, and so is under no address."""


def with_v1(wire: Wire, others: ASGIApp, body_budget: int = BUDGET_OCTETS) -> ASGIApp:
    """Serve everything under /v1, and leave all other addresses to another application."""
    bodies = Bodies(wire.body_limit, body_budget)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith("/v1/"):
            await _serve(wire, bodies, scope, receive, send)
        else:
            await others(scope, receive, send)

    return application


async def _serve(wire: Wire, bodies: Bodies, scope: HTTPScope, receive: Receive, send: Send) -> None:
    path = scope["path"].removesuffix("/")
    endpoint = ENDPOINTS.get((scope["method"], path))
    if endpoint is None:
        wire.answered[NO_ADDRESS, NO_SUCH_METHOD.code] += 1
        await _refuse(send, FORMATS.get(path, JSON), Refused(NO_SUCH_METHOD))
        return
    try:
        answer = await _read_and_answer(wire, bodies, endpoint, scope, receive)
    except CallerLeft:
        return
    except Refused as refused:
        wire.answered[path, refused.verdict.code] += 1
        await _refuse(send, endpoint.format, refused)
        return
    except Exception:  # the last line of defence: whatever broke, the caller gets an answer it can read
        log.exception("a request failed", path=path)
        wire.answered[path, UNAVAILABLE.code] += 1
        await _refuse(send, endpoint.format, Refused(UNAVAILABLE))
        return
    wire.answered[path, OK.code] += 1
    await _respond(send, endpoint.format, OK.http_status, answer)


def no_such_address(_request: Request[object, object, State], _error: HTTPException) -> Response[bytes]:
    """The same answer for addresses outside /v1: an exception handler for what Litestar cannot route."""
    return Response(
        JSON.refusal(Refused(NO_SUCH_METHOD)),
        status_code=NO_SUCH_METHOD.http_status,
        media_type=JSON.content_type.decode(),
    )


async def _read_and_answer(wire: Wire, bodies: Bodies, endpoint: Endpoint, scope: HTTPScope, receive: Receive) -> bytes:
    if scope["method"] != "POST":
        return await _answer(wire, endpoint, scope, scope["query_string"])
    body = await bodies.read(scope, receive, endpoint.most_octets)
    try:
        return await _answer(wire, endpoint, scope, body)
    finally:
        bodies.let_go(body)


async def _answer(wire: Wire, endpoint: Endpoint, scope: HTTPScope, body: bytes) -> bytes:
    """The body of the answer; raises Refused with the first code that applies (400, 401, then the endpoint's)."""
    opened = endpoint.format.open(body, min(wire.body_limit(), endpoint.most_octets))
    account = await authenticate(wire.store, wire.passwords, opened.presented, lambda: _caller(wire, scope))
    if len(body) > body_limit(account.max_body, account.max_recipients):
        raise Refused(UNREADABLE)
    return endpoint.format.render(await endpoint.reply(wire, account, opened.read()))


def _caller(wire: Wire, scope: HTTPScope) -> str | None:
    peer = scope["client"]
    return caller_address(peer[0] if peer else None, scope["headers"], wire.trusted_proxies)


async def _refuse(send: Send, form: Format, refused: Refused) -> None:
    after = refused.retry_after_s
    more = [] if after is None else [(b"retry-after", b"%d" % after)]
    await _respond(send, form, refused.verdict.http_status, form.refusal(refused), more)


async def _respond(
    send: Send, form: Format, status: int, body: bytes, more: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    headers = [(b"content-type", form.content_type), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
