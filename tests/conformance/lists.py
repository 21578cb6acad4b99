"""What is left, which senders there are, and the blacklist."""

from tests.conformance.asking import (
    OTHER_SHOWN,
    PHONE,
    SHOWN,
    TODAY,
    ask,
    balance,
    credits_left,
    ok,
    refused,
    send,
    wrong_fields,
)
from tests.conformance.facts import BOTH, JSON, XML, Answer, Call, Fact, NotCovered, Row, Source, Step, Variant, fact
from tests.conformance.steps import asked, later, of_a_stranger, option, sent

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source


def add(number: object = PHONE) -> Call:
    """Text a number no more."""
    return ask("add-blacklist", blacklist={"number": number})


def delete(number: object = PHONE) -> Call:
    """Text a number again."""
    return ask("delete-blacklist", blacklist={"number": number})


def listing(**blacklist: object) -> Call:
    """A page of the blacklist."""
    return ask("get-blacklist", blacklist=blacklist)


def listed(*numbers: str, count: int | None = None) -> Answer:
    """A page of the blacklist, which is all of it unless told otherwise."""
    return ok(blacklist={"count": len(numbers) if count is None else count, "number": list(numbers)})


ACCOUNT: list[Row] = [
    fact("5.5-01", DOCS, "senders are a list, also one", ask("get-sender"), ok(senders={"sender": ["ACME"]})),
    fact(
        "5.5-02",
        DOCS,
        "several senders",
        ask("get-sender"),
        ok(senders={"sender": ["ACME", "eMarka Test"]}),
        option(senders=("ACME", "eMarka Test")),
    ),
    fact(
        "5.5-03",
        DOCS,
        "a new account has none",
        ask("get-sender"),
        ok(senders={"sender": []}),
        option(senders=()),
        variants=JSON,
    ),
    fact(
        "5.5-04",
        DOCS,
        "a new account has none, in XML",
        ask("get-sender"),
        ok(senders={}),
        option(senders=()),
        variants=XML,
    ),
    fact(
        "5.5-05",
        OURS,
        "APITEST is not among them",
        ask("get-sender"),
        ok(senders={"sender": ["ACME"]}),
        option(test_number=905301234567),
    ),
    NotCovered(
        "5.5-06",
        DOCS,
        "senders are applied for and approved in the panel",
        "the operator adds them; tests of the command cover it",
    ),
    fact("5.6-01", DOCS, "amount and sms are numbers", balance(), credits_left(100_000), variants=JSON),
    fact("5.6-02", DOCS, "in XML the same elements", balance(), credits_left(100_000), variants=XML),
    fact("5.6-03", DOCS, "of an account in credits, amount is 0", balance(), credits_left(99_999), sent()),
    fact(
        "5.6-04",
        TRAFFIC,
        "an empty order beside the credentials does no harm",
        ask("get-balance", order=""),
        credits_left(100_000),
    ),
]

EMPTY = listed()
TWO: tuple[Step, Step] = (asked(add()), asked(add("5321234567")))

READING: list[Row] = [
    fact("5.7-01", DOCS, "numbers with +90, and how many there are", listing(), listed(SHOWN), asked(add())),
    fact("5.7-02", DOCS, "the block may be missing", ask("get-blacklist"), listed(SHOWN), asked(add())),
    fact("5.7-03", OURS, "an empty blacklist", listing(), EMPTY),
    fact(
        "5.7-04", DOCS, "a page, and the count of all", listing(page=2, rowCount=1), listed(OTHER_SHOWN, count=2), *TWO
    ),
    fact("5.7-05", DOCS, "page and rowCount as text", listing(page="1", rowCount="1"), listed(SHOWN, count=2), *TWO),
    fact("5.7-06", OURS, "a page past the end", listing(page=3), listed(count=2), *TWO),
    fact("5.7-07", OURS, "page 0", listing(page=0), refused(464)),
    fact("5.7-08", OURS, "a rowCount above 1000 is 1000", listing(rowCount=5000), listed(SHOWN), asked(add())),
    fact("5.7-09", OURS, "a rowCount of 0 is 1000", listing(rowCount=0), listed(SHOWN), asked(add())),
    fact("5.7-10", CLIENTS, "null for a filter is none", listing(filter=None), listed(SHOWN), asked(add())),
    fact(
        "5.7-11",
        CLIENTS,
        "page, rowCount and filter beside the block are ignored",
        ask("get-blacklist", page=9, rowCount=1, filter={"start": "x"}),
        listed(SHOWN),
        asked(add()),
    ),
    fact("5.7-12", DOCS, "another account's numbers are not listed", listing(), EMPTY, of_a_stranger(add())),
]


