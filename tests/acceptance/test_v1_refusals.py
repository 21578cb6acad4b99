"""What is refused gets its documented code, and changes nothing."""

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from teslimat.api.v1.wire import MODEST_BODY, ONLY_CREDENTIALS
from teslimat.core.errors import CATALOGUE, Verdict
from teslimat.flows.accounts import Credentials, change_account
from tests.acceptance.gateway import Gateway, running

VERDICTS = {verdict.code: verdict for verdict in CATALOGUE}
ENDPOINTS = ["send-sms", "get-report", "get-reports", "cancel-order", "get-balance", "get-sender"]
MESSAGE = {"text": "Merhaba", "receipents": {"number": ["5301234567"]}}


def refused(answer: httpx.Response, code: int) -> bool:
    """Whether this is that refusal: in the HTTP status, in the body, and nothing else in it."""
    verdict: Verdict = VERDICTS[code]
    body = f'{{"response":{{"status":{{"code":{code},"message":"{verdict.message}"}}}}}}'.encode()
    return (answer.status_code, answer.content, answer.headers["content-type"]) == (
        code,
        body,
        "application/json; charset=utf-8",
    )


@pytest.mark.parametrize("path", [f"/v1/{endpoint}/json" for endpoint in ENDPOINTS])
async def test_an_address_knows_no_method_but_post(gateway: Gateway, path: str) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
        assert refused(await gateway.http.request(method, path), 404), method
    assert (await gateway.http.head(path)).status_code == 404


async def test_an_unknown_address_is_told_so(gateway: Gateway) -> None:
    paths = ["/", "/v1", "/v1/", "/v1/x/json", "/v1/send-sms/JSON", "/V1/get-balance/json", "/v1/%00", "/v1x", "/ş"]
    for path in paths:
        for method in ("GET", "POST"):
            assert refused(await gateway.http.request(method, path, content=b"{}"), 404), (method, path)


async def test_a_slash_at_the_end_makes_no_difference(gateway: Gateway) -> None:
    who = gateway.house.credentials
    body = f'{{"request":{{"authentication":{{"key":"{who.key}","hash":"{who.hash}"}}}}}}'
    assert (await gateway.http.post("/v1/get-balance/json/", content=body)).status_code == 200


@pytest.mark.parametrize("content_type", [None, "text/xml", "application/x-www-form-urlencoded", "nonsense"])
async def test_the_content_type_does_not_matter(gateway: Gateway, content_type: str | None) -> None:
    gateway.http.headers.pop("content-type")
    if content_type:
        gateway.http.headers["content-type"] = content_type
    assert (await gateway.ask("get-balance", {})).status_code == 200


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_a_body_that_is_no_request_is_unreadable(gateway: Gateway, endpoint: str) -> None:
    bodies = [
        b"",
        b"x",
        b'{"request":{"authentication":{"key":"a","hash":"b"},"x":"\xff"}}',
        b"[]",
        b"{}",
        b"<request/>",
        b'{"request":[]}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"request":{',
    ]
    for body in bodies:
        assert refused(await gateway.post(endpoint, body), 400), body[:20]


async def test_a_body_over_the_limit_is_unreadable_whether_its_length_is_announced_or_not(tmp_path: Path) -> None:
    async def in_pieces(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 1000):
            yield b" " * 1000

    async with running(tmp_path / "teslimat.db", body_limit=100_000) as gateway:
        assert refused(await gateway.post("send-sms", b" " * 100_001), 400)
        for size in (101_000, 10_000_000):
            assert refused(await gateway.http.post("/v1/send-sms/json", content=in_pieces(size)), 400)
        filler: dict[str, object] = {"filler": "x" * 90_000}
        assert (await gateway.ask("get-balance", filler)).status_code == 200


async def test_a_caller_that_leaves_in_the_middle_of_its_body_disturbs_nobody(gateway: Gateway) -> None:
    url = gateway.http.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /v1/send-sms/json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await gateway.ask("get-balance", {})).status_code == 200


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_wrong_credentials_a_closed_api_and_a_strange_address_look_the_same(
    gateway: Gateway, endpoint: str
) -> None:
    right = gateway.house.credentials
    strangers = [
        Credentials(right.key, "", "0" * 64),
        Credentials("0" * 32, "", right.hash),
        Credentials("", "", ""),
        Credentials("\0'; --", "", "ş"),
    ]
    for who in strangers:
        assert refused(await gateway.ask(endpoint, {}, who), 401)
    unreadable: list[object] = [None, [], "x", {}, {"key": 1, "hash": 2}]
    for authentication in unreadable:
        assert refused(await gateway.ask(endpoint, {"authentication": authentication}), 401)
    await gateway.allow_only("203.0.113.0/24", "2001:db8::/32")
    assert refused(await gateway.ask(endpoint, {}), 401)
    await gateway.allow_only("127.0.0.0/8")
    assert not refused(await gateway.ask(endpoint, {}), 401)
    await change_account(gateway.house.store, await gateway.house.account(), api_access=False)
    answer = await gateway.ask(endpoint, {})
    assert refused(answer, 401)
    assert "www-authenticate" not in answer.headers


