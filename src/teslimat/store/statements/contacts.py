"""The statements of the address book."""

import sqlite3
from collections.abc import Sequence

from teslimat.core.contacts import TOP, Contact, CustomField, Group, searchable
from teslimat.core.ports import NameTaken
from teslimat.store.statements.running import Running


class ContactSql(Running):
    """The port core.ports.contacts.ContactStatements."""

    # groups

    async def group_parents(self, account_id: int) -> dict[int, int]:
        rows = self._run(self._sql["group_parents"], (account_id,))
        return {group_id: parent_id or TOP for group_id, parent_id in rows}

    async def groups(self, account_id: int) -> list[Group]:
        return [Group(*row) for row in self._run(self._sql["groups"], (account_id,))]

    async def group_and_children(self, account_id: int, group_id: int) -> list[Group]:
        return [Group(*row) for row in self._run(self._sql["group_and_children"], (account_id, group_id))]

    async def insert_group(self, account_id: int, parent_id: int, name: str) -> int:
        (group_id,) = self._run(self._sql["insert_group"], (account_id, parent_id or None, name)).fetchone()
        return int(group_id)

    async def update_group(self, group_id: int, parent_id: int, name: str) -> None:
        self._run(self._sql["update_group"], (parent_id or None, name, group_id))

    async def empty_group(self, group_id: int, limit: int) -> int:
        return self._run(self._sql["empty_group"], (group_id, limit)).rowcount

    async def remove_groups(self, group_ids: Sequence[int]) -> None:
        self._run_many(self._sql["remove_group"], [(group_id,) for group_id in group_ids])

    async def group_contacts(self, group_id: int, limit: int, offset: int) -> list[int]:
        return [contact_id for (contact_id,) in self._run(self._sql["group_contacts"], (group_id, limit, offset))]

    # contacts

    async def contacts(self, account_id: int, contact_ids: Sequence[int]) -> list[Contact]:
        found = []
        for contact_id in contact_ids:
            row = self._run(self._sql["find_contact"], (contact_id, account_id)).fetchone()
            if row is not None:
                values = dict(self._run(self._sql["values_of_contact"], (contact_id,)).fetchall())
                groups = tuple(group_id for (group_id,) in self._run(self._sql["groups_of_contact"], (contact_id,)))
                found.append(Contact(*(*row, values, groups)))
        return found

    async def insert_contact(self, account_id: int, contact: Contact) -> int:
        row = (account_id, contact.name, contact.surname, contact.email, contact.gsm, searchable(contact))
        (contact_id,) = self._run(self._sql["insert_contact"], row).fetchone()
        self._write_lists(contact_id, contact)
        return int(contact_id)

    async def update_contact(self, contact: Contact) -> None:
        row = (contact.name, contact.surname, contact.email, contact.gsm, searchable(contact), contact.id)
        self._run(self._sql["update_contact"], row)
        self._forget_lists(contact.id)
        self._write_lists(contact.id, contact)

    async def remove_contact(self, account_id: int, contact_id: int) -> bool:
        if self._run(self._sql["find_contact"], (contact_id, account_id)).fetchone() is None:
            return False
        self._forget_lists(contact_id)
        self._run(self._sql["remove_contact"], (contact_id,))
        return True

    async def contact_after(self, account_id: int, after: int, count: int) -> int | None:
        row = self._run(self._sql["contact_after"], (account_id, after, count - 1)).fetchone()
        return row[0] if row else None

    async def contacts_like(
        self, account_id: int, between: tuple[int, int], text: str, digits: str | None, limit: int
    ) -> list[int]:
        rows = self._run(self._sql["contacts_like"], (account_id, *between, text, digits, limit))
        return [contact_id for (contact_id,) in rows]

    def _forget_lists(self, contact_id: int) -> None:
        self._run(self._sql["leave_groups"], (contact_id,))
        self._run(self._sql["forget_values"], (contact_id,))

    def _write_lists(self, contact_id: int, contact: Contact) -> None:
        self._run_many(self._sql["insert_contact_in_group"], [(group_id, contact_id) for group_id in contact.groups])
        self._run_many(
            self._sql["insert_contact_value"],
            [(contact_id, field_id, value) for field_id, value in contact.values.items()],
        )

    # fields

    async def custom_fields(self, account_id: int) -> list[CustomField]:
        return [CustomField(*row) for row in self._run(self._sql["custom_fields"], (account_id,))]

    async def insert_custom_field(self, account_id: int, name: str) -> int:
        try:
            (field_id,) = self._run(self._sql["insert_custom_field"], (account_id, name)).fetchone()
        except sqlite3.IntegrityError as error:
            raise NameTaken(name) from error
        return int(field_id)
