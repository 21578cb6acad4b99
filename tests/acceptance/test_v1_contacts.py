"""What can be done with an address book."""

import json

import pytest

from tests.acceptance.address_book import AYSE, Book, field, switch_on
from tests.acceptance.gateway import Gateway
from tests.acceptance.test_v1_refusals import refused


@pytest.fixture
async def book(gateway: Gateway) -> Book:
    await switch_on(gateway.house)
    return Book(gateway)


async def test_groups_are_a_tree_that_tells_how_many_contacts_are_in_each(book: Book) -> None:
    assert await book.told("get-groups") == {"groups": []}
    family = (await book.told("add-group", group={"name": " Aile ", "parent": ""}))["group"]
    assert family == {"id": family["id"], "name": "Aile"}
    cousins = await book.group("Kuzenler", str(family["id"]))
    work = await book.group("İş", 0)
    far = await book.group("Uzaktakiler", cousins)
    await book.contact(name="Ali", groups=[cousins, work])
    await book.contact(name="Veli", groups={"id": cousins})
    far_group = {"id": far, "name": "Uzaktakiler", "count": 0}
    cousins_group = {"id": cousins, "name": "Kuzenler", "count": 2}
    assert await book.told("get-groups") == {
        "groups": [
            {"id": family["id"], "name": "Aile", "count": 0, "children": [{**cousins_group, "children": [far_group]}]},
            {"id": work, "name": "İş", "count": 1},
        ]
    }
    assert await book.told("get-group", group={"id": family["id"]}) == {
        "group": {"id": family["id"], "name": "Aile", "count": 0, "children": [cousins_group]}
    }
    assert await book.told("get-group", group={"id": str(far)}) == {"group": {**far_group, "children": []}}


async def test_a_group_is_renamed_where_it_is_and_moved_where_it_is_told(book: Book) -> None:
    top, other = await book.group("Üst"), await book.group("Öbür")
    group = await book.group("Alt", top)

    async def place() -> dict[int, list[int]]:
        roots = (await book.told("get-groups"))["groups"]
        return {root["id"]: [child["id"] for child in root.get("children", ())] for root in roots}

    renamed = await book.told("edit-group", group={"id": str(group), "name": "Yeni"})
    assert renamed == {"group": {"id": group, "name": "Yeni"}}
    assert await place() == {top: [group], other: []}
    await book.told("edit-group", group={"id": group, "name": "Yeni", "parent": str(other)})
    assert await place() == {top: [], other: [group]}
    await book.told("edit-group", group={"id": group, "name": "Yeni", "parent": None})
    assert await place() == {top: [], other: [group]}
    for nowhere in ("", 0, "0"):
        await book.told("edit-group", group={"id": group, "name": "Yeni", "parent": other})
        await book.told("edit-group", group={"id": group, "name": "Yeni", "parent": nowhere})
        assert await place() == {top: [], other: [], group: []}


async def test_a_group_goes_with_all_under_it_and_its_contacts_stay(book: Book) -> None:
    top = await book.group("Üst")
    below = await book.group("Alt", top)
    deepest = await book.group("En alt", below)
    kept = await book.group("Kalan")
    contact = await book.contact(name="Ali", groups=[top, deepest, kept])
    assert await book.told("delete-group", group={"id": below}) == {}
    assert await book.told("get-groups") == {
        "groups": [{"id": top, "name": "Üst", "count": 1}, {"id": kept, "name": "Kalan", "count": 1}]
    }
    assert (await book.read(contact))["groups"] == [top, kept]
    for gone in (below, deepest):
        assert refused(await book.ask("get-group", group={"id": gone}), 463)
    assert await book.group("Yeni") > deepest


