"""Every code that is documented for an endpoint, provoked there."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.conformance.asking import (
    AUTH,
    TODAY,
    TOMORROW,
    ask,
    cancel,
    listing,
    refused,
    report,
    send,
    wrong_fields,
)
from tests.conformance.consents import MEMBER, SAID, create, show
from tests.conformance.contacts import KNOWN, MAKE, OPEN, contact
from tests.conformance.facts import (
    BOTH,
    GET,
    JSON,
    Answer,
    Call,
    Fact,
    NotCovered,
    Raw,
    Row,
    Source,
    Step,
    Variant,
    fact,
)
from tests.conformance.lists import add, delete, no_second
from tests.conformance.lists import listing as blacklist
from tests.conformance.send import by_get
from tests.conformance.steps import left, option, sent
from tests.conformance.transport import IN_BOTH, JSON_ONLY
from tests.conformance.writing import Tree

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source


class Way(NamedTuple):
    """How an endpoint is brought to a code."""

    call: Call
    given: tuple[Step, ...] = ()
    answer: Answer | None = None
    source: Source = DOCS


SENT = (sent(),)
ONE_GROUP, ONE_CONTACT = (OPEN, MAKE), (OPEN, KNOWN)
NO_LIST = wrong_fields(list="list 1 ile 5000 arasında kayıt içeren bir dizi olmalıdır.")
NO_TYPE = wrong_fields(type="type değeri geçersiz.")
LONG_NAME = wrong_fields(name="name en fazla 100 karakter olabilir.")
NO_PHONE = wrong_fields(gsm="gsm geçerli bir cep telefonu numarası değil.")
LISTED: Tree = {"start": TODAY, "end": TODAY}


def edit(**fields: object) -> Call:
    """Change the first contact."""
    return ask("edit-contact", contact={"id": 1, **fields})


WAYS: Mapping[str, Mapping[int, Way]] = {
    "send-sms": {
        402: Way(send(), (left(0),)),
        450: Way(send(sender="X")),
        451: Way(send(), SENT),
        452: Way(send("x")),
        453: Way(send(text="a" * 1067)),
        454: Way(send(text="")),
        457: Way(send(sendDateTime="x")),
        468: Way(send(iys="x")),
        469: Way(send(iys="1"), (MEMBER,)),
        470: Way(send(iys="1", iysList="TACIR")),
        503: Way(send(text="B"), (option(recipients_per_second=1), sent()), refused(503, retry_after="1"), OURS),
    },
    "get-report": {
        455: Way(report("1"), source=SEED),
        456: Way(report(), (sent(sendDateTime=TOMORROW),), source=SEED),
        464: Way(report(page=0), SENT, source=OURS),
    },
    "get-reports": {458: Way(listing("x")), 464: Way(listing(page=0), source=OURS)},
    "get-report-summary": {
        458: Way(ask("get-report-summary", filter={"start": "x"}), source=CLIENTS),
        464: Way(ask("get-report-summary", filter={**LISTED, "page": 0}), source=OURS),
    },
    "cancel-order": {455: Way(cancel(1))},
    "get-sender": {},
    "get-balance": {},
    "get-blacklist": {
        422: Way(blacklist(filter={"start": "x"}), answer=wrong_fields(**no_second("start")), source=CLIENTS),
        464: Way(blacklist(page=0), source=OURS),
    },
    "add-blacklist": {466: Way(add("x"))},
    "delete-blacklist": {466: Way(delete("x")), 474: Way(delete())},
    "consent/create": {403: Way(create(SAID)), 422: Way(create(), (MEMBER,), NO_LIST)},
    "consent/show": {403: Way(show()), 422: Way(show(channel="X"), (MEMBER,), NO_TYPE)},
    "add-group": {
        422: Way(ask("add-group", group={"name": "A" * 101}), (OPEN,), LONG_NAME, OURS),
        461: Way(ask("add-group", group={"name": ""}), (OPEN,)),
        463: Way(ask("add-group", group={"name": "A", "parent": 9}), (OPEN,)),
    },
    "edit-group": {
        422: Way(ask("edit-group", group={"id": 1, "name": "A" * 101}), ONE_GROUP, LONG_NAME, OURS),
        461: Way(ask("edit-group", group={"id": 1, "name": ""}), ONE_GROUP),
        462: Way(ask("edit-group", group={"id": "", "name": "A"}), ONE_GROUP),
        463: Way(ask("edit-group", group={"id": 1, "name": "A", "parent": 9}), ONE_GROUP),
    },
    "delete-group": {463: Way(ask("delete-group", group={"id": 9}), (OPEN,))},
    "get-group": {463: Way(ask("get-group", group={"id": 9}), (OPEN,))},
    "get-groups": {},
    "get-group-contacts": {
        463: Way(ask("get-group-contacts", group={"id": 9}), (OPEN,)),
        464: Way(ask("get-group-contacts", group={"id": 1, "page": 0}), ONE_GROUP, source=OURS),
        465: Way(ask("get-group-contacts", group={"id": 1}), ONE_GROUP),
    },
    "add-contact": {
        422: Way(contact(gsm="x"), (OPEN,), NO_PHONE, OURS),
        463: Way(contact(name="A", groups={"id": 9}), (OPEN,)),
        472: Way(contact(name=""), (OPEN,)),
        473: Way(contact(name="A", custom_fields={"custom_field": [{"id": 9, "value": "x"}]}), (OPEN,)),
    },
    "edit-contact": {
        422: Way(edit(gsm="x"), ONE_CONTACT, NO_PHONE, OURS),
        463: Way(edit(groups={"id": 9}), ONE_CONTACT),
        465: Way(ask("edit-contact", contact={"id": 9, "name": "A"}), (OPEN,), source=OURS),
        472: Way(edit(name="", surname="", email="", gsm=""), ONE_CONTACT, source=OURS),
        473: Way(edit(custom_fields={"custom_field": [{"id": 9, "value": "x"}]}), ONE_CONTACT, source=OURS),
    },
    "delete-contact": {465: Way(ask("delete-contact", contact={"id": 9}), (OPEN,))},
    "get-contact": {465: Way(ask("get-contact", contact={"id": 9}), (OPEN,))},
    "search-contacts": {
        464: Way(ask("search-contacts", search={"key": "Ayşe", "page": 0}), (OPEN,), source=OURS),
        465: Way(ask("search-contacts", search={"key": "Ayşe"}), (OPEN,)),
        471: Way(ask("search-contacts", search={"key": "Ay"}), (OPEN,)),
    },
}
"""By endpoint and code, beside those that every endpoint has."""

BY_GET: Mapping[int, Way] = {
    401: Way(by_get(hash="x")),
    402: Way(by_get(), (left(0),)),
    450: Way(by_get(sender="X")),
    451: Way(by_get(), SENT),
    452: Way(by_get(receipents="x")),
    453: Way(by_get(text="a" * 1067)),
    454: Way(by_get(text="")),
    468: Way(by_get(iys="x")),
    469: Way(by_get(iys="1"), (MEMBER,)),
    470: Way(by_get(iys="1", iysList="TACIR")),
}


def of_endpoint(name: str, variants: tuple[Variant, ...]) -> list[Row]:
    """The codes of an endpoint."""
    unreadable = [
        fact(f"4-{name}-400-{variant}", DOCS, f"{name} answers 400", Raw(path, b"x"), refused(400), variants=(variant,))
        for variant, path in ((Variant.JSON, f"/v1/{name}/json"), (Variant.XML, f"/v1/{name}"))
        if variant in variants
    ]
    wrong_method = [
        fact(
            f"4-{name}-404-{variant}",
            DOCS,
            f"{name} answers 404",
            Raw(path, method="GET"),
            refused(404),
            variants=(variant,),
        )
        for variant, path in ((Variant.JSON, f"/v1/{name}/json"), (Variant.XML, f"/v1/{name}"))
        if variant in variants
    ]
    stranger = fact(
        f"4-{name}-401",
        DOCS,
        f"{name} answers 401",
        ask(name, authentication={**AUTH, "hash": "x"}),
        refused(401),
        variants=variants,
    )
    return [
        *unreadable,
        stranger,
        *wrong_method,
        *(brought(name, code, way, variants) for code, way in WAYS[name].items()),
    ]


def brought(name: str, code: int, way: Way, variants: tuple[Variant, ...]) -> Fact:
    """One code of an endpoint."""
    answer = way.answer or refused(code)
    return fact(
        f"4-{name}-{code}", way.source, f"{name} answers {code}", way.call, answer, *way.given, variants=variants
    )


NEVER = (
    (459, DOCS, "a title without text", "titles are applied for in the panel; there is no such endpoint"),
    (460, DOCS, "a title of more than 11 characters", "the same"),
    (467, DOCS, "documents that are missing", "the same"),
    (419, CLIENTS, "419, 421 to 426 were once listed, and never answered", "no request can show what never comes"),
)

ROWS: list[Row] = [
    *(row for name in IN_BOTH for row in of_endpoint(name, BOTH)),
    *(row for name in JSON_ONLY for row in of_endpoint(name, JSON)),
    fact(
        "4-get-400",
        DOCS,
        "send-sms by GET answers 400",
        Raw("/v1/send-sms/get/?text=%F", method="GET"),
        refused(400),
        variants=GET,
    ),
    fact(
        "4-get-404",
        DOCS,
        "send-sms by GET answers 404",
        Raw("/v1/send-sms/get/", method="POST"),
        refused(404),
        variants=GET,
    ),
    *(
        fact(
            f"4-get-{code}", DOCS, f"send-sms by GET answers {code}", way.call, refused(code), *way.given, variants=GET
        )
        for code, way in BY_GET.items()
    ),
    *(NotCovered(f"4-{code}", source, says, why) for code, source, says, why in NEVER),
]