async def test_behind_a_trusted_proxy_the_allow_list_judges_whom_the_proxy_names(tmp_path: Path) -> None:
    proxies = (ipaddress.ip_network("127.0.0.0/8"),)
    async with running(tmp_path / "teslimat.db", trusted_proxies=proxies) as gateway:
        await gateway.allow_only("203.0.113.0/24")
        statuses = []
        for forwarded in ("203.0.113.9", "198.51.100.7, 203.0.113.9", "203.0.113.9, 198.51.100.7", "garbage", ""):
            gateway.http.headers["x-forwarded-for"] = forwarded
            statuses.append((await gateway.ask("get-balance", {})).status_code)
        assert statuses == [200, 200, 401, 401, 401]


async def test_without_a_trusted_proxy_nobody_may_name_another_address(gateway: Gateway) -> None:
    await gateway.allow_only("203.0.113.0/24")
    gateway.http.headers["x-forwarded-for"] = "203.0.113.9"
    assert refused(await gateway.ask("get-balance", {}), 401)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (None, 400),
        ([], 400),
        ({}, 400),
        ({"message": "x"}, 400),
        ({"message": {**MESSAGE, "receipents": ["5301234567"]}}, 400),
        ({"message": MESSAGE, "sendDateTime": "2030-01-01 10:00"}, 457),
        ({"message": MESSAGE, "sendDateTime": 1}, 457),
        ({"message": MESSAGE, "iys": "2"}, 468),
        ({"message": MESSAGE, "iys": []}, 468),
        ({"message": MESSAGE, "iys": 1}, 469),
        ({"message": MESSAGE, "iys": "1", "iysList": "BİREYSEL"}, 469),
        ({"message": MESSAGE, "iys": "1", "iysList": "BIREYSEL"}, 470),
        ({"message": MESSAGE}, 450),
        ({"message": MESSAGE, "sender": None}, 450),
        ({"message": MESSAGE, "sender": "acme"}, 450),
        ({"message": MESSAGE, "sender": "ACME "}, 450),
        ({"message": MESSAGE, "sender": ["ACME"]}, 450),
        ({"message": {**MESSAGE, "text": ""}, "sender": "ACME"}, 454),
        ({"message": {**MESSAGE, "text": " \n"}, "sender": "ACME"}, 454),
        ({"message": {**MESSAGE, "text": 1}, "sender": "ACME"}, 454),
        ({"message": [MESSAGE, {**MESSAGE, "text": None}], "sender": "ACME"}, 454),
        ({"message": {**MESSAGE, "text": "a" * 1067}, "sender": "ACME"}, 453),
        ({"message": {"text": "x", "receipents": {"number": ["5301234567"] * 50_001}}, "sender": "ACME"}, 453),
        ({"message": {"text": "x", "receipents": {"number": []}}, "sender": "ACME"}, 452),
        ({"message": {"text": "x"}, "sender": "ACME"}, 452),
        ({"message": {"text": "x", "recipients": {"number": ["5301234567"]}}, "sender": "ACME"}, 452),
        ({"message": {"text": "x", "receipents": {"number": "12"}}, "sender": "ACME"}, 452),
        ({"message": {"text": "x", "receipents": {"number": [5301234567.0, True, {}]}}, "sender": "ACME"}, 452),
    ],
)
async def test_an_order_that_cannot_be_taken_costs_only_its_refusal(gateway: Gateway, order: object, code: int) -> None:
    assert refused(await gateway.ask("send-sms", {"order": order}), code)
    assert await gateway.untouched()


async def test_the_first_thing_that_is_wrong_decides(gateway: Gateway) -> None:
    """Each step mends one thing, so the next check has its turn (the order of checks)."""
    who, wrong = gateway.house.credentials, Credentials(gateway.house.credentials.key, "", "x")
    order: dict[str, object] = {"sender": "x", "sendDateTime": "x", "iys": "x", "iysList": "x"}
    codes = [(await gateway.ask("send-sms", {}, wrong)).status_code]
    message: dict[str, object] = {"text": "", "receipents": {"number": ["1"]}}
    mends: list[tuple[dict[str, object], dict[str, object]]] = [
        ({}, {}),
        ({"message": message}, {}),
        ({"sendDateTime": ""}, {}),
        ({"iys": "1"}, {}),
        ({"iysList": "TACIR"}, {}),
        ({"iys": "0"}, {}),
        ({"sender": "ACME"}, {}),
        ({}, {"text": "a" * 1067}),
        ({}, {"text": "a"}),
        ({}, {"receipents": {"number": ["5301234567"]}}),
    ]
    for order_mend, message_mend in mends:
        order.update(order_mend)
        message.update(message_mend)
        codes.append((await gateway.ask("send-sms", {"order": order}, who)).status_code)
    assert codes == [401, 400, 457, 468, 469, 470, 450, 454, 453, 452, 200]


