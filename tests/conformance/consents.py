"""The consent registry, and what it means for orders."""

from tests.conformance.asking import (
    OTHER,
    OTHER_SHOWN,
    PHONE,
    SHOWN,
    accepted,
    ask,
    balance,
    credits_left,
    ok,
    refused,
    report,
    reported,
    send,
    wrong_fields,
)
from tests.conformance.facts import (
    BOTH,
    GET,
    JSON,
    Answer,
    Call,
    Fact,
    NotCovered,
    Row,
    Source,
    Step,
    Variant,
    fact,
)
from tests.conformance.lists import no_second
from tests.conformance.send import by_get
from tests.conformance.steps import asked, delivered, option, sent
from tests.conformance.writing import Tree

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

BRAND = 681294
MEMBER = option(iys_code=str(BRAND))
SAID: Tree = {
    "recipient": SHOWN,
    "recipientType": "BIREYSEL",
    "type": "MESAJ",
    "status": "ONAY",
    "source": "HS_WEB",
    "consentDate": "2026-09-20 10:00:00",
}


def create(*records: Tree, brand: object = BRAND) -> Call:
    """Record what people said."""
    return ask("consent/create", consent={"brandCode": brand, "list": list(records)})


def said(**changes: object) -> Tree:
    """What somebody said: that he consents to texts, unless told otherwise."""
    return {**SAID, **changes}


def show(
    recipient: object = SHOWN, kind: object = "BIREYSEL", channel: object = "MESAJ", brand: object = BRAND
) -> Call:
    """Ask what somebody said last."""
    return ask(
        "consent/show", consent={"brandCode": brand, "recipient": recipient, "recipientType": kind, "type": channel}
    )


def shown(**changes: object) -> Answer:
    """What is on record."""
    return ok(consent={"brandCode": BRAND, **said(**changes)})


def invalid(name: str) -> Answer:
    """The refusal of one record with one bad value."""
    return wrong_fields(**{f"list.0.{name}": f"{name} değeri geçersiz."})


def wrong(number: int, source: Source, says: str, record: Tree, answer: Answer) -> Fact:
    """A record that is refused."""
    return fact(f"5.9-{number}", source, says, create(record), answer, MEMBER, variants=JSON)


def registered(number: int, source: Source, says: str, asked_: Call, answer: Answer, *given: Step) -> Fact:
    """Something that a brand's account asks."""
    section = "5.9" if asked_.endpoint == "consent/create" else "5.10"
    return fact(f"{section}-{number:02}", source, says, asked_, answer, MEMBER, *given, variants=JSON)


CREATING: list[Row] = [
    registered(1, DOCS, "a consent is recorded", create(SAID), ok()),
    registered(2, CLIENTS, "the brand's code may be text", create(SAID, brand=str(BRAND)), ok()),
    fact("5.9-03", DOCS, "an account without a brand: 403", create(SAID), refused(403), variants=JSON),
    registered(4, DOCS, "several are recorded", create(SAID, said(recipient=OTHER_SHOWN)), ok()),
    registered(5, DOCS, "5,000 are recorded", create(*[said(recipient=f"+90530{i:07}") for i in range(5000)]), ok()),
    registered(
        6,
        DOCS,
        "5,001 are not",
        create(*[said(recipient=f"+90530{i:07}") for i in range(5001)]),
        wrong_fields(list="list 1 ile 5000 arasında kayıt içeren bir dizi olmalıdır."),
    ),
    registered(
        7, OURS, "none is not", create(), wrong_fields(list="list 1 ile 5000 arasında kayıt içeren bir dizi olmalıdır.")
    ),
    registered(8, OURS, "no consent in the request", ask("consent/create"), refused(400)),
    registered(9, DOCS, "a merchant", create(said(recipientType="TACIR")), ok()),
    registered(10, DOCS, "an e-mail address", create(said(recipient="a@example.com", type="EPOSTA")), ok()),
    registered(11, DOCS, "calls", create(said(type="ARAMA")), ok()),
    registered(12, DOCS, "a refusal", create(said(status="RET")), ok()),
    wrong(13, DOCS, "another recipient type", said(recipientType="X"), invalid("recipientType")),
    wrong(14, DOCS, "another channel", said(type="SMS"), invalid("type")),
    wrong(15, DOCS, "another status", said(status="X"), invalid("status")),
    wrong(16, DOCS, "a source that is none", said(source="WEB"), invalid("source")),
    wrong(17, DOCS, "a number that is none", said(recipient="x"), invalid("recipient")),
    wrong(18, DOCS, "a number where an address belongs", said(type="EPOSTA"), invalid("recipient")),
    wrong(
        19,
        DOCS,
        "a date in another form",
        said(consentDate="20.09.2026"),
        wrong_fields(**{"list.0.consentDate": no_second("consentDate")["consentDate"]}),
    ),
    wrong(
        20,
        DOCS,
        "a date to come",
        said(consentDate="2026-09-22 10:00:00"),
        wrong_fields(**{"list.0.consentDate": "consentDate gelecekte olamaz."}),
    ),
    wrong(
        21,
        DOCS,
        "a date before the law",
        said(consentDate="2015-04-30 10:00:00"),
        wrong_fields(**{"list.0.consentDate": "consentDate 2015-05-01 00:00:00 tarihinden önce olamaz."}),
    ),
    wrong(
        22,
        DOCS,
        "no status",
        {name: value for name, value in SAID.items() if name != "status"},
        wrong_fields(**{"list.0.status": "status alanı gereklidir."}),
    ),
    registered(
        23,
        DOCS,
        "one bad record refuses all: which",
        create(SAID, said(status="X")),
        wrong_fields(**{"list.1.status": "status değeri geçersiz."}),
    ),
    NotCovered(
        "5.9-24",
        DOCS,
        "consents are told within three business days",
        "a rule of the national registry; a local one takes old ones, which it is filled from",
    ),
    NotCovered(
        "5.9-25",
        DOCS,
        "the first word cannot be a refusal, the same word twice is refused",
        "rules of the national registry, which only it can judge",
    ),
]

