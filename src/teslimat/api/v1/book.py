"""From the tree under `request` to what is asked of an address book.

Ids come alone, in lists and in objects, as numbers and as text. Of what a contact holds, null and what is missing is
not given; `""` and `[]` are given, and empty.
"""

import re
from typing import Final, NamedTuple

from teslimat.api.v1.values import Tree, read_object, read_page, read_row_count, read_whole
from teslimat.core import numbers
from teslimat.core.contacts import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_FIELDS,
    MOST_GROUPS_OF_CONTACT,
    SHORTEST_KEY,
    TOP,
    ContactChange,
)
from teslimat.core.errors import INVALID_FIELDS, NO_GROUP_NAME, SEARCH_TOO_SHORT, Refused

_NO_ID: Final = -1
"""Stands for what can be no id, so that it is as unknown as any other."""

_LARGEST_ID: Final = 2**63 - 1

_MOST_AROUND_A_GROUP: Final = 10
"""Lists, objects and empty values that there may be for each id of a list of groups; clients need three."""

_UNREAD: Final = "?"
"""Stands for a text that is none, so that it is not taken for an empty one."""

_beyond_xml = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
"""What an answer in XML could not hold (XML 1.0, production 2)."""


class GroupRequest(NamedTuple):
    """What a group is to be."""

    id: int
    name: str
    parent_id: int | None
    """None if the request does not say."""


class PageRequest(NamedTuple):
    """Which page of a list."""

    page: int
    row_count: int


def read_group(request: Tree) -> GroupRequest:
    """What a group is to be; raises Refused 400, 461 or 422, in this order."""
    group = read_object(request, "group")
    wrong: dict[str, str] = {}
    name = _text(group.get("name"), "name", LONGEST_NAME, wrong)
    if not name:
        raise Refused(NO_GROUP_NAME)
    if wrong:
        raise Refused(INVALID_FIELDS, errors=wrong)
    return GroupRequest(_id(group.get("id")), name, _parent(group.get("parent")))


def read_id(request: Tree, kind: str) -> int:
    """Which group or contact is meant, possibly one that there cannot be; raises Refused 400."""
    return _id(read_object(request, kind).get("id"))


def read_group_page(request: Tree) -> PageRequest:
    """Which page of a group's contacts; raises Refused 400 or 464, in this order."""
    return _page(read_object(request, "group"))


def read_search(request: Tree) -> tuple[str, PageRequest]:
    """What to look for, and which page of what is found; raises Refused 400, 471 or 464, in this order."""
    search = read_object(request, "search")
    key = _words(search.get("key"))
    if key is None or len(key) < SHORTEST_KEY:
        raise Refused(SEARCH_TOO_SHORT)
    return key, _page(search)


def read_contact(request: Tree) -> ContactChange:
    """What is said of a contact; raises Refused 400, or 422 with all that is wrong."""
    contact = read_object(request, "contact")
    wrong: dict[str, str] = {}
    change = ContactChange(
        name=_text(contact.get("name"), "name", LONGEST_NAME, wrong),
        surname=_text(contact.get("surname"), "surname", LONGEST_NAME, wrong),
        email=_text(contact.get("email"), "email", LONGEST_VALUE, wrong),
        gsm=_gsm(contact.get("gsm"), wrong),
        values=_values(contact.get("custom_fields"), wrong),
        groups=_groups(contact.get("groups"), wrong),
    )
    if wrong:
        raise Refused(INVALID_FIELDS, errors=wrong)
    return change


def _page(tree: Tree) -> PageRequest:
    return PageRequest(read_page(tree.get("page")), read_row_count(tree.get("rowCount")))


def _id(value: object) -> int:
    number = read_whole(value)
    return number if number is not None and 0 <= number <= _LARGEST_ID else _NO_ID


def _parent(value: object) -> int | None:
    if value is None:
        return None
    return TOP if _words(value) == "" else _id(value)


def _text(value: object, name: str, longest: int, wrong: dict[str, str]) -> str | None:
    """A text without blanks around it, None if it is not given; what cannot be kept is told of in wrong."""
    if value is None:
        return None
    text = _words(value)
    if text is None:
        wrong[name] = f"{name} metin olmalıdır."
        return _UNREAD
    if len(text) > longest:
        wrong[name] = f"{name} en fazla {longest} karakter olabilir."
    elif _beyond_xml(text):
        wrong[name] = f"{name} kullanılamayan karakterler içeriyor."
    return text


def _words(value: object) -> str | None:
    """A text, or a whole number as one, without blanks around it; empty for nothing, None for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_ID:
        return str(value)
    return "" if value is None or value == [] else None


def _gsm(value: object, wrong: dict[str, str]) -> int | None:
    if value is None:
        return None
    if _words(value) == "":
        return 0
    number = numbers.parse(value)
    if number is None:
        wrong["gsm"] = "gsm geçerli bir cep telefonu numarası değil."
    return number


def _values(value: object, wrong: dict[str, str]) -> dict[int, str] | None:
    """Fields and what stands in them, from one field, a list, or either within `custom_field`."""
    if value is None:
        return None
    if isinstance(value, dict) and "id" not in value:
        value = value.get("custom_field")
    fields = value if isinstance(value, list) else [] if _words(value) == "" else [value]
    if len(fields) > MOST_FIELDS:
        wrong["custom_fields"] = f"custom_fields en fazla {MOST_FIELDS} alan içerebilir."
        return None
    values: dict[int, str] = {}
    for field in fields:
        given = field if isinstance(field, dict) else {}
        values[_id(given.get("id"))] = _text(given.get("value"), "custom_fields", LONGEST_VALUE, wrong) or ""
    return values


def _groups(value: object, wrong: dict[str, str]) -> tuple[int, ...] | None:
    """All ids in a value: alone, in lists, or in objects as `id` or within `group`."""
    if value is None:
        return None
    found: set[int] = set()
    unread = [value]
    looks_left = MOST_GROUPS_OF_CONTACT * _MOST_AROUND_A_GROUP
    while unread and looks_left:
        looks_left -= 1
        item = unread.pop()
        if isinstance(item, list):
            unread += item
        elif isinstance(item, dict):
            unread += (item.get("id"), item.get("group"))
        elif _words(item) != "":
            found.add(_id(item))
    if unread or len(found) > MOST_GROUPS_OF_CONTACT:
        wrong["groups"] = f"groups en fazla {MOST_GROUPS_OF_CONTACT} grup içerebilir."
    return tuple(sorted(found))
