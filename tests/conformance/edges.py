"""Limits, and what happens at the edges."""

from tests.conformance.asking import (
    FIRST,
    OTHER,
    PHONE,
    SECOND,
    SHOWN,
    TODAY,
    TOMORROW,
    WHO,
    accepted,
    balance,
    cancel,
    credits_left,
    listing,
    ok,
    refused,
    report,
    reported,
    send,
)
from tests.conformance.facts import JSON, NotCovered, Raw, Row, Source, fact
from tests.conformance.lists import add, delete
from tests.conformance.steps import asked, delivered, handed_over, later, option, sent

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

SLOW = option(recipients_per_second=2)

LIMITS: list[Row] = [
    fact(
        "9-01",
        DOCS,
        "so many transactional recipients a second, if the account has such a limit",
        send(text="B"),
        accepted(SECOND),
        SLOW,
        sent(),
    ),
    fact(
        "9-02",
        OURS,
        "above it: 503, and when to come again",
        send(text="B"),
        refused(503, retry_after="1"),
        SLOW,
        sent(PHONE, OTHER),
    ),
    fact("9-03", DOCS, "recipients count, not requests", send(PHONE, OTHER, "5051234567"), refused(503), SLOW, sent()),
    fact(
        "9-04",
        DOCS,
        "a second later there is room",
        send(text="B"),
        accepted(SECOND),
        SLOW,
        sent(PHONE, OTHER),
        later(seconds=1),
    ),
    fact(
        "9-05",
        OURS,
        "what came too early takes nothing",
        balance(),
        credits_left(99_998),
        SLOW,
        sent(PHONE, OTHER),
        asked(send(text="B"), 503),
    ),
    fact(
        "9-06",
        DOCS,
        "as many recipients as the account may address",
        send(PHONE, OTHER),
        accepted(),
        option(max_recipients=2),
    ),
    fact("9-07", OURS, "one more: 453", send(PHONE, OTHER, "5051234567"), refused(453), option(max_recipients=2)),
    fact(
        "9-08",
        DOCS,
        "50,000 recipients unless changed",
        send(*[f"905311{i:06}" for i in range(50_000)]),
        accepted(),
        variants=JSON,
    ),
    fact(
        "9-09",
        OURS,
        "50,001 are too many",
        send(*[f"905311{i:06}" for i in range(50_001)]),
        refused(453),
        variants=JSON,
    ),
    fact(
        "9-10",
        OURS,
        "an account may have a smaller body",
        Raw(
            "/v1/get-balance/json",
            b'{"request":{"authentication":{"key":"%s","hash":"%s"},"x":"%s"}}'
            % (WHO.key.encode(), WHO.hash.encode(), b"x" * 2000),
        ),
        refused(400),
        option(max_body=2000),
        variants=JSON,
    ),
    NotCovered(
        "9-11",
        DOCS,
        "accounts are limited to 100 recipients a second",
        "off unless the operator sets it: here it is the carrier that sets the pace",
    ),
    NotCovered("9-12", CLIENTS, "clients give up after 30 s", "clients' own affair; answers come within milliseconds"),
]

EDGES: list[Row] = [
    fact("10-01", SEED, "a report that is asked for at once is 113", report(), reported((SHOWN, 110)), sent()),
    fact("10-02", DOCS, "seven parts exactly", send(text="a" * 1066), accepted()),
    fact("10-03", DOCS, "one letter more", send(text="a" * 1067), refused(453)),
    fact("10-04", DOCS, "all numbers bad", send("1", "2"), refused(452)),
    fact("10-05", OURS, "some numbers bad", send("1", PHONE), accepted()),
    fact("10-06", DOCS, "the blacklist, twice added", add(), ok(), asked(add())),
    fact("10-07", DOCS, "the blacklist, twice removed", delete(), refused(474), asked(add()), asked(delete())),
    fact(
        "10-08",
        DOCS,
        "cancelled after it was handed over",
        cancel(),
        refused(455),
        sent(sendDateTime=TOMORROW),
        later(seconds=86_400),
        handed_over,
    ),
    fact("10-09", DOCS, "a range of eleven days", listing("2026-09-10", TODAY), refused(458), variants=JSON),
    fact(
        "10-10", SEED, "an id as text and as a number are the same", report(str(FIRST)), reported((SHOWN, 110)), sent()
    ),
    fact(
        "10-11",
        OURS,
        "a number that is on the blacklist now, and was not when it was sent, is reported as sent",
        report(),
        reported((SHOWN, 111)),
        sent(),
        delivered,
        asked(add()),
    ),
]

ROWS: list[Row] = [*LIMITS, *EDGES]
