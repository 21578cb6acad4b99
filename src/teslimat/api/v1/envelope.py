"""From the tree under `request` to typed requests.

Clients write the same thing in many ways: a number as text, one thing where a list could be, `""`, `[]` or
null for nothing. All of that is read. What cannot be read gets its documented code, and never anything else:
for every tree of the values that JSON or XML can hold, these functions return a request or raise Refused.

A thing of the wrong kind where an object belongs makes the request unreadable (400); a value of the wrong kind
has its own field's code.
"""

from typing import Final, NamedTuple

from teslimat.api.v1.dates import DAY, read_day, read_moment
from teslimat.api.v1.values import (
    Tree,
    read_object,
    read_optional_object,
    read_page,
    read_row_count,
    read_text,
    read_whole,
    trimmed,
)
from teslimat.core.errors import (
    BAD_DATE_RANGE,
    BAD_SEND_DATE,
    IYS_LIST_MISSING,
    IYS_MISSING,
    NO_SUCH_ORDER,
    UNREADABLE,
    Refused,
)
from teslimat.flows.place import MessageRequest, OrderRequest

_MAX_ORDER_ID: Final = 2**63 - 1
_MAX_AHEAD: Final = 366 * DAY
"""How far ahead an order may be scheduled: the same day next year, whatever the year."""

_LONGEST_RANGE: Final = 10 * DAY
_REGISTRY_LISTS: Final = ("BIREYSEL", "TACIR")
_FLAGS: Final = {"1": True, "0": False}


class SmsRequest(NamedTuple):
    """An order to place."""

    order: OrderRequest
    seconds_given: bool
    """The date to send at had seconds, so it is ignored and the order leaves at once. The live service does
    that without a word; whoever sent it probably meant something else."""


class ReportRequest(NamedTuple):
    """Which page of which report."""

    order_id: int
    page: int
    row_count: int


class ListRequest(NamedTuple):
    """Which orders to list: those submitted in [since, before), in ms since 1970 UTC."""

    since: int
    before: int
    page: int


def read_sms(
    request: Tree, now: int, most_recipients: int, *, strict_iys: bool = False, strict_seconds: bool = False
) -> SmsRequest:
    """An order to place; raises Refused 400, 457, 468 or 469, in this order.

    Of more messages or numbers than an order may have recipients only one too many is read, for each message needs one:
    that is enough for the order to be refused.
    A strict account is told of a missing iys and of seconds in the date, which are read as 0 and ignored otherwise.
    """
    order = read_object(request, "order")
    messages = [_read_message(message, most_recipients) for message in _messages(order)[: most_recipients + 1]]
    send_at, seconds_given = _read_send_date(order.get("sendDateTime"), now)
    if seconds_given and strict_seconds:
        raise Refused(BAD_SEND_DATE)
    registry_list = _read_registry_list(order, strict=strict_iys)
    return SmsRequest(OrderRequest(read_text(order.get("sender")), send_at, registry_list, messages), seconds_given)


def read_order_id(request: Tree) -> int:
    """Which order is meant; raises Refused 400 without `order`, 455 for what can be no order's id."""
    return _order_id(read_object(request, "order"))


def read_report_query(request: Tree) -> ReportRequest:
    """Which page of which report is meant; raises Refused 400, 464 or 455, in this order."""
    order = read_object(request, "order")
    page = read_page(order.get("page"))
    row_count = read_row_count(order.get("rowCount"))
    return ReportRequest(_order_id(order), page, row_count)


def read_list_query(request: Tree) -> ListRequest:
    """Which orders to list; raises Refused 400 for a filter of another kind, 458 or 464, in this order.

    The page is read inside the filter, and beside it if there is none inside: half of the clients put it there.
    """
    dates = read_optional_object(request, "filter")
    since, last = read_day(trimmed(dates.get("start"))), read_day(trimmed(dates.get("end")))
    if since is None or last is None or not 0 <= last - since <= _LONGEST_RANGE:
        raise Refused(BAD_DATE_RANGE)
    inside = dates.get("page")
    page = read_page(request.get("page") if inside is None or inside == "" else inside)
    return ListRequest(since, last + DAY, page)


def _messages(order: Tree) -> list[object]:
    """The messages of an order: one, or a list of at least one."""
    value = order.get("message")
    messages = value if isinstance(value, list) else [value]
    if not messages:
        raise Refused(UNREADABLE)
    return messages


def _read_message(message: object, most: int) -> MessageRequest:
    if not isinstance(message, dict):
        raise Refused(UNREADABLE)
    recipients = read_optional_object(message, "receipents")
    return MessageRequest(read_text(message.get("text")), _numbers(recipients.get("number"), most))


def _numbers(value: object, most: int) -> list[object]:
    """All numbers of one, a list of them, or lists in lists, but no more than one too many.

    Empty ones are left out. Judging them is not ours.
    """
    values = value if isinstance(value, list) else [value]
    if set(map(type, values)) == {str} and "" not in values:
        return values[: most + 1]
    numbers: list[object] = []
    unread = [iter(values)]
    while unread and len(numbers) <= most:
        for number in unread[-1]:
            if isinstance(number, list):
                unread.append(iter(number))
                break
            if number is not None and number != "":
                numbers.append(number)
                if len(numbers) > most:
                    break
        else:
            unread.pop()
    return numbers


def _read_send_date(value: object, now: int) -> tuple[int | None, bool]:
    """When to send (None: now), and whether seconds were given; raises Refused 457."""
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return None, False
    if not isinstance(value, str):
        raise Refused(BAD_SEND_DATE)
    text = value.strip()
    if not text:
        return None, False
    moment = read_moment(text)
    if moment is None:
        raise Refused(BAD_SEND_DATE)
    if moment.has_seconds:
        return None, True
    if moment.at > now + _MAX_AHEAD:
        raise Refused(BAD_SEND_DATE)
    return moment.at, False


def _read_registry_list(order: Tree, *, strict: bool) -> str | None:
    """Which list of the consent registry is to be asked, None if none is; raises Refused 468 or 469."""
    if not _read_flag(order.get("iys"), strict=strict):
        return None
    registry_list = order.get("iysList")
    if not isinstance(registry_list, str) or registry_list not in _REGISTRY_LISTS:
        raise Refused(IYS_LIST_MISSING)
    return registry_list


def _read_flag(value: object, *, strict: bool) -> bool:
    """The consent flag; raises Refused 468 for anything but yes and no, and for nothing if that is to be strict."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        flag = None if strict else False
    elif isinstance(value, str):
        flag = _FLAGS.get(value)
    else:
        flag = bool(value) if isinstance(value, int) and value in (0, 1) else None
    if flag is None:
        raise Refused(IYS_MISSING)
    return flag


def _order_id(order: Tree) -> int:
    order_id = read_whole(order.get("id"))
    if order_id is None or not 0 <= order_id <= _MAX_ORDER_ID:
        raise Refused(NO_SUCH_ORDER)
    return order_id