KNOWN = asked(create(SAID))

SHOWING: list[Row] = [
    registered(1, DOCS, "what is on record, in this order", show(), shown(), KNOWN),
    registered(2, CLIENTS, "the brand's code may be text", show(brand=str(BRAND)), shown(), KNOWN),
    registered(3, CLIENTS, "somebody who never said anything: 422", show(), refused(422)),
    registered(4, CLIENTS, "nothing of this list: an empty list", show(kind="TACIR"), ok(consent=[]), KNOWN),
    registered(5, CLIENTS, "nothing of this channel: an empty list", show(channel="ARAMA"), ok(consent=[]), KNOWN),
    registered(6, CLIENTS, "another brand's code: an empty list", show(brand=1), ok(consent=[]), KNOWN),
    fact("5.10-07", DOCS, "an account without a brand: 403", show(), refused(403), variants=JSON),
    registered(
        8,
        DOCS,
        "a later refusal counts",
        show(),
        shown(status="RET", consentDate="2026-09-21 10:00:00"),
        KNOWN,
        asked(create(said(status="RET", consentDate="2026-09-21 10:00:00"))),
    ),
    registered(
        9,
        OURS,
        "an earlier one does not",
        show(),
        shown(),
        KNOWN,
        asked(create(said(status="RET", consentDate="2026-09-19 10:00:00"))),
    ),
    registered(10, OURS, "any spelling of the number", show(recipient="0530 123 45 67"), shown(), KNOWN),
    registered(11, OURS, "no consent in the request", ask("consent/show"), refused(400)),
    registered(12, DOCS, "no recipient", show(recipient=None), wrong_fields(recipient="recipient alanı gereklidir.")),
    registered(
        13, DOCS, "another recipient type", show(kind="X"), wrong_fields(recipientType="recipientType değeri geçersiz.")
    ),
    registered(14, DOCS, "no brand", show(brand=None), wrong_fields(brandCode="brandCode alanı gereklidir.")),
    registered(
        15,
        DOCS,
        "nothing is recorded of a batch that was refused",
        show(),
        refused(422),
        asked(create(SAID, said(status="X")), 422),
    ),
]


def iys(
    number: int,
    source: Source,
    says: str,
    answer: Answer,
    *given: Step,
    variants: tuple[Variant, ...] = JSON,
    **order: object,
) -> Fact:
    """How an order's consent fields are read."""
    return fact(f"8-{number:02}", source, says, send(**order), answer, *given, variants=variants)


COMMERCIAL: Tree = {"iys": "1", "iysList": "BIREYSEL"}

