"""From the tree under `request` to typed requests.

Clients write the same thing in many ways: a number as text, one thing where a list could be, `""`, `[]` or
null for nothing. All of that is read. What cannot be read gets its documented code, and never anything else:
for every tree of the values that JSON or XML can hold, these functions return a request or raise Refused.

A thing of the wrong kind where an object belongs makes the request unreadable (400); a value of the wrong kind
has its own field's code.
"""

import re
from typing import Final, NamedTuple

from teslimat.api.v1.dates import DAY, read_day, read_moment
from teslimat.core.errors import (
    BAD_DATE_RANGE,
    BAD_PAGE,
    BAD_SEND_DATE,
    IYS_LIST_MISSING,
    IYS_MISSING,
    NO_SUCH_ORDER,
    UNREADABLE,
    Refused,
)
from teslimat.core.model import BLOCK_SIZE
from teslimat.flows.place import MessageRequest, OrderRequest

Tree = dict[str, object]
"""An object as it was decoded, from whatever format."""

MAX_ROW_COUNT: Final = BLOCK_SIZE
_MAX_PAGE: Final = 1_000_000_000
"""Past the end of every report; keeps what is asked of a store within 64 bits."""

_MAX_ORDER_ID: Final = 2**63 - 1
_MAX_AHEAD: Final = 366 * DAY
"""How far ahead an order may be scheduled: the same day next year, whatever the year."""

_LONGEST_RANGE: Final = 10 * DAY
_IYS_LISTS: Final = ("BIREYSEL", "TACIR")
_FLAGS: Final = {"1": True, "0": False, "": False}
"""Some clients never say; the live service takes that for 0."""

_whole_number = re.compile(r"(-?)0*([0-9]+)").fullmatch


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


def read_sms(request: Tree, now: int) -> SmsRequest:
    """An order to place; raises Refused 400, 457, 468 or 469, in this order."""
    order = _object(request, "order")
    messages = [_read_message(message) for message in _messages(order)]
    send_at, seconds_given = _read_send_date(order.get("sendDateTime"), now)
    commercial = _read_flag(order.get("iys"))
    if commercial and order.get("iysList") not in _IYS_LISTS:
        raise Refused(IYS_LIST_MISSING)
    placed = OrderRequest(sender=_text(order.get("sender")), send_at=send_at, commercial=commercial, messages=messages)
    return SmsRequest(placed, seconds_given)


def read_order_id(request: Tree) -> int:
    """Which order is meant; raises Refused 400 without `order`, 455 for what can be no order's id."""
    return _order_id(_object(request, "order"))


def read_report_query(request: Tree) -> ReportRequest:
    """Which page of which report is meant; raises Refused 400, 464 or 455, in this order."""
    order = _object(request, "order")
    page = _page(order.get("page"))
    row_count = _whole(order.get("rowCount"))
    if row_count is None or row_count < 1:
        row_count = MAX_ROW_COUNT
    return ReportRequest(_order_id(order), page, min(row_count, MAX_ROW_COUNT))


def read_list_query(request: Tree) -> ListRequest:
    """Which orders to list; raises Refused 400, 458 or 464, in this order.

    The page is read inside the filter, and beside it if there is none inside: half of the clients put it there.
    """
    dates = _object(request, "filter")
    since, last = read_day(_trimmed(dates.get("start"))), read_day(_trimmed(dates.get("end")))
    if since is None or last is None or not 0 <= last - since <= _LONGEST_RANGE:
        raise Refused(BAD_DATE_RANGE)
    inside = dates.get("page")
    page = _page(request.get("page") if inside is None or inside == "" else inside)
    return ListRequest(since, last + DAY, page)


def _object(tree: Tree, name: str) -> Tree:
    value = tree.get(name)
    if not isinstance(value, dict):
        raise Refused(UNREADABLE)
    return value


def _messages(order: Tree) -> list[object]:
    """The messages of an order: one, or a list of at least one."""
    value = order.get("message")
    messages = value if isinstance(value, list) else [value]
    if not messages:
        raise Refused(UNREADABLE)
    return messages


def _read_message(message: object) -> MessageRequest:
    if not isinstance(message, dict):
        raise Refused(UNREADABLE)
    recipients = message.get("receipents")
    if recipients is None or recipients == "":  # the empty element of XML
        numbers: list[object] = []
    elif isinstance(recipients, dict):
        numbers = _numbers(recipients.get("number"))
    else:
        raise Refused(UNREADABLE)
    return MessageRequest(_text(message.get("text")), numbers)


def _numbers(value: object) -> list[object]:
    """All numbers of one, a list of them, or lists in lists; empty ones are left out. Judging them is not ours."""
    values = value if isinstance(value, list) else [value]
    if set(map(type, values)) == {str} and "" not in values:
        return values
    numbers: list[object] = []
    unread = [iter(values)]
    while unread:
        for number in unread[-1]:
            if isinstance(number, list):
                unread.append(iter(number))
                break
            if number is not None and number != "":
                numbers.append(number)
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


def _read_flag(value: object) -> bool:
    """The consent flag; raises Refused 468 for anything but yes, no and nothing."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        flag = _FLAGS.get(value.strip())
    else:
        flag = bool(value) if isinstance(value, int) and value in (0, 1) else None
    if flag is None:
        raise Refused(IYS_MISSING)
    return flag


def _order_id(order: Tree) -> int:
    order_id = _whole(order.get("id"))
    if order_id is None or not 0 <= order_id <= _MAX_ORDER_ID:
        raise Refused(NO_SUCH_ORDER)
    return order_id


def _page(value: object) -> int:
    """A page, 1 if it is missing or no number; raises Refused 464 for one below 1."""
    page = _whole(value)
    if page is None:
        return 1
    if page < 1:
        raise Refused(BAD_PAGE)
    return min(page, _MAX_PAGE)


def _whole(value: object) -> int | None:
    """A whole number given as such or as digits; one of more than twenty digits is as good as any such."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    found = _whole_number(_trimmed(value))
    if found is None:
        return None
    number = int(found[2][:21])
    return -number if found[1] else number


def _trimmed(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
