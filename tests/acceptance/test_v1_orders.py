"""An order's life as a client of the API sees it."""

import asyncio
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from teslimat_client.client import ApiError, Client, Sms
from tests.acceptance.gateway import Gateway


def order_of(answer_body: dict[str, dict[str, dict[str, object]]]) -> dict[str, object]:
    return answer_body["response"]["order"]


def rows_of(order: dict[str, object]) -> list[dict[str, object]]:
    rows = order["message"]
    assert isinstance(rows, list)
    return rows


async def test_a_report_goes_from_waiting_to_delivered(gateway: Gateway) -> None:
    order_id = order_of((await gateway.send("5301234567", "12", "0532 123 45 67")).json())["id"]
    before = order_of((await gateway.report(order_id)).json())
    assert (before["status"], before["total"], before["waiting"], before["undelivered"]) == (113, 3, 2, 1)
    await gateway.deliver()
    after = order_of((await gateway.report(order_id)).json())
    assert (after["status"], after["delivered"], after["undelivered"], after["waiting"]) == (114, 2, 1, 0)
    assert after["price"] == 2
    assert after["message"] == [
        {"number": "+905301234567", "status": 111},
        {"number": "12", "status": 112},
        {"number": "+905321234567", "status": 111},
    ]


async def test_pages_of_any_size_make_up_the_whole_report(gateway: Gateway) -> None:
    numbers = [f"+90530{i:07}" for i in range(2_345)]
    order_id = order_of((await gateway.send(*numbers)).json())["id"]
    for row_count in (1000, 700, 999):
        pages = [
            order_of((await gateway.report(order_id, page=page, rowCount=row_count)).json()) for page in range(1, 5)
        ]
        assert {page["total"] for page in pages} == {2_345}
        assert [row["number"] for page in pages for row in rows_of(page)] == numbers


async def test_a_page_past_every_end_is_empty(gateway: Gateway) -> None:
    order_id = order_of((await gateway.send("5301234567")).json())["id"]
    for page in (2, 10**9, 2**63, "9" * 400):
        assert order_of((await gateway.report(order_id, page=page)).json())["message"] == []
    for page in (0, "-1"):
        assert (await gateway.report(order_id, page=page)).status_code == 464


async def test_a_scheduled_order_has_no_report_before_its_time_and_can_be_cancelled(gateway: Gateway) -> None:
    sent = await gateway.send("5301234567", sendDateTime=["22/09/2026 10:00"])
    order_id = order_of(sent.json())["id"]
    assert (await gateway.report(order_id)).status_code == 456
    assert b'"sms":99999}' in (await gateway.ask("get-balance", {})).content
    cancelled = await gateway.ask("cancel-order", {"order": {"id": order_id}})
    assert cancelled.content == '{"response":{"status":{"code":200,"message":"İşlem başarılı"}}}'.encode()
    assert (await gateway.ask("cancel-order", {"order": {"id": order_id}})).status_code == 455
    report = order_of((await gateway.report(order_id)).json())
    assert (report["status"], report["undelivered"], report["price"]) == (115, 1, 0)
    assert report["sendAt"] == "2026-09-22 10:00:00"
    assert b'"sms":100000}' in (await gateway.ask("get-balance", {})).content


async def test_an_order_that_was_not_scheduled_cannot_be_cancelled(gateway: Gateway) -> None:
    order_id = order_of((await gateway.send("5301234567")).json())["id"]
    assert (await gateway.ask("cancel-order", {"order": {"id": order_id}})).status_code == 455


@pytest.mark.parametrize("when", ["01/05/2013 10:00", "21/09/2026 17:13", "31/12/2026 10:00:00"])
async def test_a_past_date_and_one_with_seconds_mean_now(gateway: Gateway, when: str) -> None:
    order_id = order_of((await gateway.send("5301234567", sendDateTime=when)).json())["id"]
    report = order_of((await gateway.report(order_id)).json())
    assert report["sendAt"] == report["submitAt"] == "2026-09-21 17:13:20"


async def test_a_schedule_that_was_ignored_is_logged_by_its_order(gateway: Gateway) -> None:
    with capture_logs() as logs:
        order_id = order_of((await gateway.send("5301234567", sendDateTime="31/12/2026 10:00:00")).json())["id"]
        await gateway.send("5301234568", sendDateTime="31/12/2026 10:00")
    assert [(log["log_level"], str(log["order_id"])) for log in logs] == [("warning", order_id)]


@pytest.mark.parametrize("number", ["5301234567", 5301234567, [["05301234567"]], [None, "+90 530 123 45 67", ""]])
async def test_numbers_may_come_in_any_shape(gateway: Gateway, number: object) -> None:
    message = {"text": "x", "receipents": {"number": number}}
    order_id = order_of((await gateway.send(message=message)).json())["id"]
    report = order_of((await gateway.report(order_id)).json())
    assert report["message"] == [{"number": "+905301234567", "status": 110}]


async def test_senders_and_balance_are_told(gateway: Gateway) -> None:
    senders = await gateway.ask("get-sender", {"order": {}})
    assert senders.content == (
        '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"senders":{"sender":["ACME"]}}}'.encode()
    )
    balance = await gateway.ask("get-balance", {"order": None})
    assert balance.content == (
        '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"balance":{"amount":0,"sms":100000}}}'.encode()
    )


async def test_the_python_client_does_all_of_this(gateway: Gateway) -> None:
    who = gateway.house.credentials

    def order_and_cancel() -> tuple[str, str]:
        with Client(str(gateway.http.base_url), who.key, who.hash) as client:
            assert client.senders() == ["ACME"]
            order_id = client.send("ACME", "Günaydın", ["5301234567", "5321234567"])
            later = datetime(2026, 9, 22, 10, tzinfo=UTC)
            scheduled = client.send_several("ACME", [Sms("A", ["5301234567"]), Sms("B", ["5301234567"])], send_at=later)
            client.cancel(scheduled)
            with pytest.raises(ApiError) as error:
                client.cancel(scheduled)
            assert error.value.code == 455
            with pytest.raises(ApiError) as error:
                client.send_several("ACME", [Sms("A", ["5301234567"])], iys_list="BIREYSEL")
            assert error.value.code == 470
            return order_id, scheduled

    def look() -> None:
        with Client(str(gateway.http.base_url), who.key, who.hash) as client:
            report = client.report(order_id)
            assert (report.status, report.delivered) == (114, 2)
            assert [row.number for row in report.message] == ["+905301234567", "+905321234567"]
            assert client.report(order_id, page=2, row_count=1).message[0].number == "+905321234567"
            listed = client.orders("2026-09-21", "2026-09-21")
            assert [str(order.id) for order in listed.orders] == [order_id, scheduled]
            assert client.balance().sms == 99_998

    order_id, scheduled = await asyncio.to_thread(order_and_cancel)
    await gateway.deliver()
    await asyncio.to_thread(look)
