"""The v1 endpoints over HTTP.

A plain ASGI application serves them all, from a table of addresses: the wire has an answer of its own for every
unknown address and every other method, ignores the content type, and decodes more tolerantly than a signature
can say.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from teslimat.api.caller import caller_address
from teslimat.api.v1 import json
from teslimat.api.v1.answers import DONE, Reply, balance_of, list_of, senders_of, sent
from teslimat.api.v1.envelope import (
    Tree,
    read_list_query,
    read_order_id,
    read_report_query,
    read_sms,
)
from teslimat.core.clock import Clock
from teslimat.core.errors import NO_SUCH_METHOD, OK, UNAVAILABLE, UNREADABLE, Refused, Verdict
from teslimat.core.model import Account
from teslimat.core.networks import Network
from teslimat.core.ports import Store
from teslimat.flows.accounts import authenticate
from teslimat.flows.cancel import cancel
from teslimat.flows.place import Placing, place
from teslimat.flows.report import list_orders, read_report

log = structlog.get_logger()


class Wire(NamedTuple):
    """What the endpoints stand on."""

    store: Store
    clock: Clock
    placing: Placing
    body_limit: Callable[[], int]
    """Bytes that a body may have, now; it follows the largest order that any account may place."""
    trusted_proxies: tuple[Network, ...]
    """Networks whose X-Forwarded-For is believed."""


class Format(NamedTuple):
    """How a variant of the API writes requests and answers."""

    content_type: bytes
    read_credentials: Callable[[bytes], tuple[str, str]]
    """Finds API key and hash in a body, and looks at no more than it must; raises Refused 400 or 401."""
    read: Callable[[bytes], Tree]
    """Decodes a body to what is under `request`; raises Refused 400."""
    render: Callable[[Reply], bytes]
    refusal: Callable[[Verdict], bytes]


class Endpoint(NamedTuple):
    """What stands behind an address."""

    reply: Callable[[Wire, Account, Tree], Awaitable[Reply]]
    format: Format


async def _send_sms(wire: Wire, account: Account, request: Tree) -> Reply:
    sms = read_sms(request, wire.clock.now())
    order_id = await place(wire.placing, account, sms.order)
    if sms.seconds_given:
        log.warning("the schedule of an order was ignored: its sendDateTime has seconds", order_id=order_id)
    return sent(order_id)


async def _get_report(wire: Wire, account: Account, request: Tree) -> Reply:
    query = read_report_query(request)
    return await read_report(wire.store, wire.clock, account.id, query.order_id, query.page, query.row_count)


async def _get_reports(wire: Wire, account: Account, request: Tree) -> Reply:
    query = read_list_query(request)
    count, orders = await list_orders(wire.store, account.id, query.since, query.before, query.page)
    return list_of(count, orders)


async def _cancel_order(wire: Wire, account: Account, request: Tree) -> Reply:
    await cancel(wire.store, wire.clock, account.id, read_order_id(request))
    return DONE


async def _get_balance(_wire: Wire, account: Account, _request: Tree) -> Reply:
    return balance_of(account)


async def _get_sender(_wire: Wire, account: Account, _request: Tree) -> Reply:
    return senders_of(account)


JSON: Final = Format(json.CONTENT_TYPE, json.read_credentials, json.read, json.render, json.refusal)

ENDPOINTS: Final[dict[str, Endpoint]] = {
    "/v1/send-sms/json": Endpoint(_send_sms, JSON),
    "/v1/get-report/json": Endpoint(_get_report, JSON),
    "/v1/get-reports/json": Endpoint(_get_reports, JSON),
    "/v1/cancel-order/json": Endpoint(_cancel_order, JSON),
    "/v1/get-balance/json": Endpoint(_get_balance, JSON),
    "/v1/get-sender/json": Endpoint(_get_sender, JSON),
}


def with_v1(wire: Wire, others: ASGIApp) -> ASGIApp:
    """Serve everything under /v1, and leave all other addresses to another application."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith("/v1/"):
            await _serve(wire, scope, receive, send)
        else:
            await others(scope, receive, send)

    return application


async def _serve(wire: Wire, scope: HTTPScope, receive: Receive, send: Send) -> None:
    endpoint = ENDPOINTS.get(scope["path"].removesuffix("/")) if scope["method"] == "POST" else None
    if endpoint is None:
        await _respond(send, JSON, NO_SUCH_METHOD, json.refusal(NO_SUCH_METHOD))
        return
    try:
        body = await _answer(wire, endpoint, scope, receive)
    except _CallerLeft:
        return
    except Refused as refused:
        await _respond(send, endpoint.format, refused.verdict, endpoint.format.refusal(refused.verdict))
        return
    except Exception:  # the last line of defence: whatever broke, the caller gets an answer it can read
        log.exception("a request failed", path=scope["path"])
        await _respond(send, endpoint.format, UNAVAILABLE, endpoint.format.refusal(UNAVAILABLE))
        return
    await _respond(send, endpoint.format, OK, body)


def no_such_address(_request: Request[object, object, State], _error: HTTPException) -> Response[bytes]:
    """The same answer for addresses outside /v1: an exception handler for what Litestar cannot route."""
    return Response(
        json.refusal(NO_SUCH_METHOD),
        status_code=NO_SUCH_METHOD.http_status,
        media_type=json.CONTENT_TYPE.decode(),
    )


async def _answer(wire: Wire, endpoint: Endpoint, scope: HTTPScope, receive: Receive) -> bytes:
    """The body of the answer; raises Refused with the first code that applies (400, 401, then the endpoint's)."""
    body = await _read_body(scope, receive, wire.body_limit())
    key, hash_ = endpoint.format.read_credentials(body)
    account = await authenticate(wire.store, key, hash_, lambda: _caller(wire, scope))
    return endpoint.format.render(await endpoint.reply(wire, account, endpoint.format.read(body)))


def _caller(wire: Wire, scope: HTTPScope) -> str | None:
    peer = scope["client"]
    return caller_address(peer[0] if peer else None, scope["headers"], wire.trusted_proxies)


class _CallerLeft(Exception):  # noqa: N818 - not an error, and nobody is left to be told
    """The connection ended before the request did."""


async def _read_body(scope: HTTPScope, receive: Receive, limit: int) -> bytes:
    """Read the body; raises Refused 400 as soon as it is known to be longer than the limit.

    Where the caller announces the length, that is before the first byte.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:
            raise Refused(UNREADABLE)
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise _CallerLeft
        chunk = event.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise Refused(UNREADABLE)
        if not event.get("more_body", False):
            return b"".join(chunks)


async def _respond(send: Send, form: Format, verdict: Verdict, body: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": verdict.http_status,
            "headers": [(b"content-type", form.content_type), (b"content-length", b"%d" % len(body))],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
