"""The account's blacklist over HTTP: what its clients send, and what they read."""

import asyncio
import json
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.ports import Transaction
from teslimat_client.contract import Answer, Credentials, Request
from teslimat_client.contract import blacklist as contract
from tests.acceptance.gateway import Gateway, application
from tests.acceptance.test_v1_anything import ANYTHING, some
from tests.simulation.house import House

SECOND = 1000
DAY = 86_400 * SECOND
DONE = '{"response":{"status":{"code":200,"message":"İşlem başarılı"}}}'
FIRST, SECOND_ONE, THIRD = "+905301234567", "+905301234568", "+905301234569"


async def change(gateway: Gateway, endpoint: str, number: object) -> httpx.Response:
    return await gateway.ask(endpoint, {"blacklist": {"number": number}})


async def add(gateway: Gateway, *numbers: object) -> None:
    for number in numbers:
        assert (await change(gateway, "add-blacklist", number)).text == DONE


async def listed(gateway: Gateway, **query: object) -> tuple[int, list[str]]:
    answer = await gateway.ask("get-blacklist", {"blacklist": query})
    assert answer.status_code == 200, answer.text
    blacklist = answer.json()["response"]["blacklist"]
    return blacklist["count"], blacklist["number"]


def code(answer: httpx.Response) -> int:
    assert answer.json()["response"]["status"]["code"] == answer.status_code
    assert set(answer.json()["response"]) == {"status"}
    return answer.status_code


async def test_the_list_of_a_new_account_is_empty(gateway: Gateway) -> None:
    answer = await gateway.ask("get-blacklist", {})
    assert answer.text == DONE.removesuffix("}}") + ',"blacklist":{"count":0,"number":[]}}}'


async def test_a_number_is_on_the_list_from_the_answer_on_until_it_is_deleted(gateway: Gateway) -> None:
    await add(gateway, "5301234567")
    answer = await gateway.ask("get-blacklist", {})
    assert answer.text == DONE.removesuffix("}}") + f',"blacklist":{{"count":1,"number":["{FIRST}"]}}}}}}'
    assert (await change(gateway, "delete-blacklist", "0530 123 45 67")).text == DONE
    assert await listed(gateway) == (0, [])


@pytest.mark.parametrize(
    "number", ["5301234567", "05301234567", "+90 530 123 45 67", 905301234567, ["5301234567", "5301234568"]]
)
async def test_a_number_is_read_in_any_spelling_and_the_first_of_a_list(gateway: Gateway, number: object) -> None:
    await add(gateway, number)
    assert await listed(gateway) == (1, [FIRST])
    assert (await change(gateway, "delete-blacklist", number)).text == DONE
    assert await listed(gateway) == (0, [])


@pytest.mark.parametrize("number", ["", None, [], [""], "905999123456", "+49172574483311", "x", {}, True, 5.3])
async def test_what_is_no_turkish_mobile_number_is_refused(gateway: Gateway, number: object) -> None:
    await add(gateway, FIRST)
    for endpoint in ("add-blacklist", "delete-blacklist"):
        assert code(await change(gateway, endpoint, number)) == 466
    assert code(await gateway.ask("add-blacklist", {"blacklist": {}})) == 466
    assert await listed(gateway) == (1, [FIRST])


@pytest.mark.parametrize("request_", [{}, {"blacklist": None}, {"blacklist": "5301234567"}, {"number": "5301234567"}])
async def test_a_change_without_its_object_cannot_be_read(gateway: Gateway, request_: dict[str, object]) -> None:
    for endpoint in ("add-blacklist", "delete-blacklist"):
        assert code(await gateway.ask(endpoint, request_)) == 400


async def test_adding_twice_is_adding_once_and_deleting_twice_is_refused(gateway: Gateway) -> None:
    await add(gateway, FIRST, SECOND_ONE, FIRST)
    assert await listed(gateway) == (2, [FIRST, SECOND_ONE])
    assert (await change(gateway, "delete-blacklist", FIRST)).text == DONE
    assert code(await change(gateway, "delete-blacklist", FIRST)) == 474
    assert await listed(gateway) == (1, [SECOND_ONE])


