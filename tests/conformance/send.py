"""Placing orders."""

from tests.conformance.asking import (
    AUTH,
    FIRST,
    OTHER,
    OTHER_SHOWN,
    PHONE,
    SECOND,
    SHOWN,
    TOMORROW,
    TOMORROW_SHOWN,
    accepted,
    ask,
    balance,
    credits_left,
    message,
    refused,
    report,
    reported,
    send,
    send_messages,
)
from tests.conformance.facts import GET, JSON, XML, Call, NotCovered, Row, Source, fact
from tests.conformance.steps import asked, delivered, later, left, option, sent

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

SCHEDULED = reported((SHOWN, 110), sendAt=TOMORROW_SHOWN)
AT_ONCE = reported((SHOWN, 110))
DUE = later(seconds=16 * 3600)


def by_get(**query: object) -> Call:
    """A text by GET."""
    return Call("send-sms", {**AUTH, "text": "Merhaba", "receipents": PHONE, "sender": "ACME", "iys": "0", **query})


ORDER: list[Row] = [
    fact("5.1-01", DOCS, "an order is answered by its id, digits as text", send(), accepted(), variants=JSON),
    fact("5.1-02", DOCS, "in XML the id is an element of order", send(), accepted(), variants=XML),
    fact("5.1-03", DOCS, "by GET the answer is XML", by_get(), accepted(), variants=GET),
    fact("5.1-04", DOCS, "no order", ask("send-sms"), refused(400)),
    fact("5.1-05", DOCS, "an order that is a list", ask("send-sms", order=[]), refused(400), variants=JSON),
    fact("5.1-06", DOCS, "no message", ask("send-sms", order={"sender": "ACME"}), refused(400)),
    fact(
        "5.1-07", DOCS, "a message may be a list", send_messages(message("A", PHONE), message("B", OTHER)), accepted()
    ),
    fact("5.1-08", OURS, "an empty list of messages", send_messages(), refused(400)),
    fact(
        "5.1-09",
        DOCS,
        "several texts are one order, reported message by message",
        report(),
        reported((SHOWN, 110), (OTHER_SHOWN, 110), (SHOWN, 110)),
        asked(send_messages(message("A", PHONE, OTHER), message("B", PHONE))),
    ),
    fact(
        "5.1-10",
        TRAFFIC,
        "two orders of the same second have ids that follow each other",
        send(text="B"),
        accepted(SECOND),
        sent(),
    ),
    fact("5.1-11", DOCS, "a sender that is approved", send(sender="ACME"), accepted()),
    fact("5.1-12", DOCS, "a sender that is not", send(sender="OTHER"), refused(450)),
    fact("5.1-13", DOCS, "a sender in another case", send(sender="acme"), refused(450)),
    fact("5.1-14", DOCS, "a sender with a blank behind it", send(sender="ACME "), refused(450), variants=JSON),
    fact("5.1-15", DOCS, "a sender of more than 11 characters", send(sender="ACMEACMEACME"), refused(450)),
    fact("5.1-16", CLIENTS, "null for a sender", send(sender=None), refused(450), variants=JSON),
    fact("5.1-17", DOCS, "an empty sender", send(sender=""), refused(450)),
    fact(
        "5.1-18",
        TRAFFIC,
        "a sender of 11 characters with a blank inside",
        send(sender="ILETI MRKZI"),
        accepted(),
        option(senders=("ILETI MRKZI",)),
    ),
    fact("5.1-19", DOCS, "an empty text", send(text=""), refused(454)),
    fact("5.1-20", OURS, "a text of blanks", send(text="  "), refused(454)),
    fact(
        "5.1-21",
        OURS,
        "no text",
        ask("send-sms", order={"sender": "ACME", "message": {"receipents": {"number": PHONE}}}),
        refused(454),
    ),
    fact(
        "5.1-22",
        OURS,
        "one empty text among several refuses them all",
        send_messages(message("A", PHONE), message("", OTHER)),
        refused(454),
    ),
    fact("5.1-23", CLIENTS, "order.encoding of old clients does no harm", send(encoding="gsm0338-tr"), accepted()),
    NotCovered(
        "5.1-24",
        CLIENTS,
        "order.encoding forces a coding",
        "not built: a text gets the cheapest coding that holds it, and no documented client asks for another",
    ),
]


def to(*numbers: object) -> Call:
    """An order to these."""
    return ask("send-sms", order={"sender": "ACME", "iys": "0", "message": message("Merhaba", *numbers)})


