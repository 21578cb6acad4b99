"""Addresses, bodies and answers, whatever the endpoint."""

from urllib.parse import quote

from tests.conformance.asking import (
    AUTH,
    WHO,
    accepted,
    ask,
    balance,
    credits_left,
    ok,
    refused,
    send,
)
from tests.conformance.facts import JSON, XML, Answer, Fact, NotCovered, Raw, Row, Source, Variant, fact
from tests.conformance.writing import json_of, xml_of

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

BALANCE = json_of({"request": {"authentication": AUTH}})
BALANCE_XML = xml_of({"request": {"authentication": AUTH}})
WITHOUT_PROLOG = BALANCE_XML.partition(b"?>")[2].strip()
ORDER = json_of({"request": send().request})
ALL = credits_left(100_000)
UNKNOWN_XML = xml_of({"request": {"authentication": AUTH, "order": {"id": "1"}}})

IN_BOTH = (
    *("send-sms", "get-report", "cancel-order", "get-sender", "get-balance"),
    *("get-blacklist", "add-blacklist", "delete-blacklist"),
    *("add-group", "edit-group", "delete-group", "get-groups", "get-group-contacts"),
    *("add-contact", "edit-contact", "delete-contact", "get-contact", "search-contacts"),
)
JSON_ONLY = ("get-reports", "get-report-summary", "consent/create", "consent/show", "get-group")


def there(number: int, path: str, variant: Variant) -> Fact:
    """An address is there: without credentials it answers 401 and not 404."""
    body = b'{"request":{}}' if variant is Variant.JSON else b"<request></request>"
    return fact(f"1.2-{number:02}", DOCS, f"POST {path} exists", Raw(path, body), refused(401), variants=(variant,))


ADDRESSES: list[Row] = [
    *(there(i, f"/v1/{name}/json", Variant.JSON) for i, name in enumerate(IN_BOTH + JSON_ONLY, 1)),
    *(there(i, f"/v1/{name}", Variant.XML) for i, name in enumerate(IN_BOTH, 31)),
    fact(
        "1.2-60",
        DOCS,
        "GET /v1/send-sms/get/ exists",
        Raw("/v1/send-sms/get/", method="GET"),
        refused(401),
        variants=(Variant.GET,),
    ),
    *(
        fact(
            f"1.2-{i}",
            DOCS,
            f"{name} has no XML address",
            Raw(f"/v1/{name}", b"<request/>"),
            refused(404),
            variants=XML,
        )
        for i, name in enumerate(("get-reports", "consent/create", "consent/show", "get-group"), 61)
    ),
    *(
        fact(f"1.2-{i}", CLIENTS, f"{name} is withdrawn", Raw(f"/v1/{name}/json", BALANCE), refused(404), variants=JSON)
        for i, name in enumerate(("get-inbox", "add-sender", "get-settings", "add-plugin-user"), 66)
    ),
    *(
        fact(
            f"1.2-{i}",
            DOCS,
            f"{name} is the name of a page of the documentation, and no address",
            Raw(f"/v1/{name}/json", BALANCE),
            refused(404),
            variants=JSON,
        )
        for i, name in enumerate(("iys-register", "iys-check"), 71)
    ),
]

TRANSPORT: list[Row] = [
    NotCovered("1.1-01", SEED, "the service's own host name and its TLS", "whoever runs a gateway has their own"),
    fact(
        "1.1-02",
        TRAFFIC,
        "plain http is served, and never sent elsewhere",
        Raw("/v1/get-balance/json", BALANCE),
        ALL,
        variants=JSON,
    ),
    fact("1.1-03", DOCS, "a JSON address takes JSON", balance(), ALL, variants=JSON),
    fact("1.1-04", DOCS, "an XML address takes XML", balance(), ALL, variants=XML),
    fact(
        "1.1-05",
        OURS,
        "a slash may stand at the end of a JSON address",
        Raw("/v1/get-balance/json/", BALANCE),
        ALL,
        variants=JSON,
    ),
    fact(
        "1.1-06",
        OURS,
        "a slash may stand at the end of an XML address",
        Raw("/v1/get-balance/", BALANCE_XML),
        ALL,
        variants=XML,
    ),
    fact(
        "1.1-07",
        OURS,
        "letter case of an address counts",
        Raw("/v1/Get-Balance/json", BALANCE),
        refused(404),
        variants=JSON,
    ),
    fact(
        "1.1-08",
        OURS,
        "what is no address answers like a wrong method",
        Raw("/v1/nothing/json", BALANCE),
        refused(404),
        variants=JSON,
    ),
    *ADDRESSES,
]