SENDING: list[Row] = [
    iys(1, DOCS, "0 as text", accepted(), iys="0"),
    iys(2, CLIENTS, "0 as a number", accepted(), iys=0),
    iys(3, DOCS, "1 as text, with a list", accepted(), MEMBER, KNOWN, **COMMERCIAL),
    iys(4, CLIENTS, "1 as a number, with a list", accepted(), MEMBER, KNOWN, iys=1, iysList="BIREYSEL"),
    iys(5, OURS, "true", accepted(), MEMBER, KNOWN, iys=True, iysList="BIREYSEL"),
    iys(6, OURS, "false", accepted(), iys=False),
    iys(7, CLIENTS, "null is as good as missing", accepted(), iys=None),
    iys(8, CLIENTS, "empty is as good as missing", accepted(), iys=""),
    fact(
        "8-09",
        TRAFFIC,
        "missing is 0, for most clients",
        ask("send-sms", order={"sender": "ACME", "message": {"text": "A", "receipents": {"number": PHONE}}}),
        accepted(),
    ),
    iys(10, DOCS, "missing is refused, if the account wants it so", refused(468), option(strict_iys=True), iys=None),
    iys(11, DOCS, "empty is refused, if the account wants it so", refused(468), option(strict_iys=True), iys=""),
    iys(12, DOCS, "2", refused(468), iys="2", variants=BOTH),
    iys(13, DOCS, "a word", refused(468), iys="yes", variants=BOTH),
    iys(14, DOCS, "1 without a list", refused(469), MEMBER, iys="1", variants=BOTH),
    iys(15, CLIENTS, "1 with an empty list", refused(469), MEMBER, iys="1", iysList=""),
    iys(16, DOCS, "1 with another list", refused(469), MEMBER, iys="1", iysList="HERKES"),
    iys(17, OURS, "the list in Turkish capitals", refused(469), MEMBER, iys="1", iysList="BİREYSEL"),
    iys(18, OURS, "the list in small letters", refused(469), MEMBER, iys="1", iysList="bireysel"),
    iys(
        19,
        DOCS,
        "TACIR is a list",
        accepted(),
        MEMBER,
        asked(create(said(recipientType="TACIR"))),
        iys="1",
        iysList="TACIR",
    ),
    iys(20, DOCS, "the account has no code", refused(470), **COMMERCIAL, variants=BOTH),
    iys(21, DOCS, "with 0 the list is ignored", accepted(), iys="0", iysList="X"),
    fact("8-22", DOCS, "by GET", by_get(iys="1", iysList="BIREYSEL"), accepted(), MEMBER, KNOWN, variants=GET),
    fact("8-23", DOCS, "by GET, 2", by_get(iys="2"), refused(468), variants=GET),
    fact("8-24", DOCS, "by GET, 1 without a list", by_get(iys="1"), refused(469), MEMBER, variants=GET),
    fact("8-25", DOCS, "by GET, the account has no code", by_get(iys="1", iysList="TACIR"), refused(470), variants=GET),
    fact(
        "8-26",
        CLIENTS,
        "a recipient without consent is undelivered, and free",
        report(),
        reported((SHOWN, 110), (OTHER_SHOWN, 112)),
        MEMBER,
        KNOWN,
        sent(PHONE, OTHER, **COMMERCIAL),
    ),
    fact(
        "8-27",
        OURS,
        "nobody has consented: accepted, and its report is 115",
        report(),
        reported((OTHER_SHOWN, 112), status=115),
        MEMBER,
        sent(OTHER, **COMMERCIAL),
    ),
    fact("8-28", OURS, "and costs nothing", balance(), credits_left(100_000), MEMBER, sent(OTHER, **COMMERCIAL)),
    fact(
        "8-29",
        OURS,
        "consent on the other list is none",
        report(),
        reported((SHOWN, 112), status=115),
        MEMBER,
        KNOWN,
        sent(iys="1", iysList="TACIR"),
    ),
    fact(
        "8-30",
        OURS,
        "consent to calls is none",
        report(),
        reported((SHOWN, 112), status=115),
        MEMBER,
        asked(create(said(type="ARAMA"))),
        sent(**COMMERCIAL),
    ),
    fact(
        "8-31",
        DOCS,
        "who refused gets nothing",
        report(),
        reported((SHOWN, 112), status=115),
        MEMBER,
        asked(create(said(status="RET"))),
        sent(**COMMERCIAL),
    ),
    fact(
        "8-32",
        DOCS,
        "texts that are not commercial need no consent",
        report(),
        reported((OTHER_SHOWN, 111)),
        MEMBER,
        sent(OTHER),
        delivered,
    ),
    fact(
        "8-33",
        DOCS,
        "with consent it is delivered",
        report(),
        reported((SHOWN, 111)),
        MEMBER,
        KNOWN,
        sent(**COMMERCIAL),
        delivered,
    ),
]

ROWS: list[Row] = [*CREATING, *SHOWING, *SENDING]
