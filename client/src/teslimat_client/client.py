"""The v1 API as a client sees it: calls as values, and a thin shell that posts them.

A `Call` knows where to post which bytes, and what its answer looks like; `read_answer` reads that answer.
Neither touches the network, so every shell, synchronous or not, is a few lines.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final, Generic, NamedTuple, Self, TypeVar

import msgspec

from teslimat_client.contract import (
    Answer,
    Balance,
    BalanceRead,
    CancelOrder,
    Credentials,
    DateFilter,
    GetAccount,
    GetReport,
    GetReports,
    Message,
    NewOrder,
    OrderList,
    OrderName,
    OrderReport,
    Outcome,
    Recipients,
    ReportQuery,
    ReportRead,
    Request,
    SendersRead,
    SendSms,
    SmsSent,
)

T = TypeVar("T")

TURKEY: Final = timezone(timedelta(hours=3))
"""Turkey keeps UTC+3 all year."""

_OK: Final = 200

JSON_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}


class ApiError(Exception):
    """The service refused a request: its code and its message, or the HTTP status of an answer that is none."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class Sms(NamedTuple):
    """One text and the numbers it goes to."""

    text: str
    numbers: Sequence[str]


class Call(NamedTuple, Generic[T]):
    """A request that is ready to be posted."""

    path: str
    """Where, behind the service's base URL."""
    body: bytes
    """JSON."""
    answer: type[Answer[T]]
    """What comes back if it succeeds."""


def read_answer(call: Call[T], http_status: int, body: bytes) -> T:
    """What the service answered to a call; raises ApiError if it refused, or if that was no answer of a v1 API."""
    try:
        status = msgspec.json.decode(body, type=Answer[Outcome], strict=False).response.status
        if status.code == _OK:
            return msgspec.json.decode(body, type=call.answer, strict=False).response
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(http_status, "the answer is not one of a v1 SMS API") from error
    raise ApiError(status.code, status.message)


def send_sms(
    credentials: Credentials,
    sender: str,
    messages: Sequence[Sms],
    *,
    send_at: datetime | None = None,
    iys_list: str | None = None,
) -> Call[SmsSent]:
    """Place an order. See Client.send_several."""
    order = NewOrder(
        sender=sender,
        send_date_time=_minute(send_at) if send_at else "",
        iys="1" if iys_list else "0",
        iys_list=iys_list or msgspec.UNSET,
        message=[Message(text=sms.text, receipents=Recipients(number=list(sms.numbers))) for sms in messages],
    )
    return Call("/v1/send-sms/json", _encode(SendSms(credentials, order)), Answer[SmsSent])


def get_report(credentials: Credentials, order_id: str, page: int, row_count: int) -> Call[ReportRead]:
    """Ask for a page of a report. See Client.report."""
    query = GetReport(credentials, ReportQuery(id=order_id, page=page, row_count=row_count))
    return Call("/v1/get-report/json", _encode(query), Answer[ReportRead])


def get_reports(credentials: Credentials, start: str, end: str, page: int) -> Call[OrderList]:
    """List the orders of some days. See Client.orders."""
    query = GetReports(credentials, DateFilter(start=start, end=end, page=page))
    return Call("/v1/get-reports/json", _encode(query), Answer[OrderList])


def cancel_order(credentials: Credentials, order_id: str) -> Call[Outcome]:
    """Cancel a scheduled order. See Client.cancel."""
    return Call("/v1/cancel-order/json", _encode(CancelOrder(credentials, OrderName(order_id))), Answer[Outcome])


def get_balance(credentials: Credentials) -> Call[BalanceRead]:
    """Ask what the account has left."""
    return Call("/v1/get-balance/json", _encode(GetAccount(credentials)), Answer[BalanceRead])


def get_sender(credentials: Credentials) -> Call[SendersRead]:
    """Ask for the account's approved senders."""
    return Call("/v1/get-sender/json", _encode(GetAccount(credentials)), Answer[SendersRead])


class Client:
    """The v1 API over HTTP. Every method raises ApiError if refused, and httpx.HTTPError if the way there fails."""

    def __init__(self, base_url: str, key: str, hash: str) -> None:  # noqa: A002 - it is called so everywhere
        import httpx  # noqa: PLC0415 - half of what a command line takes to start; reading answers needs none of it

        self._credentials = Credentials(key, hash)
        self._http = httpx.Client(base_url=base_url, headers=JSON_HEADERS, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, sender: str, text: str, numbers: Sequence[str]) -> str:
        """Send one transactional text to some numbers now; the order id."""
        return self.send_several(sender, [Sms(text, numbers)])

    def send_several(
        self,
        sender: str,
        messages: Sequence[Sms],
        *,
        send_at: datetime | None = None,
        iys_list: str | None = None,
    ) -> str:
        """Send some texts as one order; the order id.

        send_at is to the minute and must know its time zone (ValueError otherwise); None is now. iys_list
        declares the texts commercial: BIREYSEL or TACIR. Asking again within ten minutes is refused with 451,
        which makes it safe to try again after a failure on the way.
        """
        call = send_sms(self._credentials, sender, messages, send_at=send_at, iys_list=iys_list)
        return str(self._post(call).order.id)

    def report(self, order_id: str, page: int = 1, row_count: int = 1000) -> OrderReport:
        """One page of an order's report, from page 1, of at most 1,000 recipients."""
        return self._post(get_report(self._credentials, order_id, page, row_count)).order

    def orders(self, start: str, end: str, page: int = 1) -> OrderList:
        """The orders of the days from start to end (YYYY-MM-DD, both included), thirty a page."""
        return self._post(get_reports(self._credentials, start, end, page))

    def cancel(self, order_id: str) -> None:
        """Cancel a scheduled order; 455 if there is none, or if it is too late."""
        self._post(cancel_order(self._credentials, order_id))

    def balance(self) -> Balance:
        """What the account has left."""
        return self._post(get_balance(self._credentials)).balance

    def senders(self) -> list[str]:
        """The senders that are approved for the account."""
        return self._post(get_sender(self._credentials)).senders.sender

    def _post(self, call: Call[T]) -> T:
        response = self._http.post(call.path, content=call.body)
        return read_answer(call, response.status_code, response.content)


def _encode(request: object) -> bytes:
    return msgspec.json.encode(Request(request))


def _minute(moment: datetime) -> str:
    """The wire's form. No seconds: with them the service would ignore the schedule."""
    if moment.tzinfo is None:
        raise ValueError("send_at must have a time zone")
    return moment.astimezone(TURKEY).strftime("%d/%m/%Y %H:%M")
