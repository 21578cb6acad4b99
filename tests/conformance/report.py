"""Reading reports and lists of orders, and cancelling."""

from tests.conformance.asking import (
    FIRST,
    NOW,
    OTHER,
    OTHER_SHOWN,
    PHONE,
    SECOND,
    SHOWN,
    THIRD,
    THIRD_SHOWN,
    TODAY,
    TOMORROW,
    TOMORROW_SHOWN,
    ask,
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
from tests.conformance.facts import BOTH, JSON, XML, Answer, Fact, Row, Source, Step, Variant, fact
from tests.conformance.steps import (
    asked,
    delivered,
    delivered_the_first,
    failed,
    handed_over,
    later,
    of_a_stranger,
    option,
    sent,
    several,
)
from tests.conformance.writing import Tree

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

WAITING = reported((SHOWN, 110))
THREE = sent(PHONE, OTHER, THIRD)
TOTAL: Tree = {"total": 3, "waiting": 3, "price": 3, "status": 113}
CANCELLED = reported((SHOWN, 112), status=115, sendAt=TOMORROW_SHOWN)
SCHEDULED = sent(sendDateTime=TOMORROW)

REPORT: list[Row] = [
    fact("5.2-01", SEED, "right after sending, everything waits: 113", report(), WAITING, sent()),
    fact("5.2-02", SEED, "what the carrier has and has not told of waits", report(), WAITING, sent(), handed_over),
    fact("5.2-03", SEED, "delivered: 111, and the order 114", report(), reported((SHOWN, 111)), sent(), delivered),
    fact("5.2-04", SEED, "not delivered: 112, and free", report(), reported((SHOWN, 112)), sent(), failed),
    fact(
        "5.2-05",
        SEED,
        "113 as long as one waits",
        report(),
        reported((SHOWN, 111), (OTHER_SHOWN, 110)),
        sent(PHONE, OTHER),
        delivered_the_first,
    ),
    fact(
        "5.2-06",
        SEED,
        "114 says that all is over, not that all was delivered",
        report(),
        reported(("x", 112), (SHOWN, 111)),
        sent("x", PHONE),
        delivered,
    ),
    fact("5.2-07", DOCS, "115: nothing of it was ever handed over", report(), CANCELLED, SCHEDULED, asked(cancel())),
    fact("5.2-08", SEED, "the id may be text", report(str(FIRST)), WAITING, sent(), variants=JSON),
    fact("5.2-09", CLIENTS, "the id may be a number", report(FIRST), WAITING, sent(), variants=JSON),
    fact("5.2-10", OURS, "zeros before an id do not count", report(f"00{FIRST}"), WAITING, sent()),
    fact("5.2-11", SEED, "an id that was never given", report(1), refused(455)),
    fact("5.2-12", SEED, "an order of another account", report(), refused(455), of_a_stranger(send())),
    fact("5.2-13", OURS, "an id that is no number", report("x"), refused(455)),
    fact("5.2-14", OURS, "no id", ask("get-report", order={"page": "1"}), refused(455)),
    fact("5.2-15", OURS, "an empty id", report(""), refused(455)),
    fact("5.2-16", OURS, "no order", ask("get-report"), refused(400)),
    fact("5.2-17", OURS, "an id below 0", report("-5"), refused(455)),
    fact("5.2-18", DOCS, "scheduled for later: 456, and no report", report(), refused(456), SCHEDULED),
    fact(
        "5.2-19",
        SEED,
        "of a scheduled order, sendAt is the planned time",
        report(),
        reported((SHOWN, 110), sendAt=TOMORROW_SHOWN),
        SCHEDULED,
        later(seconds=86_400),
    ),
    fact(
        "5.2-20",
        SEED,
        "otherwise sendAt is submitAt",
        report(),
        reported((SHOWN, 110), sendAt=NOW, submitAt=NOW),
        sent(),
    ),
    fact(
        "5.2-21",
        SEED,
        "the sender is told",
        report(),
        reported((SHOWN, 110), sender="OTHER"),
        option(senders=("OTHER",)),
        sent(sender="OTHER"),
    ),
    fact(
        "5.2-22", SEED, "a long text costs more than 1", report(), reported((SHOWN, 110), price=2), sent(text="a" * 160)
    ),
    fact("5.2-23", SEED, "numbers are shown with +90, whatever was sent", report(), WAITING, sent("905301234567")),
    fact(
        "5.2-24",
        OURS,
        "rows stand in the order in which recipients were given",
        report(),
        reported((THIRD_SHOWN, 110), (SHOWN, 110), (OTHER_SHOWN, 110)),
        sent(THIRD, PHONE, OTHER),
    ),
    fact(
        "5.2-25",
        DOCS,
        "in XML every recipient is a message of the order",
        report(),
        reported((SHOWN, 110), (OTHER_SHOWN, 110)),
        sent(PHONE, OTHER),
        variants=XML,
    ),
]


def paged(
    number: int, source: Source, says: str, answer: Answer, variants: tuple[Variant, ...] = BOTH, **page: object
) -> Fact:
    """A page of the report of three recipients."""
    return fact(f"5.2-{number}", source, says, report(**page), answer, THREE, variants=variants)


def shows(*shown: str) -> Answer:
    """A page with some of the three, and the counters of all."""
    return reported(*[(number, 110) for number in shown], **TOTAL)


ALL_THREE = shows(SHOWN, OTHER_SHOWN, THIRD_SHOWN)
PAST = shows()

PAGES: list[Row] = [
    paged(30, SEED, "page and rowCount may be text", shows(THIRD_SHOWN), page="2", rowCount="2"),
    paged(31, CLIENTS, "page and rowCount may be numbers", shows(OTHER_SHOWN), JSON, page=2, rowCount=1),
    paged(
        32,
        SEED,
        "counters and price are the whole order's, on every page",
        shows(SHOWN, OTHER_SHOWN),
        page=1,
        rowCount=2,
    ),
    paged(33, SEED, "without page and rowCount, the first thousand", ALL_THREE),
    paged(34, CLIENTS, "empty page and rowCount are none", ALL_THREE, page="", rowCount=""),
    paged(35, OURS, "a page past the end is empty", PAST, page=2),
    paged(36, OURS, "also one far past it", PAST, page="9" * 40),
    paged(37, OURS, "page 0", refused(464), page=0),
    paged(38, OURS, "a page below 0", refused(464), page="-1"),
    paged(39, OURS, "a page that is no number is 1", ALL_THREE, page="x"),
    paged(40, OURS, "a rowCount above 1000 is 1000", ALL_THREE, rowCount=5000),
    paged(41, OURS, "a rowCount of 0 is 1000", ALL_THREE, rowCount=0),
    paged(42, OURS, "a rowCount below 0 is 1000", ALL_THREE, rowCount="-3"),
    paged(43, OURS, "a rowCount that is no number is 1000", ALL_THREE, rowCount="x"),
    paged(44, CLIENTS, "row_count is another word, and ignored", ALL_THREE, row_count=1),
    fact(
        "5.2-45",
        SEED,
        "no page has more than a thousand rows",
        report(page=2, rowCount=1500),
        reported(("+905302000000", 110), total=1001, waiting=1001, price=1001),
        sent(*[f"53{i:08}" for i in range(1_000_000, 1_001_000)], "5302000000"),
    ),
    fact(
        "5.2-46",
        TRAFFIC,
        "in a list, zeros are 0 and not empty",
        report(),
        reported((SHOWN, 111)),
        sent(),
        delivered,
        variants=XML,
    ),
]


def summary(order_id: int = FIRST, **fields: object) -> Tree:
    """An order in a list."""
    order: Tree = {
        "id": order_id,
        "status": 113,
        "total": 1,
        "delivered": 0,
        "undelivered": 0,
        "waiting": 1,
        "submitAt": NOW,
        "sendAt": NOW,
        "sender": "ACME",
    }
    return {**order, **fields}


def listed(number: int, source: Source, says: str, answer: Answer, *given: Step, **filters: object) -> Fact:
    """A list of orders, of today unless told otherwise."""
    return fact(f"5.3-{number:02}", source, says, listing(**filters), answer, *given, variants=JSON)


NONE = ok(count=0, orders=[])
ONE = ok(count=1, orders=[summary()])

LISTS: list[Row] = [
    listed(1, DOCS, "orders are listed with ids as numbers, without price and recipients", ONE, sent()),
    listed(
        2, OURS, "orders are listed by id", ok(count=2, orders=[summary(), summary(SECOND)]), sent(), sent(text="B")
    ),
    listed(3, OURS, "no order is an empty list", NONE),
    listed(
        4,
        DOCS,
        "a finished order",
        ok(count=1, orders=[summary(status=114, delivered=1, waiting=0)]),
        sent(),
        delivered,
    ),
    listed(
        5,
        OURS,
        "what is scheduled is listed before its time",
        ok(count=1, orders=[summary(sendAt=TOMORROW_SHOWN)]),
        SCHEDULED,
    ),
    listed(
        6,
        DOCS,
        "a cancelled order",
        ok(count=1, orders=[summary(status=115, undelivered=1, waiting=0, sendAt=TOMORROW_SHOWN)]),
        SCHEDULED,
        asked(cancel()),
    ),
    listed(7, DOCS, "orders of others are not listed", NONE, of_a_stranger(send())),
    listed(8, OURS, "the last day is included", ONE, sent(), start="2026-09-15"),
    listed(9, OURS, "the first day is included", ONE, sent(), end="2026-09-25"),
    listed(
        10,
        OURS,
        "what was submitted before the first day is not listed",
        NONE,
        sent(),
        start="2026-09-22",
        end="2026-09-23",
    ),
    listed(
        11,
        OURS,
        "what was submitted after the last day is not listed",
        NONE,
        sent(),
        start="2026-09-19",
        end="2026-09-20",
    ),
    listed(
        12,
        OURS,
        "days are Turkey's: what comes at its midnight belongs to the new day",
        ok(count=1, orders=[summary(submitAt="2026-09-22 00:00:00", sendAt="2026-09-22 00:00:00")]),
        later(seconds=24_400),
        sent(),
        start="2026-09-22",
        end="2026-09-22",
    ),
    listed(13, CLIENTS, "ten days are allowed", NONE, start="2026-09-11", end=TODAY),
    listed(14, DOCS, "eleven are not", refused(458), start="2026-09-10", end=TODAY),
    listed(15, DOCS, "a first day in another form", refused(458), start="21.09.2026"),
    listed(16, DOCS, "a last day in another form", refused(458), end="21/09/2026"),
    listed(17, OURS, "no first day", refused(458), start=None),
    listed(18, OURS, "no last day", refused(458), end=None),
    listed(19, OURS, "the last day before the first", refused(458), start="2026-09-22"),
    listed(20, OURS, "a day that no calendar has", refused(458), start="2026-09-31", end="2026-10-01"),
    listed(
        21,
        DOCS,
        "thirty orders are a page, and count is all of them",
        ok(count=31, orders=[summary(FIRST + 30)]),
        several(31),
        page=2,
    ),
    fact(
        "5.3-22",
        CLIENTS,
        "the page may stand beside the filter",
        ask("get-reports", filter={"start": TODAY, "end": TODAY}, page=2),
        ok(count=31, orders=[summary(FIRST + 30)]),
        several(31),
        variants=JSON,
    ),
    fact(
        "5.3-23",
        OURS,
        "the page inside the filter wins",
        ask("get-reports", filter={"start": TODAY, "end": TODAY, "page": 2}, page=1),
        ok(count=1, orders=[]),
        sent(),
        variants=JSON,
    ),
    listed(24, OURS, "a page past the end is empty", ok(count=1, orders=[]), sent(), page=2),
    listed(25, OURS, "page 0", refused(464), page=0),
    listed(26, OURS, "a page below 0", refused(464), page=-1),
    listed(27, OURS, "no filter", refused(458), start="", end=""),
    fact(
        "5.3-28",
        CLIENTS,
        "get-report-summary is another name of it",
        ask("get-report-summary", filter={"start": TODAY, "end": TODAY}),
        ONE,
        sent(),
        variants=JSON,
    ),
    fact("5.3-29", OURS, "without a filter", ask("get-reports"), refused(458), variants=JSON),
    fact("5.3-30", CLIENTS, "null for a filter", ask("get-reports", filter=None), refused(458), variants=JSON),
    fact("5.3-31", OURS, "an empty list for a filter", ask("get-reports", filter=[]), refused(458), variants=JSON),
    fact("5.3-32", OURS, "a filter that is none", ask("get-reports", filter="x"), refused(400), variants=JSON),
]


CANCELLING: list[Row] = [
    fact("5.4-01", DOCS, "a scheduled order is cancelled", cancel(str(FIRST)), ok(), SCHEDULED),
    fact("5.4-02", CLIENTS, "the id may be a number", cancel(FIRST), ok(), SCHEDULED, variants=JSON),
    fact("5.4-03", DOCS, "an unknown order", cancel(1), refused(455)),
    fact("5.4-04", DOCS, "another account's order", cancel(), refused(455), of_a_stranger(send(sendDateTime=TOMORROW))),
    fact("5.4-05", DOCS, "an order that was to leave at once", cancel(), refused(455), sent()),
    fact(
        "5.4-06",
        DOCS,
        "an order that the carrier has",
        cancel(),
        refused(455),
        SCHEDULED,
        later(seconds=86_400),
        handed_over,
    ),
    fact("5.4-07", DOCS, "an order that is over", cancel(), refused(455), SCHEDULED, later(seconds=86_400), delivered),
    fact("5.4-08", OURS, "an order that was cancelled", cancel(), refused(455), SCHEDULED, asked(cancel())),
    fact("5.4-09", OURS, "everything comes back", balance(), credits_left(100_000), SCHEDULED, asked(cancel())),
    fact("5.4-10", OURS, "no order", ask("cancel-order"), refused(400)),
    fact(
        "5.4-11",
        DOCS,
        "cancelled: its report is 115, and costs nothing",
        report(),
        CANCELLED,
        SCHEDULED,
        asked(cancel()),
    ),
    fact(
        "5.4-12",
        DOCS,
        "cancelled stays cancelled when its time comes",
        report(),
        CANCELLED,
        SCHEDULED,
        asked(cancel()),
        later(seconds=86_400),
        delivered,
    ),
    fact(
        "5.4-13",
        OURS,
        "due, and not handed over yet, it can still be cancelled",
        cancel(),
        ok(),
        SCHEDULED,
        later(seconds=86_400),
    ),
]

ROWS: list[Row] = [*REPORT, *PAGES, *LISTS, *CANCELLING]