WHOM: list[Row] = [
    fact(
        "5.1-60",
        DOCS,
        "no receipents",
        ask("send-sms", order={"sender": "ACME", "message": {"text": "A"}}),
        refused(452),
    ),
    fact("5.1-61", DOCS, "an empty list of numbers", to(), refused(452)),
    fact(
        "5.1-76",
        OURS,
        "an empty list for receipents",
        send_messages({"text": "A", "receipents": []}),
        refused(452),
        variants=JSON,
    ),
    fact("5.1-62", DOCS, "the only number is none", to("x"), refused(452)),
    fact(
        "5.1-63",
        DOCS,
        "the only number is on the blacklist",
        send(),
        refused(452),
        asked(ask("add-blacklist", blacklist={"number": PHONE})),
    ),
    fact(
        "5.1-64",
        SEED,
        "a number that is none counts as undelivered, and costs nothing",
        report(),
        reported(("x", 112), (SHOWN, 110)),
        sent("x", PHONE),
    ),
    fact(
        "5.1-65",
        SEED,
        "a number on the blacklist counts as undelivered, and costs nothing",
        report(),
        reported((OTHER_SHOWN, 112), (SHOWN, 110)),
        asked(ask("add-blacklist", blacklist={"number": OTHER})),
        sent(OTHER, PHONE),
    ),
    fact(
        "5.1-66",
        OURS,
        "the same number twice is one recipient",
        report(),
        AT_ONCE,
        sent(PHONE, f"90{PHONE}", f"+90 {PHONE}"),
    ),
    fact(
        "5.1-67",
        TRAFFIC,
        "the same number in two messages is two recipients",
        report(),
        reported((SHOWN, 110), (SHOWN, 110)),
        asked(send_messages(message("A", PHONE), message("B", PHONE))),
    ),
    fact(
        "5.1-68",
        CLIENTS,
        "the spelling is receipents: recipients is ignored",
        ask("send-sms", order={"sender": "ACME", "message": {"text": "A", "recipients": {"number": [PHONE]}}}),
        refused(452),
    ),
    fact(
        "5.1-69",
        OURS,
        "receipents beside the message are not its",
        ask("send-sms", order={"sender": "ACME", "message": {"text": "A"}, "receipents": {"number": [PHONE]}}),
        refused(452),
    ),
    fact(
        "5.1-70",
        DOCS,
        "by GET, numbers stand between commas",
        by_get(receipents=f"{PHONE},{OTHER}"),
        accepted(),
        variants=GET,
    ),
    fact("5.1-71", DOCS, "by GET, no number", by_get(receipents=""), refused(452), variants=GET),
    fact("5.1-72", DOCS, "by GET, an empty text", by_get(text=""), refused(454), variants=GET),
    fact("5.1-73", DOCS, "by GET, a text is UTF-8", by_get(text="Günaydın İzmir"), accepted(), variants=GET),
    fact("5.1-74", DOCS, "by GET, a sender that is not approved", by_get(sender="OTHER"), refused(450), variants=GET),
    fact("5.1-75", CLIENTS, "by GET, no iys", by_get(iys=None), accepted(), variants=GET),
]

AGAIN: list[Row] = [
    fact("5.1-80", DOCS, "the same text to the same number", send(), refused(451), sent()),
    fact("5.1-81", DOCS, "the same after 9 minutes 59 seconds", send(), refused(451), sent(), later(seconds=599)),
    fact("5.1-82", DOCS, "the same after 10 minutes", send(), accepted(SECOND), sent(), later(seconds=600)),
    fact("5.1-83", DOCS, "another text to the same number", send(text="B"), accepted(SECOND), sent()),
    fact("5.1-84", DOCS, "the same text to another number", send(OTHER), accepted(SECOND), sent()),
    fact(
        "5.1-85",
        OURS,
        "neither spelling nor order of numbers makes an order another",
        send(f"0{OTHER}", f"90{PHONE}"),
        refused(451),
        sent(PHONE, OTHER),
    ),
    fact("5.1-86", OURS, "nor does its schedule", send(sendDateTime=TOMORROW), refused(451), sent()),
    fact(
        "5.1-87", OURS, "nor its sender", send(sender="OTHER"), refused(451), option(senders=("ACME", "OTHER")), sent()
    ),
    fact(
        "5.1-88",
        OURS,
        "nor that it was cancelled",
        send(),
        refused(451),
        sent(sendDateTime=TOMORROW),
        asked(ask("cancel-order", order={"id": FIRST})),
    ),
    fact("5.1-89", OURS, "the same by another variant", by_get(), refused(451), sent(), variants=GET),
]

CREDIT: list[Row] = [
    fact("5.1-90", DOCS, "the balance does not cover the order", send(PHONE, OTHER), refused(402), left(1)),
    fact(
        "5.1-91",
        DOCS,
        "then nothing of it is sent, and nothing is taken",
        balance(),
        credits_left(1),
        left(1),
        asked(send(PHONE, OTHER), 402),
    ),
    fact("5.1-92", OURS, "credits are taken at once", balance(), credits_left(99_998), sent(PHONE, OTHER)),
    NotCovered(
        "5.1-93", DOCS, "APITEST texts are replaced by a fixed one", "its wording is not known, and no answer shows it"
    ),
    fact(
        "5.1-94",
        DOCS,
        "APITEST is every account's",
        send(PHONE, sender="APITEST"),
        accepted(),
        option(test_number=905301234567),
    ),
    fact(
        "5.1-95",
        DOCS,
        "APITEST costs nothing",
        balance(),
        credits_left(100_000),
        option(test_number=905301234567),
        sent(PHONE, sender="APITEST"),
        delivered,
    ),
    fact(
        "5.1-96",
        OURS,
        "APITEST reaches nobody but the account's own number",
        send(OTHER, sender="APITEST"),
        refused(452),
        option(test_number=905301234567),
    ),
    fact("5.1-97", OURS, "APITEST of an account without such a number", send(PHONE, sender="APITEST"), refused(452)),
    fact(
        "5.1-99",
        DOCS,
        "APITEST is for texts with iys 0 only",
        send(PHONE, sender="APITEST", iys="1", iysList="BIREYSEL"),
        refused(450),
        option(test_number=905301234567, iys_code="1"),
    ),
    fact(
        "5.1-100",
        OURS,
        "beside the account's own number, others are undelivered",
        report(),
        reported((SHOWN, 110), (OTHER_SHOWN, 112), sender="APITEST", price=0),
        option(test_number=905301234567),
        sent(PHONE, OTHER, sender="APITEST"),
    ),
    fact(
        "5.1-98",
        OURS,
        "APITEST in another case is any sender",
        send(PHONE, sender="apitest"),
        refused(450),
        option(test_number=905301234567),
    ),
]


ROWS: list[Row] = [*ORDER, *WHOM, *AGAIN, *CREDIT]
