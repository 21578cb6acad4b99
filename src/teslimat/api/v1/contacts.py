"""The address book's endpoints. For an account without an address book there are none of them."""

from collections.abc import Mapping
from typing import Final

from teslimat.api.v1 import groups
from teslimat.api.v1.answers import DONE, Reply
from teslimat.api.v1.book import read_contact, read_group_page, read_id, read_search
from teslimat.api.v1.values import Tree
from teslimat.api.v1.wire import Answering, Wire
from teslimat.core.contacts import Contact
from teslimat.core.errors import NO_SUCH_METHOD, Refused
from teslimat.core.model import Account
from teslimat.flows.contacts import (
    add_contact,
    delete_contact,
    edit_contact,
    group_contacts,
    read_one_contact,
    search_contacts,
)
from teslimat_client.contract import contacts as contract


async def add(wire: Wire, account: Account, request: Tree) -> Reply:
    """Add a contact."""
    contact = await add_contact(wire.store, account.id, read_contact(request))
    return contract.ContactRead(DONE.status, shown(contact))


async def edit(wire: Wire, account: Account, request: Tree) -> Reply:
    """Change a contact."""
    change = read_contact(request)
    contact = await edit_contact(wire.store, account.id, read_id(request, "contact"), change)
    return contract.ContactRead(DONE.status, shown(contact))


async def delete(wire: Wire, account: Account, request: Tree) -> Reply:
    """Remove a contact."""
    await delete_contact(wire.store, account.id, read_id(request, "contact"))
    return DONE


async def get(wire: Wire, account: Account, request: Tree) -> Reply:
    """Tell of a contact."""
    contact = await read_one_contact(wire.store, account.id, read_id(request, "contact"))
    return contract.ContactRead(DONE.status, shown(contact))


async def get_of_group(wire: Wire, account: Account, request: Tree) -> Reply:
    """Tell a page of a group's contacts."""
    asked = read_group_page(request)
    found = await group_contacts(wire.store, account.id, read_id(request, "group"), asked.page, asked.row_count)
    return contract.ContactList(DONE.status, [shown(contact) for contact in found])


async def search(wire: Wire, account: Account, request: Tree) -> Reply:
    """Tell a page of the contacts that are looked for."""
    key, asked = read_search(request)
    found = await search_contacts(wire.store, account.id, key, asked.page, asked.row_count)
    return contract.ContactList(DONE.status, [shown(contact) for contact in found])


def shown(contact: Contact) -> contract.Contact:
    """A contact as the wire writes it."""
    return contract.Contact(
        id=contact.id,
        name=contact.name,
        surname=contact.surname,
        email=contact.email,
        gsm=f"+{contact.gsm}" if contact.gsm else "",
        custom_fields=[contract.FieldValue(field_id, value) for field_id, value in sorted(contact.values.items())],
        groups=list(contact.groups),
    )


def _for_those_who_have_one(endpoints: Mapping[str, Answering]) -> dict[str, Answering]:
    return {name: _if_switched_on(reply) for name, reply in endpoints.items()}


def _if_switched_on(reply: Answering) -> Answering:
    async def answer(wire: Wire, account: Account, request: Tree) -> Reply:
        if not account.contacts:
            raise Refused(NO_SUCH_METHOD)
        return await reply(wire, account, request)

    return answer


IN_BOTH: Final = _for_those_who_have_one(
    {
        **groups.IN_BOTH,
        "get-group-contacts": get_of_group,
        "add-contact": add,
        "edit-contact": edit,
        "delete-contact": delete,
        "get-contact": get,
        "search-contacts": search,
    }
)
"""In JSON and in XML."""

JSON_ONLY: Final = _for_those_who_have_one(groups.JSON_ONLY)

BODIES: Final = groups.BODIES
"""Octets that a body may have, where it is not wire.MODEST_BODY."""
