"""The address book against a model of plain dictionaries, and what a search overlooks."""

import asyncio
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from teslimat.core.contacts import LONGEST_NAME, LONGEST_VALUE, TOP, Contact, ContactChange, dialled, folded, searchable
from teslimat.core.errors import (
    EMPTY_CONTACT,
    NO_GROUP_ID,
    NO_SUCH_CONTACT,
    NO_SUCH_FIELD,
    NO_SUCH_GROUP,
    Refused,
    Verdict,
)
from teslimat.core.ports import StoreUnavailable
from teslimat.flows import contacts as contact_flows
from teslimat.flows import groups as group_flows
from teslimat.flows.contacts import (
    add_contact,
    add_field,
    delete_contact,
    edit_contact,
    group_contacts,
    read_one_contact,
    search_contacts,
)
from teslimat.flows.groups import add_group, delete_group, edit_group, list_groups, read_group_with_children
from tests.simulation.house import House

NAMES = st.sampled_from(["a", "Aİ", "ıa", "Şı", "iş a", "%", "_a"])
KEYS = st.sampled_from(["a", "I", "i", "şI", "s", "a a", "%", "_"])
SOME = st.integers(0, 5)
"""Which of what there is, or of what there is not."""

NUMBERS = st.sampled_from([0, 905301234567, 905320000000])
CHANGES = st.builds(
    dict,
    name=st.none() | st.just("") | NAMES,
    surname=st.none() | st.just("") | NAMES,
    email=st.none() | st.just("") | NAMES,
    gsm=st.none() | NUMBERS,
    groups=st.none() | st.sets(SOME, max_size=3),
    values=st.none() | st.dictionaries(st.integers(0, 2), st.sampled_from(["", "x", "y"]), max_size=2),
)
NOBODY = 10**9


def one_of(known: list[int], foreign: int, place: int) -> int:
    ids = [*known, foreign, NOBODY]
    return ids[place % len(ids)]