async def test_a_contact_is_told_as_it_was_given(gateway: Gateway, book: Book) -> None:
    size = await field(gateway, "Beden")
    first, second = await book.group("Bir"), await book.group("İki")
    given = {**AYSE, "name": " Ayşe\u00a0", "custom_fields": {"custom_field": [{"id": str(size), "value": 42}]}}
    told = (await book.told("add-contact", contact={**given, "groups": [second, str(first), first]}))["contact"]
    assert told == {
        **AYSE,
        "id": told["id"],
        "gsm": "+905301234567",
        "custom_fields": [{"id": size, "value": "42"}],
        "groups": [first, second],
    }
    assert list(told) == ["id", "name", "surname", "email", "gsm", "custom_fields", "groups"]
    assert await book.read(told["id"]) == told
    bare = await book.contact(email="x@example.com")
    assert await book.read(bare) == {
        **dict.fromkeys(("name", "surname", "gsm"), ""),
        "id": bare,
        "email": "x@example.com",
        "custom_fields": [],
        "groups": [],
    }


async def test_a_list_of_groups_is_read_however_it_is_written(book: Book) -> None:
    group = await book.group("Bir")
    for form in ("{0}", '"{0}"', "[{0}]", '{{"id":{0}}}', '{{"id":[{0}]}}', '{{"id":"{0}"}}'):
        for around in ("{0}", "[{0}]", '{{"group":{0}}}', '{{"group":[{0}]}}'):
            groups = json.loads(around.format(form.format(group)))
            contact = await book.contact(name="Ali", groups=groups)
            assert (await book.read(contact))["groups"] == [group], groups


async def test_custom_fields_are_read_however_they_are_written(gateway: Gateway, book: Book) -> None:
    city = await field(gateway)
    given = {"id": city, "value": "Muş"}
    forms: list[object] = [given, [given], {"custom_field": given}, {"custom_field": [given]}, [given, given]]
    for form in forms:
        contact = await book.contact(name="Ali", custom_fields=form)
        assert (await book.read(contact))["custom_fields"] == [given], form


async def test_an_address_book_is_the_same_in_xml(gateway: Gateway, book: Book) -> None:
    who = gateway.house.credentials
    head = f"<authentication><key>{who.key}</key><hash>{who.hash}</hash></authentication>"

    async def told(endpoint: str, request: str) -> str:
        answer = await gateway.http.post(f"/v1/{endpoint}", content=f"<request>{head}{request}</request>".encode())
        return "".join(line.strip() for line in answer.text.splitlines())

    city, group = await field(gateway), await book.group("Bir")
    below = await book.group("Alt", group)
    fields = f"<custom_fields><custom_field><id>{city}</id><value>Muş</value></custom_field></custom_fields>"
    groups = f"<groups><id>{group}</id><id>{below}</id></groups>"
    added = await told("add-contact", f"<contact><name>Ayşe</name><gsm/>{fields}{groups}</contact>")
    assert fields + groups in added
    assert f"<contacts><contact>{added[added.index('<id>') :]}".removesuffix("</response>") in await told(
        "search-contacts", "<search><key>AYŞ</key><page></page></search>"
    )
    child = f"<children><child><id>{below}</id><name>Alt</name><count>1</count></child></children>"
    tree = f"<groups><group><id>{group}</id><name>Bir</name><count>1</count>{child}</group></groups>"
    assert tree in await told("get-groups", "")
    assert "<code>472</code>" in await told("add-contact", "<contact><name></name></contact>")


