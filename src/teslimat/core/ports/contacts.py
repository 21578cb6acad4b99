"""The statements of the address book."""

from collections.abc import Sequence
from typing import Protocol

from teslimat.core.contacts import Contact, CustomField, Group


class ContactStatements(Protocol):
    """The contacts of an account, and their groups."""

    # groups

    async def group_parents(self, account_id: int) -> dict[int, int]:
        """Each group of an account → the one it is under, TOP if none; locked."""
        ...

    async def groups(self, account_id: int) -> list[Group]:
        """All groups of an account, by id."""
        ...

    async def group_and_children(self, account_id: int, group_id: int) -> list[Group]:
        """A group of an account and those right under it, by id."""
        ...

    async def insert_group(self, account_id: int, parent_id: int, name: str) -> int:
        """Store a group and return its id, which is never used again."""
        ...

    async def update_group(self, group_id: int, parent_id: int, name: str) -> None:
        """Write a group's name and place back."""
        ...

    async def empty_group(self, group_id: int, limit: int) -> int:
        """Take up to so many contacts out of a group; how many."""
        ...

    async def remove_groups(self, group_ids: Sequence[int]) -> None:
        """Remove groups that have no contacts left; those under one come before it."""
        ...

    async def group_contacts(self, group_id: int, limit: int, offset: int) -> list[int]:
        """Ids of the contacts of a group, ascending."""
        ...

    # contacts

    async def contacts(self, account_id: int, contact_ids: Sequence[int]) -> list[Contact]:
        """Those of these contacts that are the account's, in the order asked for."""
        ...

    async def insert_contact(self, account_id: int, contact: Contact) -> int:
        """Store a contact (its id is ignored) and return its id, which is never used again."""
        ...

    async def update_contact(self, contact: Contact) -> None:
        """Write a contact back."""
        ...

    async def remove_contact(self, account_id: int, contact_id: int) -> bool:
        """Remove a contact, from its groups too; False if it is not the account's."""
        ...

    async def contact_after(self, account_id: int, after: int, count: int) -> int | None:
        """The id of an account's count-th contact after an id; None if there are fewer."""
        ...

    async def contacts_like(
        self, account_id: int, between: tuple[int, int], text: str, digits: str | None, limit: int
    ) -> list[int]:
        """Ids in (first, last] of contacts that a search finds by folded text or by digits, ascending."""
        ...

    # fields

    async def custom_fields(self, account_id: int) -> list[CustomField]:
        """The fields that an operator defined for an account, by id."""
        ...

    async def insert_custom_field(self, account_id: int, name: str) -> int:
        """Store a field and return its id; raises NameTaken."""
        ...
