"""What an account is set to shows on the wire: how it logs in, what it is refused, and what its answers look like."""

import json
import re
import secrets
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import structlog
from msgspec.structs import replace

from teslimat.app import Gateway as WholeGateway
from teslimat.config import Settings
from teslimat.core.clock import SystemClock
from teslimat.flows.accounts import Credentials, change_account, new_account, new_credentials, open_account
from teslimat.passwords import hash_password
from teslimat.store.sqlite import SqliteStore, run_inline
from tests.acceptance.gateway import Gateway, running
from tests.simulation.house import House

USERNAME, PASSWORD = "5301234567", "şifre & <pw>"
LOGIN: dict[str, object] = {"username": USERNAME, "password": PASSWORD}
STORED = hash_password(PASSWORD)
NUMBER = "5301112233"
FORMATS = ["json", "xml", "get"]

Fields = dict[str, object]


async def change(gateway: Gateway, **changes: object) -> None:
    await change_account(gateway.house.store, await gateway.house.account(), **changes)  # type: ignore[arg-type] # names vary


async def send(gateway: Gateway, form: str, who: Fields, **order: object) -> httpx.Response:
    """Send a text of its own in one of the formats; of the order's fields, those that are not None."""
    text = f"Merhaba {secrets.token_hex(4)}"
    fields = {name: value for name, value in {"sender": "ACME", "iys": "0", **order}.items() if value is not None}
    if form == "get":
        query = urlencode({**who, **fields, "text": text, "receipents": NUMBER})
        return await gateway.http.get(f"/v1/send-sms/get/?{query}")
    message = {"text": text, "receipents": {"number": NUMBER}}
    request: Fields = {"authentication": who, "order": {**fields, "message": message}}
    if form == "json":
        return await gateway.post("send-sms", json.dumps({"request": request}).encode())
    return await gateway.http.post("/v1/send-sms", content=xml_of("request", request).encode())


def xml_of(name: str, value: object) -> str:
    if isinstance(value, dict):
        return f"<{name}>{''.join(xml_of(inner, held) for inner, held in value.items())}</{name}>"
    return f"<{name}><![CDATA[{value}]]></{name}>"


def code_of(answer: httpx.Response) -> int:
    """The code in the body, which is also the HTTP status; of either format."""
    found = re.search(r'"code":(\d+)|<code>(\d+)</code>', answer.text)
    assert found
    code = int(found[1] or found[2])
    assert answer.status_code == code
    return code


def key_of(who: Credentials) -> Fields:
    return {"key": who.key, "hash": who.hash}


# logging in


@pytest.mark.parametrize("form", FORMATS)
async def test_old_clients_log_in_by_username_and_password_once_an_operator_lets_them(
    gateway: Gateway, form: str
) -> None:
    assert code_of(await send(gateway, form, LOGIN)) == 401
    await change(gateway, username=USERNAME, password_hash=STORED)
    for _ in range(3):
        assert code_of(await send(gateway, form, LOGIN)) == 200
    wrong_ones: list[Fields] = [{"password": PASSWORD + "x"}, {"username": "5301234568"}, {"password": ""}]
    for wrong in wrong_ones:
        assert code_of(await send(gateway, form, {**LOGIN, **wrong})) == 401
    assert code_of(await send(gateway, form, key_of(gateway.house.credentials))) == 200
    await change(gateway, username=None, password_hash=None)
    assert code_of(await send(gateway, form, LOGIN)) == 401


@pytest.mark.parametrize("form", FORMATS)
async def test_a_login_is_refused_in_the_same_words_as_a_key_for_the_same_reasons(gateway: Gateway, form: str) -> None:
    await change(gateway, username=USERNAME, password_hash=STORED)
    refusals = {(await send(gateway, form, {**LOGIN, "password": "wrong"})).text}
    await gateway.allow_only("203.0.113.0/24")
    refusals.add((await send(gateway, form, LOGIN)).text)
    await gateway.allow_only("127.0.0.0/8")
    assert code_of(await send(gateway, form, LOGIN)) == 200
    await change(gateway, api_access=False)
    refusals.add((await send(gateway, form, LOGIN)).text)
    refusals.add((await send(gateway, form, key_of(gateway.house.credentials))).text)
    assert len(refusals) == 1


@pytest.mark.parametrize("form", FORMATS)
async def test_of_a_key_and_a_login_the_key_counts(gateway: Gateway, form: str) -> None:
    await change(gateway, username=USERNAME, password_hash=STORED)
    right = key_of(gateway.house.credentials)
    assert code_of(await send(gateway, form, {**LOGIN, **right, "password": "wrong"})) == 200
    assert code_of(await send(gateway, form, {**LOGIN, **right, "hash": "0" * 64})) == 401
    assert code_of(await send(gateway, form, {**LOGIN, "key": "", "hash": ""})) == 200


