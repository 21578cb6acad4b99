"""The groups of an address book: a tree, in which a group also has contacts."""

from collections.abc import Mapping
from typing import Final

from teslimat.core.contacts import MOST_GROUPS, MOST_LEVELS, TOP, Group
from teslimat.core.errors import INVALID_FIELDS, NO_GROUP_ID, NO_SUCH_GROUP, Refused
from teslimat.core.ports import Store, Transaction

_MEMBERS_PER_TURN: Final = 5000

Parents = Mapping[int, int]
"""Each group → the one that it is under, TOP if none."""


async def add_group(store: Store, account_id: int, name: str, parent_id: int) -> int:
    """Store a group under another, or under TOP; its id.

    Raises Refused: NO_SUCH_GROUP for a parent that is not the account's, INVALID_FIELDS for one group too many and one
    level too many.
    """

    async def work(tx: Transaction) -> int:
        parents = await tx.group_parents(account_id)
        if parent_id != TOP and parent_id not in parents:
            raise Refused(NO_SUCH_GROUP)
        if len(parents) >= MOST_GROUPS:
            raise Refused(INVALID_FIELDS, errors={"group": f"Bir hesapta en fazla {MOST_GROUPS} grup olabilir."})
        _check_levels(_depth(parents, parent_id) + 1)
        return await tx.insert_group(account_id, parent_id, name)

    return await store.transact(work)


async def edit_group(store: Store, account_id: int, group_id: int, name: str, parent_id: int | None) -> None:
    """Give a group a name, and another place unless the parent is None.

    Raises Refused: NO_GROUP_ID for a group that is not the account's, NO_SUCH_GROUP for a parent that is not, or that
    is the group itself or under it, INVALID_FIELDS for one level too many.
    """

    async def work(tx: Transaction) -> None:
        parents = await tx.group_parents(account_id)
        if group_id not in parents:
            raise Refused(NO_GROUP_ID)
        place = parents[group_id] if parent_id is None else parent_id
        moved = tree_under(parents, group_id)
        if place in moved or (place != TOP and place not in parents):
            raise Refused(NO_SUCH_GROUP)
        deepest = max(_depth(parents, moved_id) for moved_id in moved)
        _check_levels(_depth(parents, place) + 1 + deepest - _depth(parents, group_id))
        await tx.update_group(group_id, place, name)

    await store.transact(work)


async def delete_group(store: Store, account_id: int, group_id: int) -> None:
    """Remove a group and all under it; their contacts stay.

    Contacts are taken out a few thousand per transaction, so that others can write in between. The groups go with the
    last ones: whatever breaks this off leaves groups with fewer contacts, and another call finishes it.
    Raises Refused(NO_SUCH_GROUP) for a group that is not the account's.
    """
    begun = False

    async def work(tx: Transaction) -> bool:
        parents = await tx.group_parents(account_id)
        if group_id not in parents:
            if begun:
                return True  # somebody else finished it
            raise Refused(NO_SUCH_GROUP)
        removed = tree_under(parents, group_id)
        room = _MEMBERS_PER_TURN
        for removed_id in removed:
            room -= await tx.empty_group(removed_id, room)
            if not room:
                return False
        await tx.remove_groups(removed[::-1])
        return True

    while not await store.transact(work):
        begun = True


async def list_groups(store: Store, account_id: int) -> list[Group]:
    """All groups of an account, by id."""
    return await store.transact(lambda tx: tx.groups(account_id))


async def read_group_with_children(store: Store, account_id: int, group_id: int) -> tuple[Group, list[Group]]:
    """A group, and those right under it by id. Raises Refused(NO_SUCH_GROUP) if it is not the account's."""
    found = {group.id: group for group in await store.transact(lambda tx: tx.group_and_children(account_id, group_id))}
    group = found.pop(group_id, None)
    if group is None:
        raise Refused(NO_SUCH_GROUP)
    return group, list(found.values())


def tree_under(parents: Parents, group_id: int) -> list[int]:
    """A group and all under it; each stands before those that are under it."""
    children: dict[int, list[int]] = {}
    for child_id, parent_id in parents.items():
        children.setdefault(parent_id, []).append(child_id)
    tree = [group_id]
    for member_id in tree:  # which grows meanwhile
        tree += children.get(member_id, [])
    return tree


def _depth(parents: Parents, group_id: int) -> int:
    """How many levels there are down to a group, itself included; 0 for TOP."""
    depth = 0
    while group_id != TOP:
        group_id = parents[group_id]
        depth += 1
    return depth


def _check_levels(levels: int) -> None:
    if levels > MOST_LEVELS:
        raise Refused(INVALID_FIELDS, errors={"parent": f"Gruplar en fazla {MOST_LEVELS} düzey iç içe olabilir."})
