import json
from datetime import UTC, datetime
from typing import TypeVar

import httpx
import pytest

from teslimat_client import client as calls
from teslimat_client.client import ApiError, Sms, read_answer
from teslimat_client.contract import Credentials

T = TypeVar("T")

WHO = Credentials("K", "H")
AUTHENTICATION = {"key": "K", "hash": "H"}


def request_of(call: calls.Call[T]) -> object:
    return json.loads(call.body)["request"]


def test_an_order_is_written_as_documented() -> None:
    call = calls.send_sms(WHO, "ACME", [Sms("Merhaba", ["5301234567", "905321234567"])])
    assert call.path == "/v1/send-sms/json"
    assert call.body == (
        b'{"request":{"authentication":{"key":"K","hash":"H"},"order":{"sender":"ACME","sendDateTime":"","iys":"0",'
        b'"message":[{"text":"Merhaba","receipents":{"number":["5301234567","905321234567"]}}]}}}'
    )


def test_a_schedule_is_written_in_turkeys_time_without_seconds() -> None:
    at = datetime(2030, 12, 31, 22, 30, 59, tzinfo=UTC)
    body = json.loads(calls.send_sms(WHO, "ACME", [], send_at=at).body)
    assert body["request"]["order"]["sendDateTime"] == "01/01/2031 01:30"


def test_a_schedule_without_a_time_zone_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="time zone"):
        calls.send_sms(WHO, "ACME", [], send_at=datetime(2030, 12, 31))  # noqa: DTZ001 - that is the point


def test_a_list_makes_the_texts_commercial() -> None:
    body = json.loads(calls.send_sms(WHO, "ACME", [], iys_list="TACIR").body)
    assert (body["request"]["order"]["iys"], body["request"]["order"]["iysList"]) == ("1", "TACIR")


def test_the_other_requests_are_written_as_documented() -> None:
    assert request_of(calls.get_report(WHO, "312891245", 2, 500)) == {
        "authentication": AUTHENTICATION,
        "order": {"id": "312891245", "page": 2, "rowCount": 500},
    }
    assert request_of(calls.get_reports(WHO, "2026-04-01", "2026-04-02", 1)) == {
        "authentication": AUTHENTICATION,
        "filter": {"start": "2026-04-01", "end": "2026-04-02", "page": 1},
    }
    assert request_of(calls.cancel_order(WHO, "7")) == {"authentication": AUTHENTICATION, "order": {"id": "7"}}
    assert request_of(calls.get_balance(WHO)) == {"authentication": AUTHENTICATION}
    assert request_of(calls.get_sender(WHO)) == {"authentication": AUTHENTICATION}


NUMBERS_AS_TEXT = (
    '{"response":{"status":{"code":"200","message":"İşlem başarılı"},"order":{"id":428,"status":"114","total":"2",'
    '"delivered":"1","undelivered":"1","waiting":"0","submitAt":"2024-12-01 10:00:00","sendAt":"2024-12-01 10:00:00",'
    '"sender":"X","price":"0,0372","message":[{"number":5301234567,"status":"111"}],"new":{}}}}'
).encode()


def test_a_report_with_numbers_written_as_text_is_read() -> None:
    report = read_answer(calls.get_report(WHO, "428", 1, 1000), 200, NUMBERS_AS_TEXT).order
    assert (str(report.id), report.status, report.total, report.price) == ("428", 114, 2, "0,0372")
    assert [(str(row.number), row.status) for row in report.message] == [("5301234567", 111)]


def test_a_refusal_is_raised_with_its_code_and_message() -> None:
    body = '{"response":{"status":{"code":455,"message":"Sipariş bulunamadı"}}}'.encode()
    with pytest.raises(ApiError, match="Sipariş bulunamadı") as error:
        read_answer(calls.get_report(WHO, "1", 1, 1000), 455, body)
    assert error.value.code == 455


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[]",
        b'{"response":{}}',
        b'{"response":{"status":{"code":200,"message":""}}}',
        b'"\xff"',
        b"[" * 100_000,
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_an_answer_that_is_none_is_told_by_its_http_status(body: bytes) -> None:
    with pytest.raises(ApiError) as error:
        read_answer(calls.get_balance(WHO), 502, body)
    assert error.value.code == 502


def test_the_client_posts_where_it_was_told_and_closes() -> None:
    with (
        calls.Client("http://127.0.0.1:9", "K", "H") as client,
        pytest.raises(httpx.ConnectError),
    ):
        client.balance()
    with pytest.raises(RuntimeError):
        client.balance()