async def test_the_same_order_again_is_refused_for_ten_minutes(gateway: Gateway) -> None:
    assert (await gateway.send("5301234567", "5321234567")).status_code == 200
    gateway.house.clock.advance(599_999)
    assert refused(await gateway.send("05321234567", 5301234567), 451)
    gateway.house.clock.advance(1)
    assert (await gateway.send("5301234567", "5321234567")).status_code == 200


async def test_an_order_beyond_the_balance_is_refused_whole_and_may_be_sent_again(gateway: Gateway) -> None:
    who = await gateway.another_account()
    message = {"text": "x", "receipents": {"number": [f"530{i:07}" for i in range(11)]}}
    for _ in range(2):
        assert refused(await gateway.ask("send-sms", {"order": {"sender": "ACME", "message": message}}, who), 402)
    assert b'"sms":10}' in (await gateway.ask("get-balance", {}, who)).content


@pytest.mark.parametrize("endpoint", ["get-report", "cancel-order"])
async def test_an_order_that_is_not_there_is_not_found(gateway: Gateway, endpoint: str) -> None:
    ids: list[object] = [None, "", "x", 0, -1, "1", 1.5, True, [], {}, 2**63, "9" * 400, "300000000"]
    for order_id in ids:
        assert refused(await gateway.ask(endpoint, {"order": {"id": order_id}}), 455), order_id
    assert refused(await gateway.ask(endpoint, {}), 400)


async def test_another_accounts_order_is_as_absent_as_one_that_never_was(gateway: Gateway) -> None:
    order_id = (await gateway.send("5301234567")).json()["response"]["order"]["id"]
    stranger = await gateway.another_account()
    for endpoint in ("get-report", "cancel-order"):
        foreign = await gateway.ask(endpoint, {"order": {"id": order_id}}, stranger)
        absent = await gateway.ask(endpoint, {"order": {"id": "999999999"}}, stranger)
        assert refused(foreign, 455)
        assert [(h, v) for h, v in foreign.headers.items() if h != "date"] == [
            (h, v) for h, v in absent.headers.items() if h != "date"
        ]
    listed = await gateway.ask("get-reports", {"filter": {"start": "2026-09-21", "end": "2026-09-21"}}, stranger)
    assert b'"count":0,"orders":[]' in listed.content


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"filter": "2026-09-21"}, 400),
        ({}, 458),
        ({"filter": []}, 458),
        ({"filter": {}}, 458),
        ({"filter": {"start": "2026-09-21"}}, 458),
        ({"filter": {"start": "21/09/2026", "end": "2026-09-21"}}, 458),
        ({"filter": {"start": "2026-09-21", "end": "2026-09-20"}}, 458),
        ({"filter": {"start": "2026-09-11", "end": "2026-09-22"}}, 458),
        ({"filter": {"start": "2026-09-21", "end": "2026-09-21", "page": 0}}, 464),
    ],
)
async def test_a_list_that_cannot_be_made_is_refused(gateway: Gateway, query: dict[str, object], code: int) -> None:
    assert refused(await gateway.ask("get-reports", query), code)


async def test_a_failure_of_ours_is_answered_without_telling_about_it(gateway: Gateway) -> None:
    gateway.house.store._reader.close()
    with capture_logs() as logs:
        answer = await gateway.send("5301234567", text="Gizli")
    assert answer.status_code == 503
    assert (
        answer.content == '{"response":{"status":{"code":503,"message":"Sunucu geçici olarak servis dışı"}}}'.encode()
    )
    assert logs == [{"event": "a request failed", "log_level": "error", "path": "/v1/send-sms/json", "exc_info": True}]


@pytest.mark.parametrize(
    ("endpoint", "most"),
    [
        ("get-balance/json", ONLY_CREDENTIALS),
        ("get-balance", ONLY_CREDENTIALS),
        ("get-report/json", MODEST_BODY),
        ("add-blacklist", MODEST_BODY),
    ],
)
async def test_a_body_is_no_larger_than_what_its_endpoint_needs(gateway: Gateway, endpoint: str, most: int) -> None:
    who = gateway.house.credentials
    if endpoint.endswith("json"):
        body = json.dumps({"request": {"authentication": {"key": who.key, "hash": who.hash}}}).encode()
    else:
        shown = f"<authentication><key>{who.key}</key><hash>{who.hash}</hash></authentication>"
        body = f"<request>{shown}</request>".encode()
    at_most = await gateway.http.post(f"/v1/{endpoint}", content=body.ljust(most))
    beyond = await gateway.http.post(f"/v1/{endpoint}", content=body.ljust(most + 1))
    reached = 200 if endpoint.startswith("get-balance") else 400
    assert (at_most.status_code, beyond.status_code) == (reached, 400)
