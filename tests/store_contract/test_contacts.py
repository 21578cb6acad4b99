"""The address book, as any store keeps it."""

import pytest
from msgspec.structs import replace

from teslimat.core.contacts import TOP, Contact, CustomField, Group, folded
from teslimat.core.ports import NameTaken, Store, Transaction
from tests.store_contract.conftest import Reopen
from tests.store_contract.samples import ACCOUNT, an_account

OTHER = replace(ACCOUNT, name="another", key="f" * 32)
AYSE = Contact(0, "Ayşe", "Yılmaz", "ayse@example.com", 905301234567)
EVER = (0, 2**63 - 1)


async def a_group(store: Store, account_id: int, name: str = "Aile", parent_id: int = TOP) -> int:
    return await store.transact(lambda tx: tx.insert_group(account_id, parent_id, name))


async def a_contact(store: Store, account_id: int, contact: Contact = AYSE) -> Contact:
    return replace(contact, id=await store.transact(lambda tx: tx.insert_contact(account_id, contact)))


async def kept(store: Store, account_id: int, *contact_ids: int) -> list[Contact]:
    return await store.transact(lambda tx: tx.contacts(account_id, contact_ids))


async def test_groups_come_back_by_id_with_their_parents_and_how_many_are_in_them(store: Store) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    top = await a_group(store, account.id)
    below = await a_group(store, account.id, "Kuzenler", top)
    beside = await a_group(store, account.id, "İş")
    foreign = await a_group(store, other.id)
    for groups in ((top,), (below,), (top, below)):
        await a_contact(store, account.id, replace(AYSE, groups=groups))
    groups = [Group(top, TOP, "Aile", 2), Group(below, top, "Kuzenler", 2), Group(beside, TOP, "İş", 0)]

    async def work(tx: Transaction) -> None:
        assert await tx.group_parents(account.id) == {top: TOP, below: top, beside: TOP}
        assert await tx.groups(account.id) == groups
        assert await tx.group_and_children(account.id, top) == groups[:2]
        assert await tx.group_and_children(account.id, beside) == groups[2:]
        assert await tx.group_and_children(account.id, foreign) == []
        await tx.update_group(below, TOP, "Yeni")
        await tx.update_group(beside, below, "İş")
        assert await tx.group_parents(account.id) == {top: TOP, below: TOP, beside: below}
        assert (await tx.groups(account.id))[1] == Group(below, TOP, "Yeni", 2)
        assert await tx.groups(other.id) == [Group(foreign, TOP, "Aile", 0)]

    await store.transact(work)


async def test_a_group_is_emptied_bit_by_bit_and_its_id_is_never_given_again(store: Store) -> None:
    account = await an_account(store)
    top = await a_group(store, account.id)
    below = await a_group(store, account.id, "Kuzenler", top)
    both = [await a_contact(store, account.id, replace(AYSE, groups=(top, below))) for _ in range(5)]

    async def work(tx: Transaction) -> list[int]:
        return [await tx.empty_group(below, 2) for _ in range(4)]

    assert await store.transact(work) == [2, 2, 1, 0]
    assert await kept(store, account.id, both[0].id) == [replace(both[0], groups=(top,))]
    await store.transact(lambda tx: tx.empty_group(top, 5))
    await store.transact(lambda tx: tx.remove_groups([below, top]))
    assert await store.transact(lambda tx: tx.groups(account.id)) == []
    assert await a_group(store, account.id) > below


async def test_a_contact_comes_back_as_it_was_written_also_after_a_restart(store: Store, reopen: Reopen) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    first, second = await a_group(store, account.id), await a_group(store, account.id, "İş")
    city = await store.transact(lambda tx: tx.insert_custom_field(account.id, "Şehir"))
    size = await store.transact(lambda tx: tx.insert_custom_field(account.id, "Beden"))
    full = await a_contact(store, account.id, replace(AYSE, groups=(first, second), values={city: "Muş", size: "42"}))
    bare = await a_contact(store, account.id, Contact(0, email="x"))
    assert await kept(store, account.id, bare.id, 10**9, full.id) == [bare, full]
    assert await kept(store, other.id, bare.id, full.id) == []
    changed = Contact(full.id, "Fatma", gsm=905320000000, groups=(second,), values={size: "44"})
    await store.transact(lambda tx: tx.update_contact(changed))
    assert await kept(reopen(), account.id, full.id, bare.id) == [changed, bare]


