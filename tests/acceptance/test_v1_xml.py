"""The XML variant and the order in an address, over real HTTP, octet for octet."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

import httpx
import pytest

from teslimat.core.errors import CATALOGUE
from teslimat.flows.contacts import add_field
from tests.acceptance.address_book import switch_on
from tests.acceptance.gateway import Gateway, running

PROLOG: Final = '<?xml version="1.0" encoding="UTF-8"?>'
MESSAGES: Final = {verdict.code: verdict.message for verdict in CATALOGUE}
ENDPOINTS: Final = ["send-sms", "get-report", "cancel-order", "get-balance", "get-sender"]
MESSAGE: Final = "<message><text>{0}</text><receipents><number>{1}</number></receipents></message>"


def answered(code: int, payload: str = "") -> bytes:
    status = f"  <status>\n    <code>{code}</code>\n    <message>{MESSAGES[code]}</message>\n  </status>\n"
    return f"{PROLOG}\n<response>\n{status}{payload}</response>\n".encode()


def is_answer(answer: httpx.Response, code: int, payload: str = "") -> bool:
    return (answer.status_code, answer.content, answer.headers["content-type"]) == (
        code,
        answered(code, payload),
        "text/xml; charset=utf-8",
    )


def document(gateway: Gateway, inner: str) -> str:
    who = gateway.house.credentials
    login = f"<authentication><key>{who.key}</key><hash>{who.hash}</hash></authentication>"
    return f"{PROLOG}<request>{login}{inner}</request>"


async def ask(gateway: Gateway, endpoint: str, inner: str = "") -> httpx.Response:
    return await gateway.http.post(f"/v1/{endpoint}", content=document(gateway, inner))


async def send(gateway: Gateway, *messages: tuple[str, str], more: str = "") -> str:
    """Place an order; its id."""
    written = "".join(MESSAGE.format(*message) for message in messages)
    answer = await ask(gateway, "send-sms", f"<order><sender>ACME</sender>{more}{written}</order>")
    order = (await gateway.house.orders())[-1]
    assert is_answer(answer, 200, f"  <order>\n    <id>{order.id}</id>\n  </order>\n"), answer.text
    return str(order.id)


def report(order_id: str, *rows: tuple[str, int], **fields: object) -> str:
    delivered = sum(status == 111 for _, status in rows)
    undelivered = sum(status == 112 for _, status in rows)
    order = {
        "id": order_id,
        "status": 114,
        "total": len(rows),
        "delivered": delivered,
        "undelivered": undelivered,
        "waiting": len(rows) - delivered - undelivered,
        "submitAt": "2026-09-21 17:13:20",
        "sendAt": "2026-09-21 17:13:20",
        "sender": "ACME",
        "price": delivered,
        **fields,
    }
    lines = [f"    <{name}>{value}</{name}>" for name, value in order.items()]
    for number, status in rows:
        lines += [
            "    <message>",
            f"      <number>{number}</number>",
            f"      <status>{status}</status>",
            "    </message>",
        ]
    return "\n".join(["  <order>", *lines, "  </order>", ""])


async def test_v3_an_order_that_is_not_there_has_150_octets(gateway: Gateway) -> None:
    for endpoint in ("cancel-order", "get-report"):
        answer = await ask(gateway, endpoint, "<order><id>1</id></order>")
        assert is_answer(answer, 455)
        assert answer.headers["content-length"] == "150"


async def test_v4_an_order_for_nobody_has_156_octets(gateway: Gateway) -> None:
    numbers = ["<number>12</number>", "<number></number>", "<number/>", ""]
    for number in numbers:
        message = f"<message><text>x</text><receipents>{number}</receipents></message>"
        answer = await ask(gateway, "send-sms", f"<order><sender>ACME</sender>{message}</order>")
        assert is_answer(answer, 452)
        assert answer.headers["content-length"] == "156"
    assert await gateway.untouched()


async def test_v9_a_form_is_the_document_that_it_holds(gateway: Gateway) -> None:
    balance = "  <balance>\n    <amount>0</amount>\n    <sms>100000</sms>\n  </balance>\n"
    asked = document(gateway, "<order></order>")
    gateway.http.headers["content-type"] = "application/x-www-form-urlencoded"
    for body in (asked, f"data={quote(asked)}", f"data={quote_plus(asked)}&x=y"):
        assert is_answer(await gateway.http.post("/v1/get-balance", content=body), 200, balance)


async def test_an_order_of_several_texts_lives_and_is_reported(gateway: Gateway) -> None:
    order_id = await send(
        gateway, ("<![CDATA[Merhaba & selam]]>", "5301234567"), ("B &lt; C", "5321234567</number><number>&lt;12&gt;")
    )
    asked = f"<order><id>{order_id}</id><page></page><rowCount></rowCount></order>"
    numbers, odd = ("+905301234567", "+905321234567"), ("&lt;12&gt;", 112)
    before = await ask(gateway, "get-report", asked)
    assert is_answer(before, 200, report(order_id, *((number, 110) for number in numbers), odd, status=113, price=2))
    await gateway.deliver()
    assert [part.payload for part in gateway.house.link.seen] == [b"Merhaba & selam B186", b"B < C B186"]
    after = await ask(gateway, "get-report", asked)
    assert is_answer(after, 200, report(order_id, *((number, 111) for number in numbers), odd))


async def test_a_page_may_have_one_row_or_a_thousand_or_none(gateway: Gateway) -> None:
    numbers = [f"+90530{i:07}" for i in range(1_001)]
    order_id = await send(gateway, ("Herkese", "</number><number>".join(numbers)))
    whole = {"status": 113, "total": 1_001, "waiting": 1_001, "price": 1_001}
    for page, some in ((1, numbers[:1_000]), (2, numbers[1_000:]), (3, [])):
        answer = await ask(gateway, "get-report", f"<order><id>{order_id}</id><page>{page}</page></order>")
        assert is_answer(answer, 200, report(order_id, *((number, 110) for number in some), **whole))


async def test_a_scheduled_order_can_be_cancelled(gateway: Gateway) -> None:
    order_id = await send(gateway, ("x", "5301234567"), more="<sendDateTime>22/09/2026 10:00</sendDateTime>")
    named = f"<order><id>\n  {order_id}\n</id></order>"
    assert is_answer(await ask(gateway, "get-report", named), 456)
    assert is_answer(await ask(gateway, "cancel-order", named), 200)
    assert is_answer(await ask(gateway, "cancel-order", named), 455)


async def test_senders_and_balance_are_told(gateway: Gateway) -> None:
    senders = "  <senders>\n    <sender>ACME</sender>\n  </senders>\n"
    balance = "  <balance>\n    <amount>0</amount>\n    <sms>100000</sms>\n  </balance>\n"
    assert is_answer(await ask(gateway, "get-sender"), 200, senders)
    assert is_answer(await ask(gateway, "get-balance"), 200, balance)


async def test_a_pattern_that_takes_all_it_can_finds_one_value_per_line(gateway: Gateway) -> None:
    order_id = await send(gateway, ("x", "5301234567</number><number>5321234567"))
    answer = await ask(gateway, "get-report", f"<order><id>{order_id}</id></order>")
    found = {name: re.findall(rf"<{name}>(.*)</{name}>", answer.text) for name in ("code", "id", "total", "number")}
    assert found == {
        "code": ["200"],
        "id": [order_id],
        "total": ["2"],
        "number": ["+905301234567", "+905321234567"],
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_what_is_no_request_is_unreadable(gateway: Gateway, endpoint: str) -> None:
    bodies = ["", "{}", "<request>", "<response></response>", "data=%3", "<!DOCTYPE request><request></request>"]
    for body in bodies:
        assert is_answer(await gateway.http.post(f"/v1/{endpoint}", content=body), 400), body


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_who_does_not_say_who_it_is_learns_nothing(gateway: Gateway, endpoint: str) -> None:
    wrong = document(gateway, "").replace(gateway.house.credentials.hash, "0" * 64)
    for body in ("<request></request>", "<request><authentication/></request>", wrong):
        assert is_answer(await gateway.http.post(f"/v1/{endpoint}/", content=body), 401), body


@pytest.mark.parametrize("endpoint", ENDPOINTS[:3])
async def test_a_request_without_an_order_is_unreadable(gateway: Gateway, endpoint: str) -> None:
    for inner in ("", "<order></order>", "<order>1</order>"):
        assert is_answer(await ask(gateway, endpoint, inner), 400)


async def test_what_an_address_does_not_do_is_told_in_its_own_format(gateway: Gateway) -> None:
    for path in (*ENDPOINTS, "get-reports", "consent/create", "add-sender", "get-settings"):
        assert is_answer(await gateway.http.get(f"/v1/{path}"), 404), path
        assert is_answer(await gateway.http.put(f"/v1/{path}/"), 404), path
        assert (await gateway.http.get(f"/v1/{path}/json")).text.startswith("{"), path
    for path in ("get-reports", "consent/create", "add-sender", "send-sms/get", "send-sms/get/"):
        assert is_answer(await gateway.http.post(f"/v1/{path}", content=document(gateway, "")), 404), path


async def test_a_blacklist_is_kept(gateway: Gateway) -> None:
    number = "<blacklist><number>0530 123 45 67</number></blacklist>"
    assert is_answer(await ask(gateway, "add-blacklist", number), 200)
    listed = "  <blacklist>\n    <count>1</count>\n    <number>+905301234567</number>\n  </blacklist>\n"
    for inner in ("", "<blacklist/>", "<blacklist><filter></filter><page/></blacklist>"):
        assert is_answer(await ask(gateway, "get-blacklist", inner), 200, listed)
    assert is_answer(await ask(gateway, "delete-blacklist", number), 200)
    assert is_answer(await ask(gateway, "delete-blacklist", number), 474)
    wrong = "<blacklist><filter><start>2024-09-27</start><end></end></filter></blacklist>"
    answer = await ask(gateway, "get-blacklist", wrong)
    assert answer.status_code == 422
    assert answer.text.endswith(
        "  <errors>\n    <start>start Y-m-d H:i:s biçimi ile eşleşmiyor.</start>\n  </errors>\n</response>\n"
    )


async def test_an_address_book_is_kept(gateway: Gateway) -> None:
    await switch_on(gateway.house)
    account = await gateway.house.account()
    field = await add_field(gateway.house.store, account.id, "Şehir")
    above = await ask(gateway, "add-group", "<group><name>Üst</name><parent></parent></group>")
    top = int(re.findall("<id>(.*)</id>", above.text)[0])
    below = await ask(gateway, "add-group", f"<group><name>A &amp; B</name><parent>{top}</parent></group>")
    assert is_answer(below, 200, f"  <group>\n    <id>{top + 1}</id>\n    <name>A &amp; B</name>\n  </group>\n")
    value = f"<custom_fields><custom_field><id>{field}</id><value>İzmir</value></custom_field></custom_fields>"
    groups = f"<groups><id>{top}</id><id>{top + 1}</id></groups>"
    contact = f"<name>Ayşe</name><surname/><email></email><gsm>5301234567</gsm>{value}{groups}"
    added = await ask(gateway, "add-contact", f"<contact>{contact}</contact>")
    assert added.status_code == 200, added.text
    found = await ask(gateway, "search-contacts", "<search><key>Ayşe</key></search>")
    inner = [line.strip() for line in found.text.splitlines()[6:-1]]
    number = re.findall("<id>(.*)</id>", added.text)[0]
    shown = contact.replace("5301234567", "+905301234567").replace("<surname/>", "<surname></surname>")
    assert "".join(inner) == f"<contacts><contact><id>{number}</id>{shown}</contact></contacts>"
    listed = await ask(gateway, "get-groups")
    assert "".join(line.strip() for line in listed.text.splitlines()[6:-1]) == (
        f"<groups><group><id>{top}</id><name>Üst</name><count>1</count><children><child><id>{top + 1}</id>"
        "<name>A &amp; B</name><count>1</count></child></children></group></groups>"
    )


# In an address


def address(gateway: Gateway, **parameters: str) -> str:
    who = gateway.house.credentials
    given = {"key": who.key, "hash": who.hash, "sender": "ACME", "text": "Merhaba", **parameters}
    return "&".join(f"{name}={value}" for name, value in given.items())


@pytest.mark.parametrize("path", ["/v1/send-sms/get/", "/v1/send-sms/get"])
async def test_v10_an_order_in_an_address_is_placed_with_or_without_a_slash(gateway: Gateway, path: str) -> None:
    text = quote_plus("Günaydın & iyi günler")
    query = address(gateway, text=text, receipents="5301234567,+905321234567,12", sendDateTime="x")
    answer = await gateway.http.get(f"{path}?{query}")
    (order,) = await gateway.house.orders()
    assert is_answer(answer, 200, f"  <order>\n    <id>{order.id}</id>\n  </order>\n")
    rows = [("+905301234567", 111), ("+905321234567", 111), ("12", 112)]
    await gateway.deliver()
    assert [text.body for text in order.texts] == ["Günaydın & iyi günler"]
    told = await ask(gateway, "get-report", f"<order><id>{order.id}</id></order>")
    assert is_answer(told, 200, report(str(order.id), *rows))


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"text": "100%"}, 400),
        ({"text": "%FF"}, 400),
        ({"hash": "x"}, 401),
        ({"key": ""}, 401),
        ({"iys": "2"}, 468),
        ({"iys": "1"}, 469),
        ({"iys": "1", "iysList": "TACIR"}, 470),
        ({"sender": "acme"}, 450),
        ({"text": ""}, 454),
        ({"text": "a" * 1_067}, 453),
        ({}, 452),
        ({"receipents": "12,"}, 452),
    ],
)
async def test_an_order_in_an_address_that_cannot_be_taken_costs_only_its_refusal(
    gateway: Gateway, parameters: dict[str, str], code: int
) -> None:
    assert is_answer(await gateway.http.get(f"/v1/send-sms/get/?{address(gateway, **parameters)}"), code)
    assert await gateway.untouched()


async def test_an_empty_address_shows_no_credentials(gateway: Gateway) -> None:
    for query in ("", "?", "?text=x&receipents=5301234567&sender=ACME"):
        assert is_answer(await gateway.http.get(f"/v1/send-sms/get{query}"), 401)


async def test_an_address_holds_thousands_of_recipients(gateway: Gateway) -> None:
    numbers = [f"530{i:07}" for i in range(5_800)]
    answer = await gateway.http.get(f"/v1/send-sms/get?{address(gateway, receipents=','.join(numbers))}")
    (order,) = await gateway.house.orders()
    assert (answer.status_code, order.waiting) == (200, 5_800)


async def test_a_body_over_the_limit_is_unreadable(tmp_path: Path) -> None:
    async with running(tmp_path / "teslimat.db", body_limit=16_000) as gateway:
        for filler, code in (("x" * 14_000, 200), ("x" * 16_000, 400), ("<a/>" * 401, 400), ("<a/>" * 380, 200)):
            assert (await ask(gateway, "get-balance", filler)).status_code == code
