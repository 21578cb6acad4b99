"""The address book of an account: contacts, their groups, and fields that the operator defines for them."""

import re
import unicodedata
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict, replace

LONGEST_NAME: Final = 100
"""Characters of the name of a contact, a group or a field."""

LONGEST_VALUE: Final = 254
"""Characters of an e-mail address, and of a field's value."""

MOST_GROUPS: Final = 1000
"""Groups of one account: some answers name all of them."""

MOST_GROUPS_OF_CONTACT: Final = 100
"""Groups that one contact is in: a page tells those of a thousand."""

MOST_LEVELS: Final = 20
"""How deep groups nest; the parsers of some clients end at 64 brackets, and a level takes two."""

MOST_FIELDS: Final = 100
"""Fields of one account: a contact's answer names all that it has."""

TOP: Final = 0
"""Stands for a parent where there is none."""


class Group(Struct, frozen=True):
    """A group and how many contacts are in it, those of its subgroups not counted."""

    id: int
    parent_id: int
    """TOP for a group that is under no other."""
    name: str
    count: int


class Contact(Struct, frozen=True):
    """Somebody in an address book."""

    id: int
    name: str = ""
    surname: str = ""
    email: str = ""
    gsm: int = 0
    """E.164 without the plus sign; 0 without one."""
    values: dict[int, str] = {}
    """Id of a custom field → what stands there, never empty."""
    groups: tuple[int, ...] = ()
    """Ids, ascending."""

    @property
    def nameless(self) -> bool:
        """Whether there is nothing to tell it by."""
        return not (self.name or self.surname or self.email or self.gsm)


class ContactChange(Struct, frozen=True):
    """What to write into a contact; None leaves what is there."""

    name: str | None = None
    surname: str | None = None
    email: str | None = None
    gsm: int | None = None
    values: dict[int, str] | None = None
    """An empty one is not kept."""
    groups: tuple[int, ...] | None = None

    def applied_to(self, contact: Contact) -> Contact:
        """The contact as it is afterwards."""
        changed = replace(contact, **{field: value for field, value in asdict(self).items() if value is not None})
        return replace(changed, values={field_id: value for field_id, value in changed.values.items() if value})


class CustomField(Struct, frozen=True):
    """A field that the contacts of an account can have."""

    id: int
    name: str


SHORTEST_KEY: Final = 3
"""Characters of a search."""

_DOTS: Final = str.maketrans("İIı", "iii")
_between_digits = re.compile(r"[\s().-]+")
_number = re.compile(rf"(?:\+|00)?([0-9]{{{SHORTEST_KEY},}})").fullmatch


def searchable(contact: Contact) -> str:
    """What a search looks at, a line each: name and surname, the address, the number.

    A letter may fold into eighteen. No line is longer than what it is made of may be, so that there is a bound to what
    a search goes through.
    """
    name = folded(f"{contact.name} {contact.surname}")[: 2 * LONGEST_NAME + 1]
    return "\n".join((name, folded(contact.email)[:LONGEST_VALUE], str(contact.gsm or "")))


def folded(text: str) -> str:
    """A text without the differences that a search overlooks: letter case, blanks, and the spelling of a letter.

    The four letters i of Turkish are one here: ISPARTA and istanbul are typed on keyboards of either kind, and what is
    meant is found either way.
    """
    compatible = unicodedata.normalize("NFKC", text).translate(_DOTS).casefold()
    return " ".join(unicodedata.normalize("NFKC", compatible).split())


def dialled(key: str) -> str | None:
    """The digits of a search that looks like a part of a number; None for any other."""
    found = _number(_between_digits.sub("", key))
    return found[1] if found else None
