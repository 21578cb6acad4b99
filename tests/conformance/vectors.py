"""Whole exchanges that are known, and how this gateway decides where sources disagree."""

from urllib.parse import quote

from tests.acceptance.gateway import Gateway
from tests.acceptance.test_v1_vectors import store_the_seeds_order
from tests.conformance.asking import (
    AUTH,
    FIRST,
    NOW,
    OTHER,
    OTHER_SHOWN,
    PHONE,
    SHOWN,
    WHO,
    accepted,
    ask,
    balance,
    cancel,
    credits_left,
    listing,
    message,
    ok,
    refused,
    report,
    reported,
    send,
    send_messages,
    wrong_fields,
)
from tests.conformance.facts import GET, JSON, XML, Answer, Call, NotCovered, Raw, Row, Source, fact
from tests.conformance.lists import add, listed, no_second
from tests.conformance.lists import listing as blacklist
from tests.conformance.steps import asked, option, sent, several
from tests.conformance.writing import Tree, xml_of

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

SEED_REPORT = (
    '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"order":{"id":"312891245","status":114,"total":1,'
    '"delivered":1,"undelivered":0,"waiting":0,"submitAt":"2026-04-29 04:32:24","sendAt":"2026-04-29 04:32:24",'
    '"sender":"eMarka Test","price":1,"message":[{"number":"+905333128320","status":111}]}}}'
).encode()


