"""The consent registry over HTTP: what clients tell it and ask it, with the quirks that they know."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.flows.accounts import Credentials
from teslimat_client.contract import Answer, Request
from teslimat_client.contract import Credentials as ApiCredentials
from teslimat_client.contract import consents as contract
from tests.acceptance.gateway import Gateway, application
from tests.acceptance.test_v1_anything import ANYTHING, some
from tests.simulation.house import House

BRAND = 681294
DONE = '{"response":{"status":{"code":200,"message":"İşlem başarılı"}}}'
NOTHING = DONE.removesuffix("}}") + ',"consent":[]}}'
INVALID = {"code": 422, "message": "İstekte gönderilen bazı değerler doğrulanamadı"}
NOW = "2026-09-21 17:13:20"  # by the clock of the house
RECORD: dict[str, object] = {
    "recipient": "+905301234567",
    "recipientType": "BIREYSEL",
    "type": "MESAJ",
    "status": "ONAY",
    "source": "HS_WEB",
    "consentDate": "2026-09-21 10:00:00",
}
QUESTION: dict[str, object] = {"recipient": "+905301234567", "recipientType": "BIREYSEL", "type": "MESAJ"}


@pytest.fixture
async def registry(gateway: Gateway) -> Gateway:
    await gateway.house.join_registry(gateway.house.account_id)
    return gateway


async def create(
    gateway: Gateway, *records: object, brand_code: object = BRAND, who: Credentials | None = None
) -> httpx.Response:
    return await gateway.ask("consent/create", {"consent": {"brandCode": brand_code, "list": records}}, who)


async def show(
    gateway: Gateway, brand_code: object = BRAND, who: Credentials | None = None, **fields: object
) -> httpx.Response:
    return await gateway.ask("consent/show", {"consent": {"brandCode": brand_code, **QUESTION, **fields}}, who)


def code(answer: httpx.Response) -> int:
    assert answer.json()["response"]["status"]["code"] == answer.status_code
    assert set(answer.json()["response"]) == {"status"}
    return answer.status_code


def errors(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422
    assert set(answer.json()["response"]) == {"status", "errors"}
    assert answer.json()["response"]["status"] == INVALID
    found = answer.json()["response"]["errors"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("brand_code", [BRAND, str(BRAND)])
async def test_what_was_told_is_shown_field_by_field(registry: Gateway, brand_code: object) -> None:
    assert (await create(registry, RECORD, brand_code=brand_code)).text == DONE
    record = (
        f'{{"brandCode":{BRAND},"recipient":"+905301234567","recipientType":"BIREYSEL","type":"MESAJ",'
        '"status":"ONAY","source":"HS_WEB","consentDate":"2026-09-21 10:00:00"}'
    )
    assert (await show(registry, brand_code)).text == DONE.removesuffix("}}") + f',"consent":{record}}}}}'


async def test_an_account_without_a_brand_has_no_subscription(gateway: Gateway) -> None:
    assert code(await create(gateway, RECORD)) == 403
    assert code(await create(gateway, "nonsense")) == 403
    assert code(await show(gateway)) == 403
    for endpoint in ("consent/create", "consent/show"):
        for consent in (None, "", [], 1):
            assert code(await gateway.ask(endpoint, {"consent": consent})) == 400


@pytest.mark.parametrize(
    ("channel", "told", "asked", "shown"),
    [
        ("MESAJ", "0530 123 45 67", "5301234567", "+905301234567"),
        ("ARAMA", 905301234567, "+90 530 123 45 67", "+905301234567"),
        ("EPOSTA", " Ayse@Example.COM", "ayse@example.com", "ayse@example.com"),
    ],
)
async def test_a_recipient_is_found_in_any_spelling(
    registry: Gateway, channel: str, told: object, asked: str, shown: str
) -> None:
    assert (await create(registry, {**RECORD, "type": channel, "recipient": told})).text == DONE
    answer = await show(registry, recipient=asked, type=channel)
    assert answer.json()["response"]["consent"]["recipient"] == shown


async def test_the_latest_word_counts_whenever_it_is_told(registry: Gateway) -> None:
    async def status() -> object:
        return (await show(registry)).json()["response"]["consent"]["status"]

    refusal = {**RECORD, "status": "RET", "consentDate": "2026-09-21 11:00:00"}
    await create(registry, refusal, RECORD)
    assert await status() == "RET"
    await create(registry, {**RECORD, "consentDate": "2026-09-21 10:59:59"})
    assert await status() == "RET"
    await create(registry, {**refusal, "status": "ONAY"})
    assert await status() == "ONAY"
    await create(registry, {**RECORD, "consentDate": "2026-09-21 12:00:00"}, refusal)
    assert await status() == "ONAY"


async def test_somebody_unknown_is_refused_and_another_channel_is_an_empty_list(registry: Gateway) -> None:
    assert code(await show(registry)) == 422
    await create(registry, RECORD)
    for other in ({"type": "ARAMA"}, {"recipientType": "TACIR"}):
        assert (await show(registry, **other)).text == NOTHING
    assert code(await show(registry, recipient="5301234568")) == 422
    assert code(await show(registry, recipient="a@example.com", type="EPOSTA")) == 422


@pytest.mark.parametrize("brand_code", [BRAND + 1, "681295", "x", 0, -1, True, [], {}, 6.5, "9" * 40])
async def test_another_brand_is_refused_when_telling_and_an_empty_list_when_asking(
    registry: Gateway, brand_code: object
) -> None:
    assert list(errors(await create(registry, RECORD, brand_code=brand_code))) == ["brandCode"]
    assert (await show(registry, brand_code)).text == NOTHING


async def test_one_bad_record_refuses_the_batch_and_is_named(registry: Gateway) -> None:
    records = [{**RECORD, "recipient": f"53012345{i:02}"} for i in range(6)]
    answer = await create(registry, *records[:3], {**records[3], "status": "EVET"}, "x", {**records[5], "type": None})
    assert errors(answer) == {
        "list.3.status": "status değeri geçersiz.",
        "list.4": "list.4 bir kayıt olmalıdır.",
        "list.5.type": "type alanı gereklidir.",
    }
    for record in records:
        assert code(await show(registry, recipient=record["recipient"])) == 422


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("recipient", value) for value in ("", None, "905999123456", "+49172574483311", "a@example.com", [], 5.3)),
        *(("recipientType", value) for value in ("", None, "bireysel", "BİREYSEL", "TACİR", [], {}, 1)),
        *(("type", value) for value in ("", None, "SMS", "MESAJ ", ["MESAJ"])),
        *(("status", value) for value in ("", None, "onay", True)),
        *(("source", value) for value in ("", None, "WEB", "HS_", "HS_web", "HS_İ", "HS_" + "X" * 62, 1)),
        *(("consentDate", value) for value in ("", None, "2026-09-21", "21/09/2026 10:00", "2026-02-30 10:00:00", 1)),
        *(("consentDate", value) for value in ("2015-04-30 23:59:59", "2026-09-21 17:18:21")),
    ],
)
async def test_a_bad_field_is_named(registry: Gateway, name: str, value: object) -> None:
    assert list(errors(await create(registry, {**RECORD, name: value}))) == [f"list.0.{name}"]
    missing = {key: given for key, given in RECORD.items() if key != name}
    assert errors(await create(registry, missing)) == {f"list.0.{name}": f"{name} alanı gereklidir."}
    if name in QUESTION:
        assert list(errors(await show(registry, **{name: value}))) == [name]
    assert code(await show(registry)) == 422


@pytest.mark.parametrize("date", ["2015-05-01 00:00:00", NOW, "2026-09-21 17:18:20"])
async def test_consents_date_from_2015_up_to_five_minutes_ahead(registry: Gateway, date: str) -> None:
    assert (await create(registry, {**RECORD, "consentDate": date})).text == DONE
    assert (await show(registry)).json()["response"]["consent"]["consentDate"] == date


async def test_a_question_needs_its_brand(registry: Gateway) -> None:
    for brand_code in ("", None):
        assert errors(await show(registry, brand_code)) == {"brandCode": "brandCode alanı gereklidir."}


@pytest.mark.parametrize("records", [None, [], "", {}, RECORD, [RECORD] * 5001])
async def test_a_batch_is_a_list_of_one_to_five_thousand(registry: Gateway, records: object) -> None:
    answer = await registry.ask("consent/create", {"consent": {"brandCode": "x", "list": records}})
    assert list(errors(answer)) == ["brandCode", "list"]
    assert code(await show(registry)) == 422


async def test_no_more_than_fifty_fields_are_named(registry: Gateway) -> None:
    found = errors(await create(registry, *([RECORD] * 4000), *([{}] * 1000)))
    assert len(found) == 50
    assert next(iter(found)) == "list.4000.recipient"


async def test_five_thousand_are_recorded_together(registry: Gateway) -> None:
    records = [{**RECORD, "recipient": str(905_300_000_000 + i)} for i in range(5_000)]
    assert (await create(registry, *records)).text == DONE
    everybody = range(905_300_000_000, 905_300_005_000)
    assert await registry.house.store.consenting(BRAND, "BIREYSEL", everybody) == set(everybody)


async def test_accounts_of_one_brand_share_its_consents_and_others_see_nothing_of_them(registry: Gateway) -> None:
    await create(registry, RECORD)
    who = await registry.another_account()
    assert code(await show(registry, who=who)) == 403
    (stranger,) = [a.id for a in await registry.house.store.accounts() if a.id != registry.house.account_id]
    await registry.house.join_registry(stranger)
    assert (await show(registry, who=who)).json()["response"]["consent"]["status"] == "ONAY"


async def test_the_contract_of_the_client_is_what_goes_over_the_wire(registry: Gateway) -> None:
    who = ApiCredentials(registry.house.credentials.key, registry.house.credentials.hash)

    async def post(endpoint: str, request: msgspec.Struct) -> bytes:
        return (await registry.post(endpoint, msgspec.json.encode(Request(request)))).content

    told = contract.NewConsent("5301234567", "BIREYSEL", "MESAJ", "ONAY", "HS_WEB", "2026-09-21 10:00:00")
    created = await post("consent/create", contract.CreateConsents(who, contract.NewConsents(BRAND, [told])))
    assert created == DONE.encode()
    known = contract.Consent(BRAND, "+905301234567", "BIREYSEL", "MESAJ", "ONAY", "HS_WEB", "2026-09-21 10:00:00")
    for channel, expected in (("MESAJ", known), ("ARAMA", [])):
        query = contract.ConsentQuery(str(BRAND), "5301234567", "BIREYSEL", channel)
        answer = await post("consent/show", contract.ShowConsent(who, query))
        assert msgspec.json.decode(answer, type=Answer[contract.ConsentShown]).response.consent == expected


async def test_the_examples_of_the_documentation_are_answered_as_it_says(registry: Gateway) -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    examples = re.findall(
        r"`POST /v1/(\S+)/json` with\n\n```json\n(.*?)```\n\nanswers\n\n```json\n(.*?)```", page, re.DOTALL
    )
    assert [endpoint for endpoint, _, _ in examples] == ["consent/create"] * 2 + ["consent/show"] * 3
    for endpoint, request, documented in examples:
        asked = json.loads(request)["request"]
        asked.pop("authentication")
        answer = await registry.ask(endpoint, asked)
        assert answer.text == json.dumps(json.loads(documented), ensure_ascii=False, separators=(",", ":"))


def mostly(value: object) -> st.SearchStrategy[object]:
    return st.just(value) | ANYTHING


ONE = some(**{name: mostly(value) for name, value in RECORD.items()})
CONSENT = some(
    brandCode=mostly(BRAND),
    list=ANYTHING | st.lists(ONE, max_size=3),
    **{name: mostly(value) for name, value in QUESTION.items()},
)


def test_any_request_gets_a_documented_answer(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        house = runner.run(House(tmp_path / "teslimat.db").open())
        runner.run(house.join_registry(house.account_id))
        asgi = httpx.ASGITransport(application(house))  # type: ignore[arg-type] # both speak ASGI, in types of their own
        http = httpx.AsyncClient(transport=asgi, base_url="http://gateway")
        who = {"key": house.credentials.key, "hash": house.credentials.hash}

        @given(st.sampled_from(["create", "show"]), some(consent=CONSENT))
        def ask(verb: str, request: object) -> None:
            asked = {**(request if isinstance(request, dict) else {}), "authentication": who}
            body = json.dumps({"request": asked}).encode()
            answer = runner.run(http.post(f"/v1/consent/{verb}/json", content=body))
            assert answer.status_code in {200, 400, 422}

        ask()
        runner.run(http.aclose())
        runner.run(house.close())