def typed(number: int, source: Source, says: str, content_type: str | None, variant: Variant = Variant.JSON) -> Fact:
    """A content type under which a body is read."""
    path, body = ("/v1/get-balance/json", BALANCE) if variant is Variant.JSON else ("/v1/get-balance", BALANCE_XML)
    return fact(f"1.3-{number:02}", source, says, Raw(path, body, content_type=content_type), ALL, variants=(variant,))


def told(number: int, source: Source, says: str, body: bytes, answer: Answer = ALL) -> Fact:
    """An XML body that is read, or is not."""
    asked = Raw("/v1/get-balance", body, content_type="text/xml")
    return fact(f"1.3-{number:02}", source, says, asked, answer, variants=XML)


def unreadable(number: int, says: str, body: bytes, variant: Variant, source: Source = DOCS) -> Fact:
    """A body that no endpoint can read."""
    path = "/v1/get-balance/json" if variant is Variant.JSON else "/v1/get-balance"
    return fact(f"1.3-{number}", source, says, Raw(path, body), refused(400), variants=(variant,))


ESCAPED = (
    b'{"request":{"authentication":%s,"order":{"sender":"\\u0041CME","message":{"text":"\\u015e\\/\\u0027",'
    % json_of(AUTH)
)
FORM = b"data=" + quote(BALANCE_XML).encode()