def refusal_in_xml(code: int, text: str) -> bytes:
    """A refusal as it was recorded."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<response>\n  <status>\n    <code>{code}</code>\n'
        f"    <message>{text}</message>\n  </status>\n</response>\n"
    ).encode()


V3, V4 = refusal_in_xml(455, "Sipariş bulunamadı"), refusal_in_xml(452, "Mesaj alıcıları hatalı")
FORM = b"data=" + quote(xml_of({"request": {"authentication": AUTH}})).encode()
OLD_GET: Tree = {"key": WHO.key, "hash": WHO.hash, "text": "Merhaba", "receipents": PHONE, "sender": "ACME"}
PAIR = asked(send_messages(message("A", PHONE), message("B", OTHER)))


async def seeds_order(gateway: Gateway) -> None:
    """The order of the seed document is there."""
    await store_the_seeds_order(gateway)


VECTORS: list[Row] = [
    fact(
        "11-01",
        SEED,
        "V1: the documented report",
        report("312891245", page="1", rowCount="1000"),
        Answer(200, {}, SEED_REPORT),
        seeds_order,
        variants=JSON,
    ),
    fact(
        "11-02",
        CLIENTS,
        "V2: the same, asked with numbers",
        report(312891245, page=1, rowCount=1000),
        Answer(200, {}, SEED_REPORT),
        seeds_order,
        variants=JSON,
    ),
    fact(
        "11-03",
        TRAFFIC,
        f"V3: an unknown order in XML, {len(V3)} bytes",
        cancel("1"),
        Answer(455, {}, V3),
        variants=XML,
    ),
    fact(
        "11-04",
        TRAFFIC,
        f"V4: no usable recipient in XML, {len(V4)} bytes",
        send("x"),
        Answer(452, {}, V4),
        variants=XML,
    ),
    fact(
        "11-05",
        CLIENTS,
        "V5: three ways to say now, three orders",
        listing(),
        ok(
            count=3,
            orders=[
                {
                    "id": FIRST + i,
                    "status": 113,
                    "total": 1,
                    "delivered": 0,
                    "undelivered": 0,
                    "waiting": 1,
                    "submitAt": NOW,
                    "sendAt": NOW,
                    "sender": "ACME",
                }
                for i in range(3)
            ],
        ),
        sent(text="A", sendDateTime=[]),
        sent(text="B", sendDateTime=""),
        sent(text="C"),
        variants=JSON,
    ),
    fact(
        "11-06", DOCS, "V6: two messages, one order of two", report(), reported((SHOWN, 110), (OTHER_SHOWN, 110)), PAIR
    ),
    fact(
        "11-07",
        DOCS,
        "V7: the page inside the filter",
        listing(page=2),
        ok(
            count=31,
            orders=[
                {
                    "id": FIRST + 30,
                    "status": 113,
                    "total": 1,
                    "delivered": 0,
                    "undelivered": 0,
                    "waiting": 1,
                    "submitAt": NOW,
                    "sendAt": NOW,
                    "sender": "ACME",
                }
            ],
        ),
        several(31),
        variants=JSON,
    ),
    fact(
        "11-08",
        CLIENTS,
        "V8: dates without a time",
        blacklist(filter={"start": "2024-09-27", "end": "2024-09-27"}),
        wrong_fields(**no_second("start"), **no_second("end")),
    ),
    fact(
        "11-09",
        DOCS,
        "V9: XML in a form",
        Raw("/v1/get-balance", FORM, content_type="application/x-www-form-urlencoded"),
        credits_left(100_000),
        variants=XML,
    ),
    fact(
        "11-10",
        CLIENTS,
        "V10: GET without iys, without a slash at the end",
        Raw(f"/v1/send-sms/get?key={WHO.key}&hash={WHO.hash}&text=A&receipents={PHONE}&sender=ACME", method="GET"),
        accepted(),
        variants=GET,
    ),
    fact(
        "11-11",
        CLIENTS,
        "V10: the same where iys has to be there",
        Call("send-sms", OLD_GET),
        refused(468),
        option(strict_iys=True),
        variants=GET,
    ),
]

DECISIONS: list[Row] = [
    fact("12-01", SEED, "a code is a number", cancel("1"), refused(455), variants=JSON),
    fact("12-02", DOCS, "send-sms: the id is text", send(), accepted(), variants=JSON),
    fact(
        "12-03",
        SEED,
        "get-report: the id is text",
        report(),
        reported((SHOWN, 110), order_id=str(FIRST)),
        sent(),
        variants=JSON,
    ),
    fact(
        "12-04",
        CLIENTS,
        "get-report: the id is a number for accounts that want it",
        report(),
        reported((SHOWN, 110), order_id=FIRST),
        option(int_order_ids=True),
        sent(),
        variants=JSON,
    ),
    fact(
        "12-05",
        DOCS,
        "get-reports: the id is a number",
        listing(),
        ok(
            count=1,
            orders=[
                {
                    "id": FIRST,
                    "status": 113,
                    "total": 1,
                    "delivered": 0,
                    "undelivered": 0,
                    "waiting": 1,
                    "submitAt": NOW,
                    "sendAt": NOW,
                    "sender": "ACME",
                }
            ],
        ),
        sent(),
        variants=JSON,
    ),
    fact(
        "12-06",
        SEED,
        "statuses are numbers, a recipient's number is text",
        report(),
        reported((SHOWN, 110)),
        sent(),
        variants=JSON,
    ),
    fact("12-07", DOCS, "balances are numbers", balance(), credits_left(100_000), variants=JSON),
    fact("12-08", DOCS, "the blacklist's count is a number", blacklist(), listed(), variants=JSON),
    fact("12-09", OURS, "a counter of zero is 0 in XML", report(), reported((SHOWN, 110)), sent(), variants=XML),
    fact("12-10", DOCS, "466 with a dot", add("x"), refused(466)),
    fact("12-11", DOCS, "458 without", listing("x"), refused(458), variants=JSON),
    fact(
        "12-12",
        DOCS,
        "422 with a dot where no fields are told",
        ask("consent/show", consent={"brandCode": 1, "recipient": PHONE, "recipientType": "TACIR", "type": "MESAJ"}),
        refused(422),
        option(iys_code="1"),
        variants=JSON,
    ),
    fact(
        "12-13",
        CLIENTS,
        "422 without one where fields are told",
        blacklist(filter={"end": "x"}),
        wrong_fields(**no_second("end")),
    ),
    fact(
        "12-14", DOCS, "İşlem başarılı has a small b, also by GET", Call("send-sms", OLD_GET), accepted(), variants=GET
    ),
    fact("12-15", DOCS, "messages are Turkish, whatever a client asks for", cancel("1"), refused(455)),
    NotCovered(
        "12-16",
        TRAFFIC,
        "XML of old printed nothing for zero",
        "0 is read by every parser, and the seed document has digits",
    ),
    NotCovered(
        "12-17", TRAFFIC, "sendAt was once the whole minute before submitAt", "the seed document has them equal"
    ),
    NotCovered(
        "12-18", CLIENTS, "one client's model of webhooks has other names", "it never fitted the service's own webhooks"
    ),
    NotCovered(
        "6-01",
        DOCS,
        "every change of a message is posted to the account's address",
        "the gateway asks there, and is not asked: `tests/acceptance/test_webhooks.py` receives them",
    ),
    NotCovered("6-02", DOCS, "the body of a webhook", "the same"),
    NotCovered("6-03", DOCS, "addresses are public and use HTTPS", "the same"),
]

ROWS: list[Row] = [*VECTORS, *DECISIONS]
