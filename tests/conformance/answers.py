"""What answers look like, whatever the endpoint."""

from tests.conformance.asking import (
    FIRST,
    PHONE,
    WHO,
    accepted,
    ask,
    cancel,
    ok,
    refused,
    report,
    reported,
    send,
)
from tests.conformance.facts import BOTH, JSON, XML, Answer, NotCovered, Raw, Row, Source, fact
from tests.conformance.steps import option, sent

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

SUCCESS_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<response>\n  <status>\n    <code>200</code>\n'
    "    <message>İşlem başarılı</message>\n  </status>\n"
)

ANSWERS: list[Row] = [
    fact(
        "1.4-01",
        SEED,
        "success is a status with a number and a text, then the payload",
        ask("get-sender"),
        Answer(
            200,
            {},
            '{"response":{"status":{"code":200,"message":"İşlem başarılı"},"senders":{"sender":["ACME"]}}}'.encode(),
        ),
        variants=JSON,
    ),
    fact(
        "1.4-02",
        DOCS,
        "a refusal is a status and no other key",
        report("1"),
        Answer(455, {}, '{"response":{"status":{"code":455,"message":"Sipariş bulunamadı"}}}'.encode()),
        variants=JSON,
    ),
    fact(
        "1.4-03",
        DOCS,
        "XML has the same tree, and the status first",
        ask("get-sender"),
        Answer(200, {}, (SUCCESS_XML + "  <senders>\n    <sender>ACME</sender>\n  </senders>\n</response>\n").encode()),
        variants=XML,
    ),
    fact(
        "1.4-04",
        DOCS,
        "where there is nothing to tell, only the status is told",
        cancel(),
        ok(),
        sent(sendDateTime="22/09/2026 09:00"),
    ),
    fact("1.5-01", TRAFFIC, "the HTTP status is the code, also past 449", cancel("1"), refused(455)),
    NotCovered(
        "1.5-02",
        TRAFFIC,
        "the reason phrase is the Turkish message",
        "no official client reads it, and HTTP/2 has none",
    ),
    NotCovered(
        "1.5-03",
        TRAFFIC,
        "headers against caching, a session cookie",
        "traces of a server's software; no client reads them",
    ),
    NotCovered("1.5-04", TRAFFIC, "successes are compressed for who offers to read that", "for a proxy in front to do"),
    fact(
        "1.5-05",
        OURS,
        "JSON is application/json; charset=utf-8, refusals too",
        cancel("1"),
        refused(455),
        variants=JSON,
    ),
    fact("1.5-06", TRAFFIC, "XML is text/xml; charset=utf-8, refusals too", cancel("1"), refused(455), variants=XML),
    fact(
        "1.5-07",
        CLIENTS,
        "every refusal has a body",
        Raw("/v1/get-balance/json", method="GET"),
        refused(404),
        variants=JSON,
    ),
    fact(
        "1.5-08",
        OURS,
        "401 asks for no other way to authenticate",
        ask("get-balance", authentication={"key": WHO.key, "hash": "wrong"}),
        refused(401),
    ),
    NotCovered(
        "1.5-09",
        DOCS,
        "503 while the service is out of order",
        "nothing fails in these gateways: `tests/acceptance/test_v1_refusals.py` breaks one",
    ),
    fact(
        "1.6-01",
        TRAFFIC,
        "XML is pretty-printed: an element a line, two blanks a level, a line feed at the end",
        report(),
        reported((f"+90{PHONE}", 110)),
        sent(PHONE),
        variants=XML,
    ),
    fact(
        "1.6-02",
        OURS,
        "what could be taken for markup is escaped",
        report(),
        reported(("<b>&", 112), (f"+90{PHONE}", 110)),
        sent("<b>&", PHONE),
        variants=XML,
    ),
    fact("1.7-01", OURS, "JSON is compact, in raw UTF-8", cancel("1"), refused(455), variants=JSON),
    fact(
        "1.7-02",
        CLIENTS,
        "a list of one is a list",
        report(),
        reported((f"+90{PHONE}", 110)),
        sent(PHONE),
        variants=JSON,
    ),
    fact(
        "1.7-03",
        CLIENTS,
        "a list of none is a list",
        ask("get-sender"),
        ok(senders={"sender": []}),
        option(senders=()),
        variants=JSON,
    ),
    fact("1.7-04", CLIENTS, "ids fit into 32 bits", send(), accepted(FIRST), variants=BOTH),
]

ROWS: list[Row] = ANSWERS
