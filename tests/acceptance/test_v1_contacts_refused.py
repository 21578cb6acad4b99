"""What an address book refuses, whom it belongs to, and what becomes of anything else that is sent."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.contacts import MOST_FIELDS, MOST_GROUPS, MOST_GROUPS_OF_CONTACT, MOST_LEVELS
from teslimat.core.errors import CATALOGUE
from teslimat.flows.accounts import Credentials
from teslimat.flows.contacts import add_field
from tests.acceptance.address_book import AYSE, Book, field, switch_on
from tests.acceptance.gateway import Gateway, application, running
from tests.acceptance.test_v1_anything import ANYTHING, some
from tests.acceptance.test_v1_refusals import refused
from tests.simulation.house import House

ENDPOINTS = [
    "add-group",
    "edit-group",
    "delete-group",
    "get-groups",
    "get-group",
    "get-group-contacts",
    "add-contact",
    "edit-contact",
    "delete-contact",
    "get-contact",
    "search-contacts",
]


@pytest.fixture
async def book(gateway: Gateway) -> Book:
    await switch_on(gateway.house)
    return Book(gateway)


async def test_without_an_address_book_there_is_no_such_address_for_whoever_is_let_in(tmp_path: Path) -> None:
    async with running(tmp_path / "teslimat.db") as gateway:
        stranger = Credentials("0" * 32, "", "0" * 64)
        for endpoint in ENDPOINTS:
            assert refused(await gateway.ask(endpoint, {}), 404)
            assert refused(await gateway.ask(endpoint, {}, stranger), 401)
            assert refused(await gateway.post(endpoint, b"[]"), 400)
        await switch_on(gateway.house)
        assert (await gateway.ask("get-groups", {})).status_code == 200


LONG = "ş" * 101


REFUSALS: list[tuple[str, dict[str, Any], int]] = [
    *[
        (endpoint, nothing, 400)
        for endpoint in ENDPOINTS
        if endpoint != "get-groups"
        for nothing in (
            {},
            {"group": [], "contact": "x", "search": 1},
            {"group": None, "contact": "", "search": []},
        )
    ],
    *[("add-group", {"group": {"name": name}}, 461) for name in ("", None, [], " \t")],
    ("add-group", {"group": {}}, 461),
    *[("add-group", {"group": {"name": "x", "parent": parent}}, 463) for parent in (9, "9", "x", -1, 2**70, True)],
    ("edit-group", {"group": {"id": "GROUP"}}, 461),
    *[("edit-group", {"group": {"id": id_, "name": "x"}}, 462) for id_ in ("", None, 0, 9, "x", 2**70, [1])],
    ("edit-group", {"group": {"id": 9, "name": "x", "parent": 9}}, 462),
    *[
        ("edit-group", {"group": {"id": "GROUP", "name": "x", "parent": parent}}, 463)
        for parent in (9, "x", "GROUP", "BELOW")
    ],
    *[
        (endpoint, {"group": {"id": id_}}, 463)
        for endpoint in ("delete-group", "get-group", "get-group-contacts")
        for id_ in ("", None, 0, 9, "x", -1, 2**70, 1.5, {})
    ],
    ("get-group-contacts", {"group": {"id": "GROUP"}}, 465),
    ("get-group-contacts", {"group": {"id": "GROUP", "page": 0}}, 464),
    ("get-group-contacts", {"group": {"id": 9, "page": -1}}, 464),
    ("add-contact", {"contact": {}}, 472),
    ("add-contact", {"contact": {"name": " ", "surname": "", "email": None, "gsm": []}}, 472),
    ("add-contact", {"contact": {"groups": [9], "custom_fields": [{"id": 9, "value": "x"}]}}, 472),
    *[
        ("add-contact", {"contact": {"name": "x", "groups": groups}}, 463)
        for groups in ([9], {"id": ["GROUP", 9]}, {"group": {"id": "x"}}, 0, True, [2**70])
    ],
    *[
        ("add-contact", {"contact": {"name": "x", "custom_fields": fields}}, 473)
        for fields in (
            [9],
            "x",
            {"custom_field": {"id": 9, "value": ""}},
            {"id": "x"},
            [{"id": 2**70, "value": "y"}],
        )
    ],
    *[
        ("edit-contact", {"contact": {"id": id_, "name": "x", "groups": [9]}}, 465)
        for id_ in ("", None, 0, 9, "x", 2**70, [])
    ],
    ("edit-contact", {"contact": {"id": "CONTACT", "name": "", "surname": "", "email": "", "gsm": ""}}, 472),
    ("edit-contact", {"contact": {"id": "CONTACT", "name": "x", "groups": [9]}}, 463),
    ("edit-contact", {"contact": {"id": "CONTACT", "name": "x", "custom_fields": {"id": 9}}}, 473),
    *[
        (endpoint, {"contact": {"id": id_}}, 465)
        for endpoint in ("get-contact", "delete-contact")
        for id_ in ("", None, 0, 9, "x", -1, 2**70, 1.5, {})
    ],
    *[("search-contacts", {"search": {"key": key}}, 471) for key in ("", None, "ab", " ab ", 12, [], {}, True, 1.25)],
    ("search-contacts", {"search": {"key": "abc", "page": 0}}, 464),
    ("search-contacts", {"search": {"key": "ab", "page": 0}}, 471),
    ("search-contacts", {"search": {"key": "nobody"}}, 465),
    ("search-contacts", {"search": {"key": "Ayşe", "page": 2}}, 465),
]


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint != "get-groups"])
async def test_what_cannot_be_gets_its_code_and_changes_nothing(book: Book, endpoint: str) -> None:
    group = await book.group("Bir")
    names = {"GROUP": group, "BELOW": await book.group("Alt", group), "CONTACT": await book.contact(**AYSE)}
    before = await book.everything()
    for request, code in [(request, code) for name, request, code in REFUSALS if name == endpoint]:
        asked = json.dumps(request)
        for name, id_ in names.items():
            asked = asked.replace(f'"{name}"', str(id_))
        assert refused(await book.ask(endpoint, **json.loads(asked)), code), asked
    assert await book.everything() == before


@pytest.mark.parametrize(
    ("contact", "errors"),
    [
        ({"gsm": "12"}, {"gsm": "gsm geçerli bir cep telefonu numarası değil."}),
        ({"gsm": "4912345678901"}, {"gsm": "gsm geçerli bir cep telefonu numarası değil."}),
        ({"gsm": {}}, {"gsm": "gsm geçerli bir cep telefonu numarası değil."}),
        ({"name": LONG}, {"name": "name en fazla 100 karakter olabilir."}),
        ({"email": "e" * 255}, {"email": "email en fazla 254 karakter olabilir."}),
        ({"name": True}, {"name": "name metin olmalıdır."}),
        ({"name": "a\0b"}, {"name": "name kullanılamayan karakterler içeriyor."}),
        (
            {"surname": [1], "email": 1.5, "gsm": "x"},
            {
                "surname": "surname metin olmalıdır.",
                "email": "email metin olmalıdır.",
                "gsm": "gsm geçerli bir cep telefonu numarası değil.",
            },
        ),
        ({"custom_fields": {"id": 1, "value": {}}}, {"custom_fields": "custom_fields metin olmalıdır."}),
        (
            {"custom_fields": {"id": 1, "value": "x" * 255}},
            {"custom_fields": "custom_fields en fazla 254 karakter olabilir."},
        ),
        (
            {"custom_fields": [{"id": 1, "value": "x"}] * (MOST_FIELDS + 1)},
            {"custom_fields": "custom_fields en fazla 100 alan içerebilir."},
        ),
        ({"groups": list(range(MOST_GROUPS_OF_CONTACT + 1))}, {"groups": "groups en fazla 100 grup içerebilir."}),
        ({"groups": [[{"id": 1}] * 200] * 200}, {"groups": "groups en fazla 100 grup içerebilir."}),
    ],
)
async def test_a_value_that_cannot_be_kept_is_named_and_changes_nothing(
    book: Book, contact: dict[str, object], errors: dict[str, str]
) -> None:
    kept = await book.contact(**AYSE)
    before = await book.everything()
    for endpoint, request in (("add-contact", AYSE | contact), ("edit-contact", {"id": kept, **contact})):
        answer = await book.ask(endpoint, contact=request)
        assert (answer.status_code, answer.json()) == (
            422,
            {
                "response": {
                    "status": {"code": 422, "message": "İstekte gönderilen bazı değerler doğrulanamadı"},
                    "errors": errors,
                }
            },
        )
    assert await book.everything() == before


async def test_a_contact_is_in_as_many_groups_as_it_is_said_to_be(gateway: Gateway, book: Book) -> None:
    store, account_id = gateway.house.store, gateway.house.account_id
    ids = [
        await store.transact(lambda tx, i=i: tx.insert_group(account_id, 0, f"Grup {i}"))
        for i in range(MOST_GROUPS_OF_CONTACT)
    ]
    for groups in (ids, {"group": [{"id": str(id_)} for id_ in ids]}):
        assert (await book.read(await book.contact(**AYSE, groups=groups)))["groups"] == ids


async def test_names_may_be_as_long_as_they_are_said_to_be(book: Book) -> None:
    long = {"name": "ş" * 100, "surname": "ş" * 100, "email": "e" * 254}
    assert long.items() <= (await book.read(await book.contact(**long))).items()
    assert (await book.told("add-group", group={"name": "ş" * 100}))["group"]["name"] == "ş" * 100
    answer = await book.ask("add-group", group={"name": LONG})
    assert answer.json()["response"]["errors"] == {"name": "name en fazla 100 karakter olabilir."}


async def test_groups_nest_as_deep_as_clients_can_read_and_no_deeper(book: Book) -> None:
    deepest = 0
    chain = [deepest := await book.group(f"Düzey {level}", deepest) for level in range(1, MOST_LEVELS + 1)]
    tree = await book.told("get-groups")
    answer = await book.ask("add-group", group={"name": "Daha", "parent": deepest})
    told = {"parent": "Gruplar en fazla 20 düzey iç içe olabilir."}
    assert answer.json()["response"]["errors"] == told
    above = await book.group("Üst")
    answer = await book.ask("edit-group", group={"id": chain[0], "name": "Düzey 1", "parent": above})
    assert answer.json()["response"]["errors"] == told
    await book.told("delete-group", group={"id": above})
    assert await book.told("get-groups") == tree
    await book.told("edit-group", group={"id": chain[-1], "name": "Son", "parent": chain[0]})
    await book.told("delete-group", group={"id": chain[0]})
    assert await book.told("get-groups") == {"groups": []}


async def test_an_account_has_so_many_groups_and_no_more(gateway: Gateway, book: Book) -> None:
    store, account_id = gateway.house.store, gateway.house.account_id
    for i in range(MOST_GROUPS - 1):
        await store.transact(lambda tx, i=i: tx.insert_group(account_id, 0, f"Grup {i}"))
    await book.group("Sonuncu")
    answer = await book.ask("add-group", group={"name": "Bir daha"})
    assert answer.json()["response"]["errors"] == {"group": "Bir hesapta en fazla 1000 grup olabilir."}


async def test_nobody_sees_or_changes_another_s_address_book(gateway: Gateway, book: Book) -> None:
    stranger = Book(gateway, await gateway.another_account())
    await switch_on(gateway.house, "stranger")
    city = await field(gateway)
    group = await book.group("Bir")
    below = await book.group("Alt", group)
    contact = await book.contact(**AYSE, groups=[group], custom_fields={"id": city, "value": "Muş"})
    theirs = await stranger.group("Onların")
    other = await stranger.contact(name="Veli", groups=[theirs])
    before = await book.everything(), await book.read(contact)
    attempts: list[tuple[str, dict[str, object], int]] = [
        ("add-group", {"group": {"name": "x", "parent": group}}, 463),
        ("edit-group", {"group": {"id": group, "name": "x"}}, 462),
        ("edit-group", {"group": {"id": theirs, "name": "x", "parent": below}}, 463),
        ("delete-group", {"group": {"id": group}}, 463),
        ("get-group", {"group": {"id": group}}, 463),
        ("get-group-contacts", {"group": {"id": group}}, 463),
        ("add-contact", {"contact": {"name": "x", "groups": [group]}}, 463),
        ("add-contact", {"contact": {"name": "x", "custom_fields": {"id": city, "value": "x"}}}, 473),
        ("edit-contact", {"contact": {"id": contact, "name": "x"}}, 465),
        ("edit-contact", {"contact": {"id": other, "groups": [theirs, group]}}, 463),
        ("edit-contact", {"contact": {"id": other, "custom_fields": {"id": city, "value": "x"}}}, 473),
        ("delete-contact", {"contact": {"id": contact}}, 465),
        ("get-contact", {"contact": {"id": contact}}, 465),
        ("search-contacts", {"search": {"key": "Ayşe"}}, 465),
    ]
    assert {endpoint for endpoint, *_ in attempts} == {*ENDPOINTS} - {"get-groups"}
    for endpoint, request, code in attempts:
        assert refused(await stranger.ask(endpoint, **request), code), endpoint
    assert await stranger.told("get-groups") == {"groups": [{"id": theirs, "name": "Onların", "count": 1}]}
    assert (await book.everything(), await book.read(contact)) == before


IDS = ANYTHING | st.integers(0, 3)
PAGE = {"page": ANYTHING, "rowCount": ANYTHING}
GROUPS = some(id=IDS | st.lists(IDS, max_size=3), group=IDS | some(id=IDS))
FIELDS = some(id=IDS, value=ANYTHING)
REQUEST = some(
    group=some(id=IDS, name=ANYTHING | st.just("Aile"), parent=IDS, **PAGE),
    contact=some(
        id=IDS,
        name=ANYTHING | st.just("Ayşe"),
        surname=ANYTHING,
        email=ANYTHING,
        gsm=ANYTHING,
        custom_fields=FIELDS | st.lists(FIELDS, max_size=3) | some(custom_field=FIELDS | st.lists(FIELDS, max_size=3)),
        groups=GROUPS | st.lists(GROUPS, max_size=3),
    ),
    search=some(key=ANYTHING | st.sampled_from(["Ayş", "530"]), **PAGE),
)
DOCUMENTED = {
    "add-group": {461, 463, 422},
    "edit-group": {461, 462, 463, 422},
    "delete-group": {463},
    "get-groups": set[int](),
    "get-group": {463},
    "get-group-contacts": {463, 464, 465},
    "add-contact": {463, 472, 473, 422},
    "edit-contact": {463, 465, 472, 473, 422},
    "delete-contact": {465},
    "get-contact": {465},
    "search-contacts": {464, 465, 471},
}
MESSAGES = {(verdict.code, verdict.message) for verdict in CATALOGUE}


def test_any_request_gets_a_code_that_is_documented_for_its_endpoint(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        house = runner.run(House(tmp_path / "teslimat.db").open())
        runner.run(switch_on(house))
        runner.run(add_field(house.store, house.account_id, "Şehir"))
        asgi = httpx.ASGITransport(application(house))  # type: ignore[arg-type] # both speak ASGI, in types of their own
        http = httpx.AsyncClient(transport=asgi, base_url="http://gateway")
        who = {"key": house.credentials.key, "hash": house.credentials.hash}

        @given(st.sampled_from(ENDPOINTS), REQUEST)
        def ask(endpoint: str, request: object) -> None:
            asked = {**request, "authentication": who} if isinstance(request, dict) else request
            answer = runner.run(http.post(f"/v1/{endpoint}/json", content=json.dumps({"request": asked}).encode()))
            status = answer.json()["response"]["status"]
            assert status["code"] == answer.status_code
            assert (status["code"], status["message"]) in MESSAGES
            assert status["code"] in {200, 400, 401} | DOCUMENTED[endpoint]

        ask()
        runner.run(http.aclose())
        runner.run(house.close())
