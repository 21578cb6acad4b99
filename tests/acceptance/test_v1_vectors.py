"""The documented exchanges, byte for byte."""

import json
from array import array

from teslimat.core.block import BlockState
from teslimat.core.model import Block, Order, Text
from teslimat.core.ports import Transaction
from teslimat.core.states import DELIVERED
from tests.acceptance.gateway import Gateway

SUCCESS = '"status":{"code":200,"message":"İşlem başarılı"}'
SEED_REPORT = (
    f'{{"response":{{{SUCCESS},"order":{{"id":"312891245","status":114,"total":1,"delivered":1,"undelivered":0,'
    '"waiting":0,"submitAt":"2026-04-29 04:32:24","sendAt":"2026-04-29 04:32:24","sender":"eMarka Test","price":1,'
    '"message":[{"number":"+905333128320","status":111}]}}}'
).encode()


async def store_the_seeds_order(gateway: Gateway) -> None:
    order = Order(
        id=312_891_245,
        account_id=gateway.house.account_id,
        sender="eMarka Test",
        suffix=" B186",
        texts=(Text("Merhaba", 0, 1, 1),),
        recipient_price=1,
        resend_uncertain=True,
        scheduled=False,
        submit_at=1_777_426_344_000,
        send_at=1_777_426_344_000,
        expires_at=1_777_599_144_000,
        first_message_id=1,
        total=1,
        delivered=1,
        undelivered=0,
        waiting=0,
        price=1,
        queue_rows=1,
        reached_carrier=True,
        cancelled_at=None,
        uncertain=0,
        revision=3,
    )
    block = Block(order.id, 0, array("Q", [905333128320]).tobytes(), {}, (), b"")
    one, nothing = bytes([1]), b""
    packed = (bytes([DELIVERED]), nothing, nothing, nothing, nothing, one, one * 4, one * 4, one * 4)

    async def work(tx: Transaction) -> None:
        await tx.insert_order(order)
        await tx.insert_blocks([(block, BlockState((order.id, 0), packed))])

    await gateway.house.store.transact(work)


async def test_v1_the_seeds_report(gateway: Gateway) -> None:
    await store_the_seeds_order(gateway)
    answer = await gateway.report("312891245", page="1", rowCount="1000")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.content == SEED_REPORT


async def test_v2_the_same_asked_with_numbers(gateway: Gateway) -> None:
    await store_the_seeds_order(gateway)
    assert (await gateway.report(312891245, page=1, rowCount=1000)).content == SEED_REPORT


async def test_v5_every_way_to_say_now(gateway: Gateway) -> None:
    answers = [
        await gateway.send("5301234567", text="A", sendDateTime=[]),
        await gateway.send("5301234567", text="B", sendDateTime=""),
        await gateway.ask(
            "send-sms",
            {"order": {"sender": "ACME", "message": {"text": "C", "receipents": {"number": ["5301234567"]}}}},
        ),
    ]
    orders = await gateway.house.orders()
    assert [answer.content for answer in answers] == [
        f'{{"response":{{{SUCCESS},"order":{{"id":"{order.id}"}}}}}}'.encode() for order in orders
    ]
    assert [(order.scheduled, order.send_at) for order in orders] == 3 * [(False, gateway.house.clock.now())]


async def test_v6_two_texts_are_one_order(gateway: Gateway) -> None:
    messages = [
        {"text": "A", "receipents": {"number": ["5301234567"]}},
        {"text": "B", "receipents": {"number": ["5321234567"]}},
    ]
    sent = await gateway.send(message=messages)
    (order,) = await gateway.house.orders()
    assert sent.content == f'{{"response":{{{SUCCESS},"order":{{"id":"{order.id}"}}}}}}'.encode()
    assert (await gateway.report(sent.json()["response"]["order"]["id"])).content == (
        f'{{"response":{{{SUCCESS},"order":{{"id":"{order.id}","status":113,"total":2,"delivered":0,"undelivered":0,'
        '"waiting":2,"submitAt":"2026-09-21 17:13:20","sendAt":"2026-09-21 17:13:20","sender":"ACME","price":2,'
        '"message":[{"number":"+905301234567","status":110},{"number":"+905321234567","status":110}]}}}'
    ).encode()


async def test_v7_the_page_inside_and_beside_the_filter(gateway: Gateway) -> None:
    for text in map(str, range(31)):
        await gateway.send("5301234567", text=text)
    dates = {"start": "2026-09-21", "end": "2026-09-21"}
    inside = await gateway.ask("get-reports", {"filter": {**dates, "page": 2}})
    beside = await gateway.ask("get-reports", {"filter": dates, "page": 2})
    last = (await gateway.house.orders())[-1]
    assert inside.content == beside.content
    assert (
        inside.content
        == (
            f'{{"response":{{{SUCCESS},"count":31,"orders":[{{"id":{last.id},"status":113,"total":1,"delivered":0,'
            '"undelivered":0,"waiting":1,"submitAt":"2026-09-21 17:13:20","sendAt":"2026-09-21 17:13:20",'
            '"sender":"ACME"}]}}'
        ).encode()
    )
    first = await gateway.ask("get-reports", {"filter": dates})
    assert len(json.loads(first.content)["response"]["orders"]) == 30