class AddressBook(RuleBasedStateMachine):
    """Two accounts; what is done to the first is done to the model too, and the second never changes."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.house = self.runner.run(House(Path(self.folder.name) / "teslimat.db").open())
        self.store, self.account = self.house.store, self.house.account_id
        self.other = self.runner.run(self.house.open_account("other"))
        self.foreign_group = self.runner.run(add_group(self.store, self.other, "foreign", TOP))
        foreign = ContactChange(name="aİ", groups=(self.foreign_group,))
        self.foreign = self.runner.run(add_contact(self.store, self.other, foreign))
        self.fields = [self.runner.run(add_field(self.store, self.account, name)) for name in ("first", "second")]
        self.fields.append(self.runner.run(add_field(self.store, self.other, "foreign")))
        self.groups: dict[int, tuple[int, str]] = {}
        self.contacts: dict[int, Contact] = {}

    def teardown(self) -> None:
        self.runner.run(self.house.close())
        self.runner.close()
        self.folder.cleanup()

    def group_at(self, place: int) -> int:
        return one_of([*self.groups][-4:], self.foreign_group, place)

    def contact_at(self, place: int) -> int:
        return one_of([*self.contacts][-4:], self.foreign.id, place)

    def change(self, given: dict[str, object]) -> ContactChange:
        groups, values = given["groups"], given["values"]
        return ContactChange(
            **{
                **given,
                "groups": None if groups is None else tuple(sorted({self.group_at(place) for place in groups})),
                "values": None if values is None else {self.fields[place]: value for place, value in values.items()},
            }
        )

    def refusal_of(self, contact: Contact, change: ContactChange) -> Verdict | None:
        if not (contact.name or contact.surname or contact.email or contact.gsm):
            return EMPTY_CONTACT
        if not set(change.groups or ()) <= self.groups.keys():
            return NO_SUCH_GROUP
        return NO_SUCH_FIELD if self.fields[2] in (change.values or ()) else None

    def under(self, group: int) -> set[int]:
        tree = {group}
        while more := {child for child, (parent, _) in self.groups.items() if parent in tree} - tree:
            tree |= more
        return tree

    def done(self, work: object, refusal: Verdict | None) -> object:
        """What the flow answers, which must be this refusal if there is one."""
        if refusal is None:
            return self.runner.run(work)
        with pytest.raises(Refused) as refused:
            self.runner.run(work)
        assert refused.value.verdict == refusal
        return None

    @rule(name=NAMES, parent=st.none() | SOME)
    def adds_a_group(self, name: str, parent: int | None) -> None:
        place = TOP if parent is None else self.group_at(parent)
        known = place == TOP or place in self.groups
        group = self.done(add_group(self.store, self.account, name, place), None if known else NO_SUCH_GROUP)
        if known:
            self.groups[group] = (place, name)

    @rule(group=SOME, name=NAMES, parent=st.none() | st.just(TOP) | SOME.map(lambda place: place + 1))
    def edits_a_group(self, group: int, name: str, parent: int | None) -> None:
        edited = self.group_at(group)
        place = self.group_at(parent - 1) if parent else parent
        refusal = None
        if edited not in self.groups:
            refusal = NO_GROUP_ID
        elif place and (place not in self.groups or place in self.under(edited)):
            refusal = NO_SUCH_GROUP
        self.done(edit_group(self.store, self.account, edited, name, place), refusal)
        if refusal is None:
            self.groups[edited] = (self.groups[edited][0] if place is None else place, name)

    @rule(group=SOME)
    def deletes_a_group(self, group: int) -> None:
        deleted = self.group_at(group)
        known = deleted in self.groups
        self.done(delete_group(self.store, self.account, deleted), None if known else NO_SUCH_GROUP)
        if known:
            gone = self.under(deleted)
            self.groups = {group: place for group, place in self.groups.items() if group not in gone}
            for contact in self.contacts.values():
                left = tuple(group for group in contact.groups if group not in gone)
                self.contacts[contact.id] = ContactChange(groups=left).applied_to(contact)

    @rule(given_=CHANGES)
    def adds_a_contact(self, given_: dict[str, object]) -> None:
        change = self.change(given_)
        refusal = self.refusal_of(change.applied_to(Contact(0)), change)
        added = self.done(add_contact(self.store, self.account, change), refusal)
        if isinstance(added, Contact):
            assert added.id not in self.contacts
            self.contacts[added.id] = change.applied_to(Contact(added.id))

    @rule(contact=SOME, given_=CHANGES)
    def edits_a_contact(self, contact: int, given_: dict[str, object]) -> None:
        edited, change = self.contact_at(contact), self.change(given_)
        after = change.applied_to(self.contacts.get(edited, Contact(0)))
        refusal = self.refusal_of(after, change) if edited in self.contacts else NO_SUCH_CONTACT
        if self.done(edit_contact(self.store, self.account, edited, change), refusal):
            self.contacts[edited] = after

    @rule(contact=SOME)
    def deletes_a_contact(self, contact: int) -> None:
        deleted = self.contact_at(contact)
        refusal = None if deleted in self.contacts else NO_SUCH_CONTACT
        self.done(delete_contact(self.store, self.account, deleted), refusal)
        self.contacts.pop(deleted, None)

    @rule(key=KEYS, page=st.integers(1, 2))
    def searches(self, key: str, page: int) -> None:
        def plain(text: str) -> str:
            return " ".join(text.replace("İ", "i").replace("I", "i").replace("ı", "i").lower().split())

        found = [
            contact
            for _, contact in sorted(self.contacts.items())
            if plain(key) in plain(f"{contact.name} {contact.surname}") or plain(key) in plain(contact.email)
        ]
        expected = found[3 * (page - 1) : 3 * page]
        answer = self.done(
            search_contacts(self.store, self.account, key, page, 3), None if expected else NO_SUCH_CONTACT
        )
        assert (answer or []) == expected

    @invariant()
    def all_is_as_in_the_model(self) -> None:
        count = {group: [c for _, c in sorted(self.contacts.items()) if group in c.groups] for group in self.groups}
        listed = self.runner.run(list_groups(self.store, self.account))
        assert [(group.id, group.parent_id, group.name, group.count) for group in listed] == [
            (group, *place, len(count[group])) for group, place in sorted(self.groups.items())
        ]
        for group, members in count.items():
            read, children = self.runner.run(read_group_with_children(self.store, self.account, group))
            assert (read, children) == (
                next(other for other in listed if other.id == group),
                [other for other in listed if other.parent_id == group],
            )
            pages = group_contacts(self.store, self.account, group, 1, 1000)
            assert (self.done(pages, None if members else NO_SUCH_CONTACT) or []) == members
        for contact_id, contact in self.contacts.items():
            assert self.runner.run(read_one_contact(self.store, self.account, contact_id)) == contact

    @invariant()
    def the_other_account_is_untouched(self) -> None:
        assert self.runner.run(group_contacts(self.store, self.other, self.foreign_group, 1, 1000)) == [self.foreign]


def test_an_address_book_does_what_a_few_dictionaries_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_flows, "_CONTACTS_PER_TURN", 2)
    monkeypatch.setattr(contact_flows, "_CONTACTS_PER_READ", 2)
    monkeypatch.setattr(group_flows, "_MEMBERS_PER_TURN", 1)
    run_state_machine_as_test(AddressBook, settings=settings(max_examples=60, stateful_step_count=30))


async def test_a_search_in_turns_gives_whole_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_flows, "_CONTACTS_PER_TURN", 2)
    house = await House(tmp_path / "teslimat.db").open()
    added = [await add_contact(house.store, house.account_id, ContactChange(name="Ayşe")) for _ in range(8)]
    for page in (1, 2, 3):
        found = await search_contacts(house.store, house.account_id, "ayşe", page, 3)
        assert found == added[3 * (page - 1) : 3 * page]
    await house.close()


async def test_a_group_whose_removal_was_broken_off_is_whole_and_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_flows, "_MEMBERS_PER_TURN", 2)
    house = await House(tmp_path / "teslimat.db").open()
    store, account = house.store, house.account_id
    above = await add_group(store, account, "above", TOP)
    group = await add_group(store, account, "group", above)
    for _ in range(5):
        await add_contact(store, account, ContactChange(name="Ayşe", groups=(group,)))
    commit, failures = house.store._commit, iter([False, False, True])

    def third_fails() -> None:
        if next(failures, False):
            raise sqlite3.OperationalError("database or disk is full")
        commit()

    monkeypatch.setattr(store, "_commit", third_fails)
    with pytest.raises(StoreUnavailable):
        await delete_group(store, account, above)
    assert [(one.id, one.parent_id, one.count) for one in await list_groups(store, account)] == [
        (above, TOP, 0),
        (group, above, 1),
    ]
    (left,) = await group_contacts(store, account, group, 1, 1000)
    assert left.groups == (group,)
    await delete_group(store, account, above)
    assert await list_groups(store, account) == []
    assert len(await search_contacts(store, account, "ayşe", 1, 1000)) == 5
    await house.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İSTANBUL", "istanbul"),
        ("ISPARTA", "ısparta"),
        ("IŞIK", "ışık"),
        ("Isparta", "isparta"),
        ("I\u0307zmir", "İzmir"),
        ("ŞÜKRÜ ÖĞÜÇ", "şükrü öğüç"),
        ("s\u0327ule", "Şule"),
        ("  Ali \t Veli ", "ali veli"),
        ("ＡＢＣ", "abc"),
        ("℡", "tel"),
    ],
)
def test_a_search_overlooks_case_and_blanks(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_a_search_tells_letters_apart() -> None:
    assert len({folded(letter) for letter in "iuüoösşcçgğ"}) == 11


@pytest.mark.parametrize("letter", ["\ufdfa", "\u2057", "a"])
def test_what_a_search_goes_through_is_no_longer_than_what_a_contact_may_hold(letter: str) -> None:
    name, email = letter * LONGEST_NAME, letter * LONGEST_VALUE
    held = searchable(Contact(1, name=name, surname=name, email=email, gsm=905301234567))
    assert len(held) <= 2 * LONGEST_NAME + 1 + LONGEST_VALUE + len("\n\n905301234567")
    for part in (name[:5], email[:5]):
        assert folded(part) in held


async def test_two_may_delete_a_group_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_flows, "_MEMBERS_PER_TURN", 1)
    house = await House(tmp_path / "teslimat.db").open()
    group = await add_group(house.store, house.account_id, "group", TOP)
    for _ in range(4):
        await add_contact(house.store, house.account_id, ContactChange(name="Ayşe", groups=(group,)))
    await asyncio.gather(*(delete_group(house.store, house.account_id, group) for _ in range(2)))
    assert await list_groups(house.store, house.account_id) == []
    await house.close()


@given(st.text(), st.text())
def test_what_stands_between_blanks_is_folded_by_itself_and_into_one_line(first: str, second: str) -> None:
    assert folded(f"{first}\n {second}") == f"{folded(first)} {folded(second)}".strip()


@pytest.mark.parametrize(
    ("key", "digits"),
    [
        ("530", "530"),
        ("0530 123", "0530123"),
        ("+90 (530)", "90530"),
        ("0090530", "90530"),
        ("123-45-67", "1234567"),
        ("53", None),
        ("0 0", None),
        ("53a", None),
        ("+++", None),
        ("٥٣٠", None),
    ],
)
def test_a_part_of_a_number_is_known_however_it_is_spelled(key: str, digits: str | None) -> None:
    assert dialled(key) == digits
    if digits:
        assert (digits in "905301234567") == (digits in searchable(Contact(1, gsm=905301234567)))