@pytest.mark.parametrize("form", FORMATS)
async def test_a_password_that_was_changed_counts_from_the_next_request_on(gateway: Gateway, form: str) -> None:
    await change(gateway, username=USERNAME, password_hash=STORED)
    assert code_of(await send(gateway, form, LOGIN)) == 200
    await change(gateway, username=USERNAME, password_hash=hash_password("another"))
    assert code_of(await send(gateway, form, LOGIN)) == 401
    assert code_of(await send(gateway, form, {**LOGIN, "password": "another"})) == 200


async def test_a_login_opens_only_its_own_account(gateway: Gateway) -> None:
    await change(gateway, username=USERNAME, password_hash=STORED)
    other = await gateway.house.open_account("other")
    account = await gateway.house.account(other)
    await change_account(gateway.house.store, account, username="other", password_hash=hash_password("pw of other"))
    assert code_of(await send(gateway, "json", {"username": "other", "password": "pw of other"})) == 200
    assert code_of(await send(gateway, "json", {"username": "other", "password": PASSWORD})) == 401
    (order,) = await gateway.house.orders()
    assert order.account_id == other


async def test_a_username_or_password_that_is_no_text_opens_nothing(gateway: Gateway) -> None:
    await change(gateway, username="5", password_hash=hash_password("5"))
    assert code_of(await send(gateway, "json", {"username": "5", "password": "5"})) == 200
    odd_ones: list[object] = [5, None, True, ["5"], {}, ""]
    for odd in odd_ones:
        assert code_of(await send(gateway, "json", {"username": odd, "password": "5"})) == 401
        assert code_of(await send(gateway, "json", {"username": "5", "password": odd})) == 401


async def test_no_password_is_ever_logged(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_username: str) -> None:
        raise RuntimeError("as when a disk fails")

    with structlog.testing.capture_logs() as logged:
        await send(gateway, "json", LOGIN)
        monkeypatch.setattr(gateway.house.store, "find_account_by_username", broken)
        assert code_of(await send(gateway, "json", LOGIN)) == 503
    assert [entry["event"] for entry in logged] == ["a request failed"]
    assert PASSWORD not in repr(logged)
    assert USERNAME not in repr(logged)


# switches


@pytest.mark.parametrize("form", FORMATS)
async def test_a_missing_iys_is_refused_only_of_an_account_that_is_strict_about_it(gateway: Gateway, form: str) -> None:
    who = key_of(gateway.house.credentials)
    assert code_of(await send(gateway, form, who, iys=None)) == 200
    await change(gateway, strict_iys=True)
    for nothing in (None, "", " "):
        assert code_of(await send(gateway, form, who, iys=nothing)) == 468
    assert code_of(await send(gateway, form, who, iys="0")) == 200
    await change(gateway, strict_iys=False)
    assert code_of(await send(gateway, form, who, iys=None)) == 200


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_seconds_in_a_date_are_refused_only_of_an_account_that_is_strict_about_them(
    gateway: Gateway, form: str
) -> None:
    who = key_of(gateway.house.credentials)
    assert code_of(await send(gateway, form, who, sendDateTime="31/12/2026 09:00:00")) == 200
    await change(gateway, strict_seconds=True)
    placed = await gateway.house.orders()
    assert code_of(await send(gateway, form, who, sendDateTime="31/12/2026 09:00:00")) == 457
    assert await gateway.house.orders() == placed
    assert code_of(await send(gateway, form, who, sendDateTime="31/12/2026 09:00")) == 200


async def test_order_ids_in_reports_are_numbers_for_clients_that_cannot_read_text(gateway: Gateway) -> None:
    order_id = (await gateway.send(NUMBER)).json()["response"]["order"]["id"]
    as_text = (await gateway.report(order_id)).text
    assert f'"id":"{order_id}"' in as_text
    await change(gateway, int_order_ids=True)
    assert (await gateway.report(order_id)).text == as_text.replace(f'"id":"{order_id}"', f'"id":{order_id}')
    assert isinstance((await gateway.send(NUMBER, text="another")).json()["response"]["order"]["id"], str)


# money


async def test_an_account_in_lira_pays_and_is_told_its_prices_in_lira(gateway: Gateway) -> None:
    who = new_credentials(gateway.house.random.randbytes)
    account = new_account("lira", who, credits_=105_800, senders=["ACME"], in_lira=True, unit_price=372)
    account_id = await open_account(gateway.house.store, account)

    async def balance() -> object:
        return (await gateway.ask("get-balance", {}, who)).json()["response"]["balance"]

    assert await balance() == {"amount": 10.58, "sms": 284}
    message = {"text": "a" * 200, "receipents": {"number": [NUMBER, "5301112234", "12345"]}}
    order: Fields = {"sender": "ACME", "iys": "0", "message": message}
    placed = (await gateway.ask("send-sms", {"order": order}, who)).json()["response"]["order"]
    report = (await gateway.ask("get-report", {"order": placed}, who)).json()["response"]["order"]
    assert report["price"] == "0,1488"
    assert await balance() == {"amount": 10.4312, "sms": 280}
    await change_account(gateway.house.store, replace(account, id=account_id), unit_price=105_000)
    assert code_of(await send(gateway, "json", key_of(who))) == 402
    report = (await gateway.ask("get-report", {"order": placed}, who)).json()["response"]["order"]
    assert report["price"] == "0,1488"