async def test_what_is_not_given_stays_and_what_is_given_empty_is_cleared(gateway: Gateway, book: Book) -> None:
    city, size = await field(gateway), await field(gateway, "Beden")
    first, second = await book.group("Bir"), await book.group("İki")
    fields = [{"id": city, "value": "Muş"}, {"id": size, "value": "42"}]
    contact = await book.contact(**AYSE, custom_fields=fields, groups=[first])
    before = await book.read(contact)

    async def edited(**change: object) -> object:
        told = await book.told("edit-contact", contact={"id": str(contact), **change})
        assert told["contact"] == await book.read(contact)
        return told["contact"]

    nothing = dict.fromkeys(("name", "surname", "email", "gsm", "custom_fields", "groups"))
    assert await edited() == await edited(**nothing) == before
    assert await edited(surname="Kaya", groups={"id": [second]}) == {**before, "surname": "Kaya", "groups": [second]}
    assert await edited(gsm="5321112233", groups=[first]) == {**before, "surname": "Kaya", "gsm": "+905321112233"}
    only_size = {"custom_field": [{"id": city, "value": ""}, {"id": size, "value": "44"}]}
    resized = await edited(surname="Yılmaz", gsm=AYSE["gsm"], custom_fields=only_size)
    assert resized == {**before, "custom_fields": [{"id": size, "value": "44"}]}
    for empty in ("", []):
        await edited(**AYSE, custom_fields=fields, groups=[first])
        cleared = {"surname": empty, "email": empty, "gsm": empty, "custom_fields": empty, "groups": empty}
        bare = {"surname": "", "email": "", "gsm": "", "custom_fields": [], "groups": []}
        assert await edited(**cleared) == {**before, **bare}


async def test_a_deleted_contact_is_gone_everywhere_and_its_id_with_it(gateway: Gateway, book: Book) -> None:
    group, city = await book.group("Bir"), await field(gateway)
    contact = await book.contact(**AYSE, groups=[group], custom_fields={"id": city, "value": "Muş"})
    assert await book.told("delete-contact", contact={"id": contact}) == {}
    for endpoint in ("get-contact", "delete-contact", "edit-contact"):
        assert refused(await book.ask(endpoint, contact={"id": contact}), 465)
    assert refused(await book.ask("get-group-contacts", group={"id": group}), 465)
    assert await book.found("Ayşe") == []
    assert await book.contact(**AYSE) > contact


async def test_a_group_s_contacts_come_in_pages(book: Book) -> None:
    group = await book.group("Bir")
    inside = [await book.contact(name=f"n{i}", groups=[group, await book.group(f"g{i}", group)]) for i in range(5)]
    await book.contact(name="outside")

    async def page(**asked: object) -> list[int]:
        told = await book.told("get-group-contacts", group={"id": group, **asked})
        return [contact["id"] for contact in told["contacts"]]

    assert await page() == inside
    assert await page(page="2", rowCount="2") == inside[2:4]
    assert await page(page=3, rowCount=2) == inside[4:]
    assert await page(page="", rowCount=0) == await page(page=1, rowCount=5_000) == inside
    for past in (2, 10**30):
        assert refused(await book.ask("get-group-contacts", group={"id": group, "page": past}), 465)


async def test_a_search_looks_at_names_addresses_and_numbers(book: Book) -> None:
    ayse = await book.contact(**AYSE)
    isil = await book.contact(name="IŞIL", surname="İnce  Kaya", email="50%_off@example.com", gsm="5329998877")
    for key in ("ayş", "AYŞE", "yılmaz", "YILMAZ", "Yilmaz", "şe yıl", "ayse@EX"):
        assert await book.found(key) == [ayse], key
    for key in ("0530 123", "+90530", "(530) 1", "00905301234567", 5301):
        assert await book.found(key) == [ayse], key
    for key in ("ışıl", "IŞI", "Işıl", "işıl", "İNCE", "ince kaya", "ıl ince", "50%", "%_o", "999-88"):
        assert await book.found(key) == [isil], key
    for key in ("%%%", "___", "\\\\\\", "a%e", "yılmaz ayşe", "w" * 10_000, "530123456799"):
        assert await book.found(key) == [], key
    assert await book.found("example") == [ayse, isil]
    assert await book.found("example", page=2, rowCount=1) == [isil]
    assert await book.found("example", page=3, rowCount=1) == []
    await book.told("edit-contact", contact={"id": ayse, "name": "Fatma"})
    assert await book.found("fatma yıl") == [ayse]
    assert await book.found("ayşe") == []
