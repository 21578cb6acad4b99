"""The endpoints about orders, and what an account needs to place them."""

from typing import Final

import structlog

from teslimat.api.v1.answers import DONE, Reply, balance_of, list_of, report_of, senders_of, sent
from teslimat.api.v1.envelope import (
    read_list_query,
    read_order_id,
    read_report_query,
    read_sms,
)
from teslimat.api.v1.values import Tree
from teslimat.api.v1.wire import ONLY_CREDENTIALS, WHAT_THE_ACCOUNT_MAY, Answering, Wire
from teslimat.core.model import Account
from teslimat.flows.cancel import cancel
from teslimat.flows.place import place
from teslimat.flows.report import list_orders, read_report

log = structlog.get_logger()


async def send_sms(wire: Wire, account: Account, request: Tree) -> Reply:
    """Place an order."""
    strict = {"strict_iys": account.strict_iys, "strict_seconds": account.strict_seconds}
    sms = read_sms(request, wire.clock.now(), account.max_recipients, **strict)
    order_id = await place(wire.placing, account, sms.order)
    if sms.seconds_given:
        log.warning("the schedule of an order was ignored: its sendDateTime has seconds", order_id=order_id)
    return sent(order_id)


async def get_report(wire: Wire, account: Account, request: Tree) -> Reply:
    """Read a page of an order's report."""
    query = read_report_query(request)
    page = await read_report(wire.store, wire.clock, account.id, query.order_id, query.page, query.row_count)
    return report_of(account, page)


async def get_reports(wire: Wire, account: Account, request: Tree) -> Reply:
    """List the orders of some days."""
    query = read_list_query(request)
    count, orders = await list_orders(wire.store, account.id, query.since, query.before, query.page)
    return list_of(count, orders)


async def cancel_order(wire: Wire, account: Account, request: Tree) -> Reply:
    """Cancel a scheduled order."""
    await cancel(wire.store, wire.clock, account.id, read_order_id(request))
    return DONE


async def get_balance(_wire: Wire, account: Account, _request: Tree) -> Reply:
    """Tell what the account has left."""
    return balance_of(account)


async def get_sender(_wire: Wire, account: Account, _request: Tree) -> Reply:
    """Tell which senders the account may use."""
    return senders_of(account)


IN_BOTH: Final[dict[str, Answering]] = {
    "send-sms": send_sms,
    "get-report": get_report,
    "cancel-order": cancel_order,
    "get-balance": get_balance,
    "get-sender": get_sender,
}
"""In JSON and in XML."""

JSON_ONLY: Final[dict[str, Answering]] = {
    "get-reports": get_reports,
    "get-report-summary": get_reports,  # under this name one of the official clients asks
}

BODIES: Final = {
    "send-sms": WHAT_THE_ACCOUNT_MAY,
    "get-balance": ONLY_CREDENTIALS,
    "get-sender": ONLY_CREDENTIALS,
}
"""Octets that a body may have, where it is not wire.MODEST_BODY."""