BODIES: list[Row] = [
    typed(1, SEED, "JSON is JSON as application/json", "application/json"),
    typed(2, CLIENTS, "JSON is JSON with a charset beside its type", "application/json; charset=utf-8"),
    typed(3, OURS, "JSON is JSON without a content type", None),
    typed(4, OURS, "JSON is JSON under another content type", "text/plain"),
    fact(
        "1.3-05",
        CLIENTS,
        "JSON escapes stand for their characters, also in numbers",
        Raw("/v1/send-sms/json", ESCAPED + b'"receipents":{"number":["\\u002B905301234567"]}}}}}'),
        accepted(),
        variants=JSON,
    ),
    *(
        typed(i, CLIENTS, f"XML is XML as {content_type}", content_type, Variant.XML)
        for i, content_type in enumerate(("text/xml", "text/xml;charset=utf-8", "application/xml"), 6)
    ),
    typed(9, CLIENTS, "raw XML is XML also under the type of a form", "application/x-www-form-urlencoded", Variant.XML),
    typed(10, OURS, "XML is XML without a content type", None, Variant.XML),
    fact(
        "1.3-11",
        DOCS,
        "XML may come percent-encoded in the form field data",
        Raw("/v1/get-balance", FORM, content_type="application/x-www-form-urlencoded"),
        ALL,
        variants=XML,
    ),
    told(12, TRAFFIC, "XML needs no prolog", WITHOUT_PROLOG),
    told(13, CLIENTS, "blanks may stand before the first tag", b"\n  " + WITHOUT_PROLOG),
    told(14, CLIENTS, "blanks may stand before the prolog", b"\n " + BALANCE_XML),
    told(
        15, DOCS, "text may be CDATA", WITHOUT_PROLOG.replace(WHO.hash.encode(), b"<![CDATA[%s]]>" % WHO.hash.encode())
    ),
    told(
        16,
        TRAFFIC,
        "elements that nobody asked for are ignored",
        WITHOUT_PROLOG.replace(b"</request>", b"<order></order></request>"),
    ),
    told(17, OURS, "an element may close itself", WITHOUT_PROLOG.replace(b"</request>", b"<order/></request>")),
    fact(
        "1.3-18",
        OURS,
        "an element of blanks is an empty one",
        Raw("/v1/get-blacklist", WITHOUT_PROLOG.replace(b"</request>", b"<blacklist>\n  </blacklist></request>")),
        ok(blacklist={"count": 0}),
        variants=XML,
    ),
    fact(
        "1.3-19",
        CLIENTS,
        "null in JSON is as good as absent",
        ask("get-balance", order=None, filter=None),
        ALL,
        variants=JSON,
    ),
    fact("1.3-20", CLIENTS, "members that nobody asked for are ignored", ask("get-balance", order={}), ALL),
    fact("1.3-21", DOCS, "text is UTF-8 both ways", send(text="Günaydın İzmir ✓"), accepted()),
    fact(
        "1.3-22",
        OURS,
        "a body of 8 MiB is read",
        Raw("/v1/send-sms/json", ORDER[:-1] + b" " * (8 * 2**20 - len(ORDER)) + b"}"),
        accepted(),
        variants=JSON,
    ),
    fact(
        "1.3-23",
        OURS,
        "a larger body than any account may send is not",
        Raw("/v1/send-sms/json", ORDER + b" " * (8 * 2**20)),
        refused(400),
        variants=JSON,
    ),
    fact(
        "1.3-24", DOCS, "GET on a JSON address", Raw("/v1/get-balance/json", method="GET"), refused(404), variants=JSON
    ),
    fact("1.3-25", DOCS, "GET on an XML address", Raw("/v1/get-balance", method="GET"), refused(404), variants=XML),
    fact(
        "1.3-26",
        DOCS,
        "POST on the GET address",
        Raw("/v1/send-sms/get/", BALANCE_XML),
        refused(404),
        variants=(Variant.GET,),
    ),
    *(
        fact(
            f"1.3-{i}",
            DOCS,
            f"{method} is no method of this API",
            Raw("/v1/get-balance/json", method=method),
            refused(404),
            variants=JSON,
        )
        for i, method in enumerate(("PUT", "DELETE", "PATCH", "OPTIONS"), 27)
    ),
    unreadable(31, "nothing is no JSON request", b"", Variant.JSON),
    unreadable(32, "an object without request is no request", b"{}", Variant.JSON),
    unreadable(33, "a list is no request", b"[]", Variant.JSON),
    unreadable(34, "a request that is no object is none", b'{"request":"x"}', Variant.JSON),
    unreadable(35, "JSON that does not end is no request", b'{"request":{', Variant.JSON),
    unreadable(36, "bytes that are no UTF-8 are no request", b'{"request":{"x":"\xff"}}', Variant.JSON),
    unreadable(37, "XML on a JSON address", BALANCE_XML, Variant.JSON, OURS),
    unreadable(38, "JSON on an XML address", BALANCE, Variant.XML, OURS),
    unreadable(39, "nothing is no XML request", b"", Variant.XML),
    unreadable(40, "a root of another name", b"<response></response>", Variant.XML),
    unreadable(41, "a tag that is not closed", b"<request><order></request>", Variant.XML),
    unreadable(42, "an ampersand that is not escaped", b"<request><order>&</order></request>", Variant.XML),
    unreadable(43, "a tag that is none", b"<request>< /request>", Variant.XML),
    unreadable(
        44,
        "entities of a document's own are not read",
        b'<!DOCTYPE request [<!ENTITY a "b">]><request><order>&a;</order></request>',
        Variant.XML,
        OURS,
    ),
    fact(
        "1.3-45",
        OURS,
        "a byte order mark may stand before JSON",
        Raw("/v1/get-balance/json", b"\xef\xbb\xbf" + BALANCE),
        ALL,
        variants=JSON,
    ),
    told(46, OURS, "a byte order mark may stand before XML", b"\xef\xbb\xbf" + BALANCE_XML),
    told(
        47,
        OURS,
        "credentials within another element are none",
        WITHOUT_PROLOG.replace(b"<request>", b"<request><order>").replace(b"</request>", b"</order></request>"),
        refused(401),
    ),
    told(
        48,
        OURS,
        "more than sixteen elements among the credentials are none",
        WITHOUT_PROLOG.replace(b"</authentication>", b"<x></x>" * 15 + b"</authentication>"),
        refused(401),
    ),
]

ROWS: list[Row] = [*TRANSPORT, *BODIES]
