"""The address book on the wire. The live service calls these endpoints a beta, and opens them on request only.

Ids are numbers in answers; in requests they may be text as well. A list of ids or of fields may be one thing instead.
"""

from msgspec import UNSET, Struct, UnsetType

from teslimat_client.contract import Credentials, Status

# Requests


class NewGroup(Struct, frozen=True):
    """A group to make."""

    name: str
    """At most 100 characters, and not blank."""
    parent: int | str = ""
    """The group that it is to be under; empty or 0 for none."""


class AddGroup(Struct, frozen=True):
    """Make a group."""

    authentication: Credentials
    group: NewGroup


class GroupChange(Struct, frozen=True):
    """What a group is to be."""

    id: int
    name: str
    parent: int | str | UnsetType = UNSET
    """As in NewGroup; without it the group stays where it is."""


class EditGroup(Struct, frozen=True):
    """Change a group."""

    authentication: Credentials
    group: GroupChange


class GroupName(Struct, frozen=True):
    """Which group is meant."""

    id: int


class DeleteGroup(Struct, frozen=True):
    """Remove a group and all under it. Their contacts stay."""

    authentication: Credentials
    group: GroupName


class GetGroups(Struct, frozen=True):
    """Ask for all groups."""

    authentication: Credentials


class GetGroup(Struct, frozen=True):
    """Ask for one group."""

    authentication: Credentials
    group: GroupName


class GroupPage(Struct, frozen=True, rename="camel"):
    """Which page of which group's contacts."""

    id: int
    page: int = 1
    row_count: int = 1000
    """At most 1,000."""


class GetGroupContacts(Struct, frozen=True):
    """Ask for contacts of a group, not of those under it."""

    authentication: Credentials
    group: GroupPage


class FieldValue(Struct, frozen=True):
    """What stands in a custom field of a contact."""

    id: int
    """The field, which the operator of the account defines."""
    value: str
    """At most 254 characters; in a request, empty clears the field."""


class FieldValues(Struct, frozen=True):
    """Custom fields in a request."""

    custom_field: list[FieldValue]


class GroupIds(Struct, frozen=True):
    """Groups in a request."""

    id: list[int]


class NewContact(Struct, frozen=True):
    """Somebody; at least one of the first four is not empty."""

    name: str = ""
    surname: str = ""
    email: str = ""
    """At most 254 characters. Nobody checks that it is an address."""
    gsm: str = ""
    """A Turkish mobile number in any usual spelling."""
    custom_fields: FieldValues | UnsetType = UNSET
    groups: GroupIds | UnsetType = UNSET


class AddContact(Struct, frozen=True):
    """Add a contact."""

    authentication: Credentials
    contact: NewContact


class ContactChange(Struct, frozen=True):
    """What to write into a contact. What is not given stays; what is given empty is cleared."""

    id: int
    name: str | UnsetType = UNSET
    surname: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    gsm: str | UnsetType = UNSET
    custom_fields: FieldValues | UnsetType = UNSET
    """All that the contact is to have, in place of those it had."""
    groups: GroupIds | UnsetType = UNSET
    """All that it is to be in, in place of those it was in."""


class EditContact(Struct, frozen=True):
    """Change a contact."""

    authentication: Credentials
    contact: ContactChange


class ContactName(Struct, frozen=True):
    """Which contact is meant."""

    id: int


class GetContact(Struct, frozen=True):
    """Ask for a contact."""

    authentication: Credentials
    contact: ContactName


class DeleteContact(Struct, frozen=True):
    """Remove a contact."""

    authentication: Credentials
    contact: ContactName


class Search(Struct, frozen=True, rename="camel"):
    """What to look for, and which page of what is found."""

    key: str
    """At least three characters of a name, an address or a number."""
    page: int = 1
    row_count: int = 1000
    """At most 1,000."""


class SearchContacts(Struct, frozen=True):
    """Look for contacts."""

    authentication: Credentials
    search: Search


# Answers


class NamedGroup(Struct, frozen=True):
    """A group, as it was made or changed."""

    id: int
    name: str


class GroupSaved(Struct, frozen=True):
    """The group was made or changed."""

    status: Status
    group: NamedGroup


class CountedGroup(Struct, frozen=True):
    """A group without those under it."""

    id: int
    name: str
    count: int
    """Contacts in it, those of the groups under it not counted."""


class GroupTree(Struct, frozen=True):
    """A group and all under it."""

    id: int
    name: str
    count: int
    """As in CountedGroup."""
    children: "list[GroupTree] | UnsetType" = UNSET
    """By id; missing where there are none."""


class GroupList(Struct, frozen=True):
    """All groups of an account."""

    status: Status
    groups: list[GroupTree]
    """Those under no other, by id; possibly none."""


class GroupDetail(Struct, frozen=True):
    """A group and those right under it."""

    id: int
    name: str
    count: int
    """As in CountedGroup."""
    children: list[CountedGroup]
    """By id; possibly none."""


class GroupRead(Struct, frozen=True):
    """A group."""

    status: Status
    group: GroupDetail


class Contact(Struct, frozen=True):
    """Somebody in an address book; a text is empty where nothing is known."""

    id: int
    name: str
    surname: str
    email: str
    gsm: str
    """`+90` and ten digits, or empty."""
    custom_fields: list[FieldValue]
    """By id; possibly none."""
    groups: list[int]
    """Ids, ascending; possibly none."""


class ContactRead(Struct, frozen=True):
    """A contact, as it is stored now."""

    status: Status
    contact: Contact


class ContactList(Struct, frozen=True):
    """A page of contacts, by id; never empty, for that is a refusal (465)."""

    status: Status
    contacts: list[Contact]
