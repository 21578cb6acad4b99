"""How dates and numbers may be written."""

from tests.conformance.asking import (
    AUTH,
    NOW,
    OTHER,
    OTHER_SHOWN,
    PHONE,
    SHOWN,
    TOMORROW,
    TOMORROW_SHOWN,
    accepted,
    refused,
    report,
    reported,
    send,
    send_messages,
)
from tests.conformance.facts import GET, JSON, XML, Answer, Call, Fact, Row, Source, Step, fact
from tests.conformance.steps import later, option, sent

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

SCHEDULED = reported((SHOWN, 110), sendAt=TOMORROW_SHOWN)
AT_ONCE = reported((SHOWN, 110))
DUE = later(seconds=16 * 3600)


def sent_at(number: int, source: Source, says: str, answer: Answer, *given: Step) -> Fact:
    """When an order leaves, as its report tells."""
    return fact(f"5.1-{number}", source, says, report(), answer, *given, variants=JSON)


WHEN: list[Row] = [
    sent_at(30, CLIENTS, "an empty date is now", AT_ONCE, sent(sendDateTime="")),
    sent_at(31, DOCS, "an empty list is now", AT_ONCE, sent(sendDateTime=[])),
    sent_at(32, CLIENTS, "no date is now", AT_ONCE, sent()),
    sent_at(33, CLIENTS, "null is now", AT_ONCE, sent(sendDateTime=None)),
    sent_at(34, OURS, "blanks are now", AT_ONCE, sent(sendDateTime=" ")),
    sent_at(35, TRAFFIC, "this minute is now", AT_ONCE, sent(sendDateTime="21/09/2026 17:13")),
    sent_at(36, TRAFFIC, "a past date is now", AT_ONCE, sent(sendDateTime="01/05/2013 10:00")),
    sent_at(
        37,
        CLIENTS,
        "a date with seconds is ignored, and the order leaves at once",
        AT_ONCE,
        sent(sendDateTime=f"{TOMORROW}:00"),
    ),
    sent_at(
        38, DOCS, "a date to come is when it leaves, in Turkey's time", SCHEDULED, sent(sendDateTime=TOMORROW), DUE
    ),
    sent_at(39, DOCS, "the date may stand in a list", SCHEDULED, sent(sendDateTime=[TOMORROW]), DUE),
    sent_at(
        40, OURS, "of several dates the first counts", SCHEDULED, sent(sendDateTime=[TOMORROW, "01/01/2027 00:00"]), DUE
    ),
    fact("5.1-41", DOCS, "an empty element is now", send(sendDateTime=""), accepted(), variants=XML),
    fact("5.1-42", DOCS, "a date in XML", send(sendDateTime=TOMORROW), accepted(), variants=XML),
    *(
        fact(f"5.1-{i}", source, f"{value} is no such date", send(sendDateTime=value), refused(457))
        for i, (source, value) in enumerate(
            (
                (DOCS, "2026-09-22 09:00"),
                (DOCS, "tomorrow"),
                (OURS, "31/02/2027 09:00"),
                (OURS, "22/09/2026"),
                (OURS, "22/09/2026 24:00"),
            ),
            43,
        )
    ),
    fact("5.1-48", OURS, "more than a year ahead", send(sendDateTime="23/09/2027 09:00"), refused(457)),
    fact("5.1-49", OURS, "a year ahead", send(sendDateTime="21/09/2027 17:00"), accepted()),
    fact("5.1-50", OURS, "a number for a date", send(sendDateTime=5), refused(457), variants=JSON),
    fact(
        "5.1-51",
        OURS,
        "an account may want seconds refused",
        send(sendDateTime=f"{TOMORROW}:00"),
        refused(457),
        option(strict_seconds=True),
    ),
    fact(
        "5.1-52",
        DOCS,
        "a report shows nothing of what is scheduled before its time",
        report(),
        refused(456),
        sent(sendDateTime=TOMORROW),
    ),
    fact(
        "5.1-53",
        DOCS,
        "by GET there is no date: one is ignored",
        Call(
            "send-sms", {**AUTH, "text": "Merhaba", "receipents": PHONE, "sender": "ACME", "sendDateTime": "tomorrow"}
        ),
        accepted(),
        variants=GET,
    ),
]


def spelled(number: int, source: Source, written: object, shown_as: object = SHOWN) -> Fact:
    """How a spelling is read, as the report tells."""
    answer = reported((shown_as, 110)) if shown_as == SHOWN else reported((shown_as, 112), (OTHER_SHOWN, 110))
    whom = (written,) if shown_as == SHOWN else (written, OTHER)
    reading = "is that number" if shown_as == SHOWN else "is no number, and shown as it was given"
    return fact(f"1.9-{number:02}", source, f"{written!r} {reading}", report(), answer, sent(*whom), variants=JSON)


NUMBERS: list[Row] = [
    spelled(1, DOCS, "905301234567"),
    spelled(2, DOCS, "+90 530 123 45 67"),
    spelled(3, DOCS, "5301234567"),
    spelled(4, TRAFFIC, "05301234567"),
    spelled(5, OURS, "00905301234567"),
    spelled(6, CLIENTS, 5301234567),
    spelled(7, CLIENTS, 905301234567),
    spelled(8, CLIENTS, ["5301234567"]),
    spelled(9, DOCS, "905999999999", "905999999999"),
    spelled(10, DOCS, "+49172574483311", "+49172574483311"),
    spelled(11, OURS, "2121234567", "2121234567"),
    spelled(12, OURS, "530123456", "530123456"),
    fact("1.9-13", CLIENTS, "a missing number in a list is nothing", send(None), refused(452), variants=JSON),
    fact(
        "1.9-14",
        OURS,
        "one number needs no list",
        send_messages({"text": "A", "receipents": {"number": PHONE}}),
        accepted(),
    ),
    fact("1.9-15", OURS, "empty numbers are left out", report(), AT_ONCE, sent("", PHONE, None), variants=JSON),
    fact(
        "1.8-01",
        DOCS,
        "schedules are Turkey's: the same instant is three hours less in UTC",
        report(),
        SCHEDULED,
        sent(sendDateTime=TOMORROW),
        DUE,
    ),
    fact(
        "1.8-02",
        SEED,
        "times are told as YYYY-MM-DD HH:MM:SS, in Turkey",
        report(),
        reported((SHOWN, 110), submitAt=NOW, sendAt=NOW),
        sent(),
    ),
]

ROWS: list[Row] = [*NUMBERS, *WHEN]