async def test_an_account_sees_and_changes_only_its_own_list(gateway: Gateway) -> None:
    await add(gateway, FIRST)
    stranger = await gateway.another_account()
    answer = await gateway.ask("get-blacklist", {}, stranger)
    assert answer.json()["response"]["blacklist"] == {"count": 0, "number": []}
    assert code(await gateway.ask("delete-blacklist", {"blacklist": {"number": FIRST}}, stranger)) == 474
    await gateway.ask("add-blacklist", {"blacklist": {"number": SECOND_ONE}}, stranger)
    assert await listed(gateway) == (1, [FIRST])


async def test_pages_come_in_the_order_in_which_numbers_were_added(gateway: Gateway) -> None:
    for number in (THIRD, FIRST, SECOND_ONE):
        await add(gateway, number)
        gateway.house.clock.advance(1)
    assert await listed(gateway, page=1, rowCount=2) == (3, [THIRD, FIRST])
    assert await listed(gateway, page="2", rowCount="2") == (3, [SECOND_ONE])
    assert await listed(gateway, page=3, rowCount=2) == (3, [])
    assert await listed(gateway, page="9" * 30, rowCount="9" * 30) == (3, [])


@pytest.mark.parametrize("row_count", [None, "", 0, -1, 5000, "x", []])
async def test_a_page_has_a_thousand_rows_whatever_else_is_asked_for(gateway: Gateway, row_count: object) -> None:
    async def fill(tx: Transaction) -> None:
        for number in range(905_300_000_000, 905_300_001_001):
            await tx.add_to_blacklist(gateway.house.account_id, number, 0)

    await gateway.house.store.transact(fill)
    count, numbers = await listed(gateway, rowCount=row_count)
    assert (count, len(numbers)) == (1001, 1000)


@pytest.mark.parametrize("page", [0, -1, "0"])
async def test_pages_start_at_one(gateway: Gateway, page: object) -> None:
    assert code(await gateway.ask("get-blacklist", {"blacklist": {"page": page}})) == 464


async def test_what_stands_beside_the_blacklist_is_ignored(gateway: Gateway) -> None:
    await add(gateway, FIRST, SECOND_ONE)
    beside: dict[str, object] = {"page": 0, "rowCount": 1, "filter": {"start": "x"}}
    for blacklist in ({}, {"blacklist": None}, {"blacklist": ""}, {"blacklist": []}, {"blacklist": {}}):
        answer = await gateway.ask("get-blacklist", {**beside, **blacklist})
        assert answer.json()["response"]["blacklist"]["number"] == [FIRST, SECOND_ONE]


@pytest.mark.parametrize("request_", [{"blacklist": "x"}, {"blacklist": [1]}, {"blacklist": {"filter": 1}}])
async def test_another_thing_in_place_of_an_object_cannot_be_read(
    gateway: Gateway, request_: dict[str, object]
) -> None:
    assert code(await gateway.ask("get-blacklist", request_)) == 400


async def test_a_filter_takes_the_seconds_at_both_ends_in(gateway: Gateway) -> None:
    clock = gateway.house.clock
    clock.ms = 1_790_000_000_999  # 2026-09-21 17:13:20.999 in Turkey
    await add(gateway, FIRST)
    clock.ms += 1
    await add(gateway, SECOND_ONE)
    clock.ms += DAY
    await add(gateway, THIRD)

    async def between(start: object, end: object) -> tuple[int, list[str]]:
        return await listed(gateway, filter={"start": start, "end": end})

    assert await between("2026-09-21 17:13:20", "2026-09-21 17:13:20") == (1, [FIRST])
    assert await between("2026-09-21 17:13:21", "2026-09-22 17:13:21") == (2, [SECOND_ONE, THIRD])
    assert await between("2026-09-21 17:13:21", None) == (2, [SECOND_ONE, THIRD])
    assert await between("", "2026-09-21 17:13:21") == (2, [FIRST, SECOND_ONE])
    assert await between("2026-09-23 00:00:00", "2026-09-21 00:00:00") == (0, [])
    assert await between(None, "") == (3, [FIRST, SECOND_ONE, THIRD])
    assert await listed(gateway, filter=None) == (3, [FIRST, SECOND_ONE, THIRD])
    assert await listed(gateway, filter={"start": "2026-09-21 17:13:20"}, rowCount=1, page=3) == (3, [THIRD])


