"""An order in an address: `?key=…&hash=…&sender=…&text=…&receipents=…`. The answer is XML."""

from typing import Final

from teslimat.api.v1 import xml
from teslimat.api.v1.fields import decode
from teslimat.api.v1.formats import Format, Opened
from teslimat.api.v1.values import Tree
from teslimat.core.errors import UNREADABLE, Refused
from teslimat.flows.accounts import Presented

_RECIPIENTS: Final = ("receipents", "receipents[]")
"""The second is how PHP writes a list."""


def open_query(query: bytes) -> Opened:
    """Read a query string; raises Refused 400 if it is not percent-encoded UTF-8.

    Of a parameter that is repeated the last one counts, but recipients add up.
    """
    try:
        pairs = [_pair(parameter) for parameter in query.split(b"&") if parameter]
    except ValueError:
        raise Refused(UNREADABLE) from None
    values = dict(pairs)
    who = Presented(*map(values.get, ("key", "hash", "username", "password")))
    numbers = [number.strip() for name, value in pairs if name in _RECIPIENTS for number in value.split(",")]
    return Opened(who, lambda: _tree(values, numbers))


def _pair(parameter: bytes) -> tuple[str, str]:
    name, _, value = parameter.partition(b"=")
    return decode(name).decode(), decode(value).decode()


def _tree(values: dict[str, str], numbers: list[str]) -> Tree:
    """The same order as other formats write it; it leaves at once, for here nobody can say when."""
    message = {"text": values.get("text"), "receipents": {"number": numbers}}
    order = {name: values.get(name) for name in ("sender", "iys", "iysList")}
    return {"order": {**order, "message": message}}


QUERY: Final = Format(
    xml.XML.content_type, lambda query, _most_bytes: open_query(query), xml.XML.render, xml.XML.refusal
)
