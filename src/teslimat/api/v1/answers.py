"""What the flows found out, as answers of the contract."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import UNSET, Struct

from teslimat.api.v1.dates import show
from teslimat.core.errors import OK, Refused
from teslimat.core.model import LIRA, Account, Order
from teslimat.core.states import order_status
from teslimat.flows.report import ReportPage
from teslimat_client.contract import (
    Balance,
    BalanceRead,
    OrderList,
    OrderReport,
    OrderSummary,
    Outcome,
    PlacedOrder,
    ReportRead,
    Senders,
    SendersRead,
    SmsSent,
    Status,
)


class PagedReport(NamedTuple):
    """A report whose rows are still packed: a format renders them in one go."""

    head: ReportRead
    page: ReportPage


Reply = Struct | PagedReport
"""What an endpoint replies, an answer of the contract, before a format writes it."""

_SUCCESS: Final = Status(OK.code, OK.message)

DONE: Final = Outcome(_SUCCESS)
"""It is done, and there is nothing to tell."""


def outcome_of(refused: Refused) -> Outcome:
    """How a request failed, and nothing else."""
    verdict = refused.verdict
    return Outcome(Status(verdict.code, verdict.message), dict(refused.errors) if refused.errors else UNSET)


def sent(order_id: int) -> SmsSent:
    """An order was accepted."""
    return SmsSent(_SUCCESS, PlacedOrder(str(order_id)))


def report_of(account: Account, page: ReportPage) -> PagedReport:
    """An order's report, as the account's clients read it."""
    order = page.order
    report = OrderReport(
        id=order.id if account.int_order_ids else str(order.id),
        status=_status_of(order),
        total=order.total,
        delivered=order.delivered,
        undelivered=order.undelivered,
        waiting=order.waiting,
        submit_at=show(order.submit_at),
        send_at=show(order.send_at),
        sender=order.sender,
        price=_lira(order.price) if account.in_lira else order.price,
        message=[],
    )
    return PagedReport(ReportRead(_SUCCESS, report), page)


def list_of(count: int, orders: Sequence[Order]) -> OrderList:
    """Some of an account's orders, and how many there are."""
    return OrderList(_SUCCESS, count, [_summary_of(order) for order in orders])


def balance_of(account: Account) -> BalanceRead:
    """What an account has left: credits, or money and how many message parts it pays for."""
    if account.in_lira:
        left = Balance(amount=account.balance / LIRA, sms=account.balance // account.unit_price)
    else:
        left = Balance(amount=0, sms=account.balance)
    return BalanceRead(_SUCCESS, left)


def senders_of(account: Account) -> SendersRead:
    """The senders of an account."""
    return SendersRead(_SUCCESS, Senders(list(account.senders)))


def _lira(amount: int) -> str:
    """Write ten-thousandths of a lira as clients know them: `0,0372`."""
    whole, rest = divmod(amount, LIRA)
    return f"{whole},{rest:04d}"


def _summary_of(order: Order) -> OrderSummary:
    return OrderSummary(
        id=order.id,
        status=_status_of(order),
        total=order.total,
        delivered=order.delivered,
        undelivered=order.undelivered,
        waiting=order.waiting,
        submit_at=show(order.submit_at),
        send_at=show(order.send_at),
        sender=order.sender,
    )


def _status_of(order: Order) -> int:
    return int(order_status(waiting=order.waiting, reached_carrier=order.reached_carrier))