@pytest.mark.parametrize("bad", ["2024-09-27", "27/09/2024 10:00", "2024-02-30 10:00:00", "2024-09-27T10:00:00", 5, {}])
async def test_a_bad_date_is_named_and_only_that(gateway: Gateway, bad: object) -> None:
    texts = {name: f"{name} Y-m-d H:i:s biçimi ile eşleşmiyor." for name in ("start", "end")}
    good = "2024-09-27 10:00:00"
    for dates, wrong in (
        ({"start": bad, "end": bad}, ["start", "end"]),
        ({"start": bad, "end": good}, ["start"]),
        ({"start": None, "end": bad}, ["end"]),
    ):
        answer = await gateway.ask("get-blacklist", {"blacklist": {"filter": dates, "page": 0}})
        assert answer.status_code == 422
        assert answer.json()["response"] == {
            "status": {"code": 422, "message": "İstekte gönderilen bazı değerler doğrulanamadı"},
            "errors": {name: texts[name] for name in wrong},
        }


async def test_the_contract_of_the_client_is_what_goes_over_the_wire(gateway: Gateway) -> None:
    who = Credentials(gateway.house.credentials.key, gateway.house.credentials.hash)

    async def post(endpoint: str, request: msgspec.Struct) -> bytes:
        return (await gateway.post(endpoint, msgspec.json.encode(Request(request)))).content

    number = contract.BlacklistedNumber("5301234567")
    assert await post("add-blacklist", contract.AddBlacklist(who, number)) == DONE.encode()
    query = contract.BlacklistQuery(1, 10, contract.AddedBetween(start="2026-01-01 00:00:00"))
    answer = await post("get-blacklist", contract.GetBlacklist(who, query))
    read = msgspec.json.decode(answer, type=Answer[contract.BlacklistRead]).response
    assert read.blacklist == contract.Blacklist(1, [FIRST])
    assert await post("delete-blacklist", contract.DeleteBlacklist(who, number)) == DONE.encode()


BLACKLIST = some(
    number=ANYTHING,
    page=ANYTHING,
    rowCount=ANYTHING,
    filter=some(start=ANYTHING | st.just("2026-09-21 10:00:00"), end=ANYTHING),
)


def test_any_request_gets_a_documented_answer(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        house = runner.run(House(tmp_path / "teslimat.db").open())
        asgi = httpx.ASGITransport(application(house))  # type: ignore[arg-type] # both speak ASGI, in types of their own
        http = httpx.AsyncClient(transport=asgi, base_url="http://gateway")
        who = {"key": house.credentials.key, "hash": house.credentials.hash}
        documented = {"get": {200, 400, 422, 464}, "add": {200, 400, 466}, "delete": {200, 400, 466, 474}}

        @given(st.sampled_from(sorted(documented)), some(blacklist=BLACKLIST))
        def ask(verb: str, request: object) -> None:
            asked = {**(request if isinstance(request, dict) else {}), "authentication": who}
            body = json.dumps({"request": asked}).encode()
            answer = runner.run(http.post(f"/v1/{verb}-blacklist/json", content=body))
            assert answer.status_code in documented[verb]

        ask()
        runner.run(http.aclose())
        runner.run(house.close())