async def test_a_unit_price_of_several_credits_is_taken_for_each_part(gateway: Gateway) -> None:
    await change(gateway, unit_price=3)
    placed = (await gateway.send(NUMBER, text="a" * 200)).json()["response"]["order"]["id"]
    assert (await gateway.report(placed)).json()["response"]["order"]["price"] == 6
    assert (await gateway.house.account()).balance == 100_000 - 6


# limits


async def test_a_body_is_limited_by_what_its_account_may_send(gateway: Gateway) -> None:
    await change(gateway, max_body=2_000)
    other = await gateway.another_account()
    nobody = Credentials("0" * 32, "", "0" * 64)
    filler: Fields = {"filler": "x" * 2_000}
    assert code_of(await gateway.ask("get-balance", {})) == 200
    assert code_of(await gateway.ask("get-balance", filler)) == 400
    assert code_of(await gateway.ask("get-balance", filler, other)) == 200
    assert code_of(await gateway.ask("get-balance", filler, nobody)) == 401


async def test_a_body_follows_the_recipients_that_an_account_may_address(tmp_path: Path) -> None:
    async with running(tmp_path / "teslimat.db", body_limit=20_000_000) as gateway:
        order: Fields = {"order": {"message": {"text": "x" * 9_000_000}}}
        await change(gateway, max_recipients=1_000)
        assert code_of(await gateway.ask("send-sms", order)) == 400
        await change(gateway, max_recipients=50_000)
        assert code_of(await gateway.ask("send-sms", order)) == 450


async def test_a_gateway_reads_bodies_as_large_as_the_account_that_may_send_most(tmp_path: Path) -> None:
    house = await House(tmp_path / "teslimat.db").open()
    store = SqliteStore(house.path, run_inline)
    gateway = WholeGateway(Settings(database=f"sqlite:///{house.path}"), store, SystemClock())

    async def limit_after(**changes: int) -> int:
        await change_account(store, await house.account(), **changes)  # type: ignore[arg-type] # names vary
        await gateway.look()
        return gateway.body_limit

    assert await limit_after() == 10_000_000
    assert await limit_after(max_recipients=1) == 8 * 2**20
    assert await limit_after(max_recipients=100_000) == 20_000_000
    assert await limit_after(max_body=30_000_000) == 30_000_000
    assert await limit_after(max_body=1_024) == 8 * 2**20
    await store.close()
    await house.close()


@pytest.mark.parametrize("form", FORMATS)
async def test_whoever_hands_in_too_many_recipients_is_told_after_how_many_seconds_to_come_again(
    gateway: Gateway, form: str
) -> None:
    who = key_of(gateway.house.credentials)
    await change(gateway, recipients_per_second=2)
    campaign = await gateway.send(*(f"53000000{i:02}" for i in range(10)), text="campaign")
    assert campaign.status_code == 200
    before = await gateway.house.account()
    busy = await send(gateway, form, who)
    assert code_of(busy) == 503
    assert busy.headers["retry-after"] == "5"
    assert "Sunucu geçici olarak servis dışı" in busy.text
    assert await gateway.house.account() == before
    assert len(await gateway.house.orders()) == 1
    gateway.house.clock.advance(4_499)
    assert code_of(await send(gateway, form, who)) == 503
    gateway.house.clock.advance(1)
    assert code_of(await send(gateway, form, who)) == 200
    assert code_of(await gateway.ask("get-balance", {})) == 200


async def test_only_what_was_accepted_counts_against_the_rate(gateway: Gateway) -> None:
    await change(gateway, recipients_per_second=2, iys_code="681294")
    assert code_of(await gateway.send(NUMBER, text="once")) == 200
    for _ in range(5):
        assert code_of(await gateway.send(NUMBER, text="once")) == 451
        assert code_of(await gateway.send("12345")) == 452
    assert code_of(await gateway.send(NUMBER, text="twice")) == 200
    assert code_of(await gateway.send(NUMBER, text="commercial", iys="1", iysList="BIREYSEL")) == 200
    assert code_of(await gateway.send(NUMBER, text="three times")) == 503


async def test_one_account_over_its_rate_holds_up_no_other(gateway: Gateway) -> None:
    other = await gateway.another_account()
    await change(gateway, recipients_per_second=1)
    assert code_of(await gateway.send(NUMBER)) == 200
    assert code_of(await gateway.send(NUMBER, text="again")) == 503
    for _ in range(5):
        assert code_of(await send(gateway, "json", key_of(other))) == 200