def between(
    number: int, source: Source, says: str, answer: Answer, variants: tuple[Variant, ...] = BOTH, **dates: object
) -> Fact:
    """What was added today at 17:13:20 is in a filter, or is not."""
    return fact(f"5.7-{number}", source, says, listing(filter=dates), answer, asked(add()), variants=variants)


def no_second(field: str) -> dict[str, str]:
    """What the service says of a date that it cannot read."""
    return {field: f"{field} Y-m-d H:i:s biçimi ile eşleşmiyor."}


FILTER: list[Row] = [
    between(20, DOCS, "within the filter", listed(SHOWN), start=f"{TODAY} 17:00:00", end=f"{TODAY} 18:00:00"),
    between(
        21,
        DOCS,
        "before the filter; the count is of what is within",
        EMPTY,
        start=f"{TODAY} 18:00:00",
        end=f"{TODAY} 19:00:00",
    ),
    between(22, CLIENTS, "only a start", listed(SHOWN), start=f"{TODAY} 17:00:00"),
    between(23, CLIENTS, "only an end", EMPTY, end=f"{TODAY} 17:00:00"),
    between(24, CLIENTS, "null is no date", listed(SHOWN), JSON, start=None, end=f"{TODAY} 18:00:00"),
    between(25, DOCS, "an empty date is none", listed(SHOWN), start="", end=""),
    between(
        26,
        OURS,
        "the first and the last second are within",
        listed(SHOWN),
        start=f"{TODAY} 17:13:20",
        end=f"{TODAY} 17:13:20",
    ),
    between(
        27,
        CLIENTS,
        "dates without a time: 422, and which",
        wrong_fields(**no_second("start"), **no_second("end")),
        start=TODAY,
        end=TODAY,
    ),
    between(
        28, OURS, "only what is wrong is told", wrong_fields(**no_second("end")), start=f"{TODAY} 17:00:00", end="x"
    ),
    between(29, OURS, "a day that no calendar has", wrong_fields(**no_second("start")), start="2026-09-31 00:00:00"),
]

BLOCKED: tuple[Row, ...] = (
    fact("5.8-20", DOCS, "a blocked number gets nothing", send(), refused(452), asked(add())),
    fact(
        "5.8-21",
        DOCS,
        "a number that is blocked no more does",
        send(),
        ok(order={"id": "300000000"}),
        asked(add()),
        asked(delete()),
    ),
    fact(
        "5.8-22",
        DOCS,
        "blocking is the account's own affair",
        send(),
        ok(order={"id": "300000000"}),
        of_a_stranger(add()),
    ),
    NotCovered("5.8-23", DOCS, "some blocks cannot be lifted by law", "a local list has none of them"),
)

CHANGING: list[Row] = [
    fact("5.8-01", DOCS, "a number is added", add(), ok()),
    fact("5.8-02", DOCS, "again: nothing changes", add(), ok(), asked(add())),
    fact(
        "5.8-03",
        DOCS,
        "then it is listed once, as of the first time",
        listing(filter={"end": f"{TODAY} 17:13:20"}),
        listed(SHOWN),
        asked(add()),
        later(seconds=60),
        asked(add()),
    ),
    fact("5.8-04", DOCS, "what is no number is not added", add("x"), refused(466)),
    fact("5.8-05", CLIENTS, "an empty number is not added", add(""), refused(466)),
    fact("5.8-06", DOCS, "no mobile prefix", add("905999999999"), refused(466)),
    fact("5.8-07", DOCS, "a number of another country", add("+49172574483311"), refused(466)),
    fact(
        "5.8-08",
        OURS,
        "of a list the first is added",
        listing(),
        listed(SHOWN),
        asked(add([PHONE, "5321234567"])),
        variants=JSON,
    ),
    fact("5.8-09", OURS, "any spelling", listing(), listed(SHOWN), asked(add("0530 123 45 67"))),
    fact("5.8-10", CLIENTS, "a number as a number", add(5301234567), ok(), variants=JSON),
    fact("5.8-11", OURS, "no blacklist in the request", ask("add-blacklist"), refused(400)),
    fact("5.8-12", DOCS, "a number is removed", delete(), ok(), asked(add())),
    fact("5.8-13", DOCS, "one that is not there is not", delete(), refused(474)),
    fact("5.8-14", DOCS, "nor a second time", delete(), refused(474), asked(add()), asked(delete())),
    fact("5.8-15", DOCS, "what is no number is not removed", delete("x"), refused(466)),
    fact("5.8-16", DOCS, "no mobile prefix", delete("905999999999"), refused(466)),
    fact("5.8-17", OURS, "another account's number is not there", delete(), refused(474), of_a_stranger(add())),
    fact("5.8-18", OURS, "no blacklist in the request", ask("delete-blacklist"), refused(400)),
    *BLOCKED,
]

ROWS: list[Row] = [*ACCOUNT, *READING, *FILTER, *CHANGING]
