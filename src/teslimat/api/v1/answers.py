"""What the flows found out, as answers of the contract."""

from collections.abc import Sequence
from typing import Final

from teslimat.api.v1.dates import show
from teslimat.core.errors import OK, Verdict
from teslimat.core.model import Account, Order
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

Reply = Outcome | SmsSent | OrderList | BalanceRead | SendersRead | ReportPage
"""What an endpoint replies, before a format writes it. The page of a report stays packed: a format renders its rows in
one go."""

_SUCCESS: Final = Status(OK.code, OK.message)

DONE: Final = Outcome(_SUCCESS)
"""It is done, and there is nothing to tell."""


def outcome_of(verdict: Verdict) -> Outcome:
    """A verdict and nothing else: the answer to what is refused."""
    return Outcome(Status(verdict.code, verdict.message))


def sent(order_id: int) -> SmsSent:
    """An order was accepted."""
    return SmsSent(_SUCCESS, PlacedOrder(str(order_id)))


def report_of(order: Order) -> ReportRead:
    """An order's report without the rows of a page."""
    report = OrderReport(
        id=str(order.id),
        status=_status_of(order),
        total=order.total,
        delivered=order.delivered,
        undelivered=order.undelivered,
        waiting=order.waiting,
        submit_at=show(order.submit_at),
        send_at=show(order.send_at),
        sender=order.sender,
        price=order.price,
        message=[],
    )
    return ReportRead(_SUCCESS, report)


def list_of(count: int, orders: Sequence[Order]) -> OrderList:
    """Some of an account's orders, and how many there are."""
    return OrderList(_SUCCESS, count, [_summary_of(order) for order in orders])


def balance_of(account: Account) -> BalanceRead:
    """What an account has left. Accounts count credits, so there is no money to tell of."""
    return BalanceRead(_SUCCESS, Balance(amount=0, sms=account.balance))


def senders_of(account: Account) -> SendersRead:
    """The senders of an account."""
    return SendersRead(_SUCCESS, Senders(list(account.senders)))


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
