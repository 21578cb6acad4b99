"""The contacts of an address book, and the fields that an operator defines for them."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from msgspec.structs import replace

from teslimat.core.contacts import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_FIELDS,
    Contact,
    ContactChange,
    CustomField,
    dialled,
    folded,
)
from teslimat.core.errors import EMPTY_CONTACT, NO_SUCH_CONTACT, NO_SUCH_FIELD, NO_SUCH_GROUP, Refused
from teslimat.core.ports import Store, Transaction
from teslimat.flows.accounts import BadSetting

_FURTHEST: Final = 2**40
"""No address book is that large; beyond, a database's integers could overflow."""

_LAST_ID: Final = 2**63 - 1
_CONTACTS_PER_TURN: Final = 1_000
"""A search looks at so many before others have their turn: two milliseconds, if all of them are as long as can be."""

_CONTACTS_PER_READ: Final = 100


class _Sought(NamedTuple):
    """What a search looks for, where, and how many of it."""

    account_id: int
    text: str
    digits: str | None
    limit: int


async def add_contact(store: Store, account_id: int, given: ContactChange) -> Contact:
    """Store a contact, and give it back as it is stored.

    Raises Refused: EMPTY_CONTACT without name, surname, address and number, NO_SUCH_GROUP and NO_SUCH_FIELD for one
    that is not the account's.
    """

    async def work(tx: Transaction) -> Contact:
        contact = given.applied_to(Contact(id=0))
        await _check(tx, account_id, contact, given)
        return replace(contact, id=await tx.insert_contact(account_id, contact))

    return await store.transact(work)


async def edit_contact(store: Store, account_id: int, contact_id: int, given: ContactChange) -> Contact:
    """Write what is given into a contact, and give it back as it is now.

    Raises Refused: NO_SUCH_CONTACT for one that is not the account's, and what add_contact raises.
    """

    async def work(tx: Transaction) -> Contact:
        contact = given.applied_to(await _contact(tx, account_id, contact_id))
        await _check(tx, account_id, contact, given)
        await tx.update_contact(contact)
        return contact

    return await store.transact(work)


async def delete_contact(store: Store, account_id: int, contact_id: int) -> None:
    """Remove a contact. Raises Refused(NO_SUCH_CONTACT) if it is not the account's."""

    async def work(tx: Transaction) -> None:
        if not await tx.remove_contact(account_id, contact_id):
            raise Refused(NO_SUCH_CONTACT)

    await store.transact(work)


async def read_one_contact(store: Store, account_id: int, contact_id: int) -> Contact:
    """A contact. Raises Refused(NO_SUCH_CONTACT) if it is not the account's."""
    return await store.transact(lambda tx: _contact(tx, account_id, contact_id))


async def group_contacts(store: Store, account_id: int, group_id: int, page: int, row_count: int) -> list[Contact]:
    """The page-th row_count contacts of a group, by id.

    Raises Refused: NO_SUCH_GROUP for a group that is not the account's, NO_SUCH_CONTACT if there is none on this page.
    """
    offset = min((page - 1) * row_count, _FURTHEST)

    async def work(tx: Transaction) -> list[Contact]:
        if group_id not in await tx.group_parents(account_id):
            raise Refused(NO_SUCH_GROUP)
        return await _contacts(tx, account_id, await tx.group_contacts(group_id, row_count, offset))

    return await store.transact(work)


async def search_contacts(store: Store, account_id: int, key: str, page: int, row_count: int) -> list[Contact]:
    """The page-th row_count contacts, by id, with the key in their name, address or number.

    A large address book is gone through in turns. Raises Refused(NO_SUCH_CONTACT) if there is none on this page.
    """
    if len(key) > LONGEST_VALUE:
        raise Refused(NO_SUCH_CONTACT)  # no text of ours holds it
    skipped = min((page - 1) * row_count, _FURTHEST)
    sought = _Sought(account_id, folded(key), dialled(key), skipped + row_count)
    found: list[int] = []
    after: int | None = 0
    while after is not None and len(found) < sought.limit:
        more, after = await store.transact(partial(_look_on, sought=sought, after=after))
        found += more
    wanted = found[skipped : sought.limit]
    return await store.transact(lambda tx: _contacts(tx, account_id, wanted))


async def add_field(store: Store, account_id: int, name: str) -> int:
    """Define a field for the contacts of an account; its id. Raises BadSetting, NameTaken."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadSetting(f"a field has a name of 1 to {LONGEST_NAME} printable characters")

    async def work(tx: Transaction) -> int:
        if len(await tx.custom_fields(account_id)) >= MOST_FIELDS:
            raise BadSetting(f"an account has at most {MOST_FIELDS} fields")
        return await tx.insert_custom_field(account_id, name)

    return await store.transact(work)


async def list_fields(store: Store, account_id: int) -> list[CustomField]:
    """The fields of an account, by id."""
    return await store.transact(lambda tx: tx.custom_fields(account_id))


async def _contact(tx: Transaction, account_id: int, contact_id: int) -> Contact:
    (contact,) = await _contacts(tx, account_id, [contact_id])
    return contact


async def _contacts(tx: Transaction, account_id: int, contact_ids: Sequence[int]) -> list[Contact]:
    contacts: list[Contact] = []
    for start in range(0, len(contact_ids), _CONTACTS_PER_READ):
        contacts += await tx.contacts(account_id, contact_ids[start : start + _CONTACTS_PER_READ])
        await asyncio.sleep(0)
    if not contacts:
        raise Refused(NO_SUCH_CONTACT)
    return contacts


async def _look_on(tx: Transaction, sought: _Sought, after: int) -> tuple[list[int], int | None]:
    """What is found among the contacts that come next, and where to look on; None at the end."""
    last = await tx.contact_after(sought.account_id, after, _CONTACTS_PER_TURN)
    between = (after, _LAST_ID if last is None else last)
    return await tx.contacts_like(sought.account_id, between, sought.text, sought.digits, sought.limit), last


async def _check(tx: Transaction, account_id: int, contact: Contact, given: ContactChange) -> None:
    if contact.nameless:
        raise Refused(EMPTY_CONTACT)
    if given.groups and not set(given.groups) <= (await tx.group_parents(account_id)).keys():
        raise Refused(NO_SUCH_GROUP)
    if given.values and not given.values.keys() <= {field.id for field in await tx.custom_fields(account_id)}:
        raise Refused(NO_SUCH_FIELD)
