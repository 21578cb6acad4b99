"""The v1 API on the wire: what a request holds, what an answer holds, in the order in which it is written.

A request is `{"request": {...}}` and an answer `{"response": {"status": {...}, ...}}`. An answer that is not
200 has a status and nothing else. Field names here are ours; on the wire they are the same in camel case
(`submit_at` is `submitAt`), and `receipents` is spelled as it always was.

Where services differ in what they write, a field's type is the union of what has been seen; read with
`strict=False`, so that a count written as text is a count too. Order of fields is order on the wire.
"""

from typing import Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType

T = TypeVar("T")


class Request(Struct, Generic[T], frozen=True):
    """The envelope of every request."""

    request: T


class Answer(Struct, Generic[T], frozen=True):
    """The envelope of every answer."""

    response: T


class Credentials(Struct, frozen=True):
    """Who asks. Sent with every request; there is no session."""

    key: str
    """The account's API key."""
    hash: str
    """The API hash that was issued with the key. Opaque: a client neither computes nor shortens it."""


class Recipients(Struct, frozen=True):
    """To whom one text goes."""

    number: list[str]
    """Turkish mobile numbers in any usual spelling. One that is no number does not fail the others: it is
    reported as undelivered. The same number twice is one recipient."""


class Message(Struct, frozen=True):
    """One text and its recipients."""

    text: str
    """At most 7 parts long, the operator code that the service adds included."""
    receipents: Recipients
    """The recipients. The spelling is the wire's, and permanent."""


class NewOrder(Struct, frozen=True, rename="camel"):
    """What to send, as whom, and when."""

    sender: str
    """A sender that is approved for the account, exactly as it was approved: case and blanks count."""
    send_date_time: str
    """`dd/MM/yyyy HH:mm` in Turkey (UTC+3), or empty for now. Never with seconds: such an order leaves at once."""
    iys: str
    """`1` for commercial texts, which need the recipients' consent; `0` for the rest."""
    message: list[Message]
    """The texts. All are one order, with one id and one report."""
    iys_list: str | UnsetType = UNSET
    """`BIREYSEL` (individuals) or `TACIR` (merchants); needed if iys is `1`, ignored otherwise."""


class SendSms(Struct, frozen=True):
    """Place an order."""

    authentication: Credentials
    order: NewOrder


class ReportQuery(Struct, frozen=True, rename="camel"):
    """Which page of which order's report."""

    id: str
    """The order id."""
    page: int
    """From 1. A page past the end is empty, not an error."""
    row_count: int
    """Recipients on a page, at most 1,000."""


class GetReport(Struct, frozen=True):
    """Ask for one page of a report."""

    authentication: Credentials
    order: ReportQuery


class OrderName(Struct, frozen=True):
    """Which order is meant."""

    id: str
    """The order id."""


class CancelOrder(Struct, frozen=True):
    """Cancel a scheduled order of which nothing was handed over yet."""

    authentication: Credentials
    order: OrderName


class DateFilter(Struct, frozen=True):
    """Which orders to list."""

    start: str
    """First day, `YYYY-MM-DD` in Turkey."""
    end: str
    """Last day, included; at most ten days after the first."""
    page: int
    """From 1, thirty orders each."""


class GetReports(Struct, frozen=True):
    """List the orders of some days."""

    authentication: Credentials
    filter: DateFilter


class GetAccount(Struct, frozen=True):
    """Ask for the account's balance or senders."""

    authentication: Credentials


class Status(Struct, frozen=True):
    """How it went."""

    code: int
    """200, or the documented code of a refusal. The HTTP status is the same number."""
    message: str
    """The same in Turkish, for people. It may change; only the code is meant for programs."""


class Outcome(Struct, frozen=True):
    """An answer that only says how it went: a cancelled order, and every refusal."""

    status: Status
    errors: dict[str, str] | UnsetType = UNSET
    """What is wrong with which field, in Turkish, for people; beside 422 only."""


class PlacedOrder(Struct, frozen=True):
    """The order that was accepted."""

    id: str | int
    """Digits, written as text. An order that is placed later has a greater id."""


class SmsSent(Struct, frozen=True):
    """The order was accepted and is kept from now on. It does not say that anything was sent yet."""

    status: Status
    order: PlacedOrder


class RecipientReport(Struct, frozen=True):
    """What became of one recipient."""

    number: str | int
    """`+90` and ten digits, whatever the spelling in the request; what was no number is shown as it was given."""
    status: int
    """110 waiting, 111 delivered, 112 not delivered. 111 and 112 are final."""


class OrderReport(Struct, frozen=True, rename="camel"):
    """One page of a report. Counters and price are those of the whole order, on every page."""

    id: str | int
    """The order id: digits, written as text, or as a number for accounts that ask for it."""
    status: int
    """113 in progress; 114 nothing waits any more, which does not say that all was delivered; 115 nothing of
    it can have reached a carrier."""
    total: int
    """Recipients of the order: delivered + undelivered + waiting."""
    delivered: int
    """Recipients whose carrier confirmed the delivery."""
    undelivered: int
    """Recipients that will not get it."""
    waiting: int
    """Recipients whose fate is open."""
    submit_at: str
    """When the order was accepted: `YYYY-MM-DD HH:MM:SS` in Turkey."""
    send_at: str
    """When it was to be handed over: `submitAt`, unless it was scheduled."""
    sender: str
    """The sender."""
    price: int | float | str
    """What the order costs up to now: it falls as recipients turn out undelivered, which are free. Credits, or
    for an account in lira an amount as text, with a decimal comma: `0,0372`."""
    message: list[RecipientReport]
    """The recipients of this page, in the order in which they were submitted; the same on every call."""


class ReportRead(Struct, frozen=True):
    """A page of a report."""

    status: Status
    order: OrderReport


class OrderSummary(Struct, frozen=True, rename="camel"):
    """One order in a list. Fields mean what they mean in OrderReport."""

    id: int | str
    """The order id; in lists it is written as a number."""
    status: int
    total: int
    delivered: int
    undelivered: int
    waiting: int
    submit_at: str
    send_at: str
    sender: str


class OrderList(Struct, frozen=True):
    """One page of the orders of some days."""

    status: Status
    count: int
    """Orders of these days in all, not on this page."""
    orders: list[OrderSummary]
    """At most thirty, by id."""


class Balance(Struct, frozen=True):
    """What the account has left."""

    amount: float
    """What is left in lira; 0 for accounts in credits. What waiting orders may still cost is already taken off."""
    sms: int
    """What is left in credits; for accounts in lira, how many message parts that pays for."""


class BalanceRead(Struct, frozen=True):
    """The account's balance."""

    status: Status
    balance: Balance


class Senders(Struct, frozen=True):
    """The senders that are approved for the account."""

    sender: list[str]
    """Possibly none."""


class SendersRead(Struct, frozen=True):
    """The account's senders."""

    status: Status
    senders: Senders