async def test_a_contact_is_removed_by_whose_it_is_and_its_id_is_never_given_again(store: Store) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    group = await a_group(store, account.id)
    contact = await a_contact(store, account.id, replace(AYSE, groups=(group,)))
    assert not await store.transact(lambda tx: tx.remove_contact(other.id, contact.id))
    assert await kept(store, account.id, contact.id) == [contact]
    assert await store.transact(lambda tx: tx.remove_contact(account.id, contact.id))
    assert not await store.transact(lambda tx: tx.remove_contact(account.id, contact.id))
    assert await store.transact(lambda tx: tx.group_contacts(group, 10, 0)) == []
    assert (await a_contact(store, account.id)).id > contact.id


async def test_a_group_s_contacts_are_listed_by_id(store: Store) -> None:
    account = await an_account(store)
    group = await a_group(store, account.id)
    inside = [(await a_contact(store, account.id, replace(AYSE, groups=(group,)))).id for _ in range(5)]
    await a_contact(store, account.id)
    for limit, offset in ((10, 0), (2, 0), (2, 2), (2, 4), (2, 6)):
        page = await store.transact(lambda tx, limit=limit, offset=offset: tx.group_contacts(group, limit, offset))
        assert page == inside[offset : offset + limit]


@pytest.mark.parametrize(
    ("text", "digits", "found"),
    [
        ("Ayşe", None, [0]),
        ("YILMAZ", None, [0, 1]),
        ("şe yıl", None, [0]),
        ("example", None, [0]),
        ("0530 1", "05301", [0]),
        ("nobody", "1234", [0]),
        ("nobody", None, []),
        ("%", None, [1]),
        ("_", None, [1]),
        ("\\", None, []),
        ("a%e", None, []),
    ],
)
async def test_contacts_are_found_by_a_part_of_what_is_written_of_them(
    store: Store, text: str, digits: str | None, found: list[int]
) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    await a_contact(store, other.id)
    contacts = [await a_contact(store, account.id, contact) for contact in (AYSE, Contact(0, "50%_", "Yılmaz"))]
    expected = [contacts[place].id for place in found]

    async def like(between: tuple[int, int], limit: int) -> list[int]:
        return await store.transact(lambda tx: tx.contacts_like(account.id, between, folded(text), digits, limit))

    assert await like(EVER, 10) == expected
    assert await like(EVER, 1) == expected[:1]
    assert await like((0, contacts[0].id), 10) == [id_ for id_ in expected if id_ == contacts[0].id]
    assert await like((contacts[0].id, contacts[1].id), 10) == [id_ for id_ in expected if id_ == contacts[1].id]


async def test_an_account_s_contacts_can_be_counted_off(store: Store) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)
    ids = []
    for _ in range(4):
        ids.append((await a_contact(store, account.id)).id)
        await a_contact(store, other.id)

    async def work(tx: Transaction) -> list[int | None]:
        places = ((0, 1), (0, 4), (0, 5), (ids[1], 2), (ids[3], 1))
        return [await tx.contact_after(account.id, after, count) for after, count in places]

    assert await store.transact(work) == [ids[0], ids[3], None, ids[3], None]


async def test_a_field_has_one_name_within_an_account(store: Store) -> None:
    account, other = await an_account(store), await an_account(store, OTHER)

    async def add(account_id: int, name: str) -> int:
        return await store.transact(lambda tx: tx.insert_custom_field(account_id, name))

    city, theirs, size = await add(account.id, "Şehir"), await add(other.id, "Şehir"), await add(account.id, "Beden")
    with pytest.raises(NameTaken):
        await add(account.id, "Şehir")
    assert await store.transact(lambda tx: tx.custom_fields(account.id)) == [
        CustomField(city, "Şehir"),
        CustomField(size, "Beden"),
    ]
    assert await store.transact(lambda tx: tx.custom_fields(other.id)) == [CustomField(theirs, "Şehir")]
