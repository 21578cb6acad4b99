"""The endpoints about the groups of an address book."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from teslimat.api.v1.answers import DONE, Reply
from teslimat.api.v1.book import read_group, read_id
from teslimat.api.v1.values import Tree
from teslimat.api.v1.wire import ONLY_CREDENTIALS, Answering, Wire
from teslimat.core.contacts import TOP, Group
from teslimat.core.model import Account
from teslimat.flows.groups import add_group, delete_group, edit_group, list_groups, read_group_with_children
from teslimat_client.contract.contacts import (
    CountedGroup,
    GroupDetail,
    GroupList,
    GroupRead,
    GroupSaved,
    GroupTree,
    NamedGroup,
)


async def add(wire: Wire, account: Account, request: Tree) -> Reply:
    """Make a group."""
    asked = read_group(request)
    group_id = await add_group(wire.store, account.id, asked.name, asked.parent_id or TOP)
    return GroupSaved(DONE.status, NamedGroup(group_id, asked.name))


async def edit(wire: Wire, account: Account, request: Tree) -> Reply:
    """Change a group."""
    asked = read_group(request)
    await edit_group(wire.store, account.id, asked.id, asked.name, asked.parent_id)
    return GroupSaved(DONE.status, NamedGroup(asked.id, asked.name))


async def delete(wire: Wire, account: Account, request: Tree) -> Reply:
    """Remove a group and all under it."""
    await delete_group(wire.store, account.id, read_id(request, "group"))
    return DONE


async def list_all(wire: Wire, account: Account, _request: Tree) -> Reply:
    """Tell all groups."""
    return GroupList(DONE.status, forest_of(await list_groups(wire.store, account.id)))


async def get(wire: Wire, account: Account, request: Tree) -> Reply:
    """Tell of a group and those right under it."""
    group, children = await read_group_with_children(wire.store, account.id, read_id(request, "group"))
    counted = [CountedGroup(child.id, child.name, child.count) for child in children]
    return GroupRead(DONE.status, GroupDetail(group.id, group.name, group.count, counted))


def forest_of(groups: Sequence[Group]) -> list[GroupTree]:
    """Groups as trees, in their order on each level."""
    under: dict[int, list[Group]] = {}
    for group in groups:
        under.setdefault(group.parent_id, []).append(group)

    def trees(parent_id: int) -> list[GroupTree]:
        return [
            GroupTree(group.id, group.name, group.count, trees(group.id) or UNSET) for group in under.get(parent_id, ())
        ]

    return trees(TOP)


IN_BOTH: Final[dict[str, Answering]] = {
    "add-group": add,
    "edit-group": edit,
    "delete-group": delete,
    "get-groups": list_all,
}
"""In JSON and in XML."""

JSON_ONLY: Final[dict[str, Answering]] = {"get-group": get}

BODIES: Final = {"get-groups": ONLY_CREDENTIALS}
"""Octets that a body may have, where it is not wire.MODEST_BODY."""
