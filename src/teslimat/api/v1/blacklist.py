"""The blacklist's endpoints."""

from typing import Final, NamedTuple

from teslimat.api.v1.answers import DONE, Reply
from teslimat.api.v1.dates import no_second, read_second
from teslimat.api.v1.values import Tree, read_object, read_optional_object, read_page, read_row_count, trimmed
from teslimat.api.v1.wire import Answering, Wire
from teslimat.core.errors import INVALID_FIELDS, Refused
from teslimat.core.model import Account
from teslimat.flows.blacklist import add_number, list_numbers, remove_number
from teslimat_client.contract.blacklist import Blacklist, BlacklistRead

_SECOND: Final = 1000
_ALWAYS: Final = 2**62
"""In ms, as far from 1970 as anything is, either way."""


class BlacklistRequest(NamedTuple):
    """Which numbers to list."""

    period: tuple[int, int] | None
    """Those added in [since, before), in ms since 1970 UTC; None is all of them."""
    page: int
    row_count: int


def read_blacklist_query(request: Tree) -> BlacklistRequest:
    """Which numbers to list; raises Refused 400, 422 or 464, in this order."""
    query = read_optional_object(request, "blacklist")
    period = _read_period(read_optional_object(query, "filter"))
    return BlacklistRequest(period, read_page(query.get("page")), read_row_count(query.get("rowCount")))


def read_number(request: Tree) -> object:
    """What is given as a number, the first if it is a list; judging it is not ours. Raises Refused 400."""
    given = read_object(request, "blacklist").get("number")
    if isinstance(given, list):
        return given[0] if given else None
    return given


def _read_period(dates: Tree) -> tuple[int, int] | None:
    given = {name: value for name in ("start", "end") if not _is_blank(value := dates.get(name))}
    seconds = {name: read_second(trimmed(value)) for name, value in given.items()}
    wrong = {name: no_second(name) for name, second in seconds.items() if second is None}
    if wrong:
        raise Refused(INVALID_FIELDS, errors=wrong)
    if not seconds:
        return None
    since, last = seconds.get("start"), seconds.get("end")
    return (-_ALWAYS if since is None else since, _ALWAYS if last is None else last + _SECOND)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


async def get_blacklist(wire: Wire, account: Account, request: Tree) -> Reply:
    """List the numbers that the account does not text."""
    query = read_blacklist_query(request)
    count, numbers = await list_numbers(wire.store, account.id, query.period, query.page, query.row_count)
    return BlacklistRead(DONE.status, Blacklist(count, [f"+{number}" for number in numbers]))


async def add_blacklist(wire: Wire, account: Account, request: Tree) -> Reply:
    """Text a number no more."""
    await add_number(wire.store, wire.clock, account.id, read_number(request))
    return DONE


async def delete_blacklist(wire: Wire, account: Account, request: Tree) -> Reply:
    """Text a number again."""
    await remove_number(wire.store, account.id, read_number(request))
    return DONE


IN_BOTH: Final[dict[str, Answering]] = {
    "get-blacklist": get_blacklist,
    "add-blacklist": add_blacklist,
    "delete-blacklist": delete_blacklist,
}
"""In JSON and in XML."""
