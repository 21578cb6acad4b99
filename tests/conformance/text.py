"""How many parts a text has, and what they cost."""

from tests.conformance.asking import (
    FIRST,
    OTHER,
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
)
from tests.conformance.facts import JSON, Fact, NotCovered, Raw, Row, Source, fact
from tests.conformance.steps import LIRA_WHO, delivered, failed, in_lira, option, sent
from tests.conformance.writing import Tree, json_of

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

LIRA_AUTH: Tree = {"key": LIRA_WHO.key, "hash": LIRA_WHO.hash}
LIRA = in_lira(balance=100_000, unit_price=372)
IN_LIRA = ask("get-report", authentication=LIRA_AUTH, order={"id": FIRST})

LIMITS = {
    "English": ("a", (155, 301, 454, 607, 760, 913, 1066)),
    "Turkish": ("ş", (150, 293, 442, 591, 740, 889, 1038)),
    "Unicode": ("я", (65, 129, 196, 263, 330, 397, 464)),
}
"""A letter that needs the coding, and how many units fit into one to seven parts."""


def text_of(coding: str, units: int) -> str:
    """A text that needs a coding and has so many units; what needs it stands first, the rest are of one unit."""
    letter, _ = LIMITS[coding]
    return letter + "a" * (units - (2 if coding == "Turkish" else 1))


def fits(number: int, coding: str, parts: int) -> Fact:
    """As many units as fit into so many parts."""
    units = LIMITS[coding][1][parts - 1]
    source = DOCS if parts == 1 else OURS
    says = f"{units} units of {coding} are {parts} {'part' if parts == 1 else 'parts'}"
    return fact(
        f"7-{number}", source, says, balance(), credits_left(100_000 - parts), sent(text=text_of(coding, units))
    )


def does_not_fit(number: int, coding: str, parts: int) -> Fact:
    """One unit more than fits."""
    units = LIMITS[coding][1][parts - 1] + 1
    text = text_of(coding, units)
    if parts == 7:
        return fact(
            f"7-{number}", DOCS, f"{units} units of {coding} are more than 7 parts", send(text=text), refused(453)
        )
    left = credits_left(99_999 - parts)
    return fact(
        f"7-{number}", OURS, f"{units} units of {coding} are {parts + 1} parts", balance(), left, sent(text=text)
    )


def costs(number: int, says: str, text: str, parts: int, source: Source = OURS) -> Fact:
    """How many parts a text has."""
    return fact(f"7-{number}", source, says, balance(), credits_left(100_000 - parts), sent(text=text), variants=JSON)


PARTS: list[Row] = [
    *(fits(10 + 10 * i + parts, coding, parts) for i, coding in enumerate(LIMITS) for parts in range(1, 8)),
    *(does_not_fit(40 + 10 * i + parts, coding, parts) for i, coding in enumerate(LIMITS) for parts in range(1, 8)),
    costs(70, "^ { } \\ [ ~ ] | € are two units each", "^{}\\[~]|€" + "a" * 137, 1),
    costs(71, "one more letter beside them is one part more", "^{}\\[~]|€" + "a" * 138, 2),
    costs(72, "ş Ş ğ Ğ ı İ ç are two units each", "şŞğĞıİç" + "a" * 136, 1),
    costs(73, "one more letter beside them is one part more", "şŞğĞıİç" + "a" * 137, 2),
    costs(74, "ö ü Ö Ü Ç are English", "öüÖÜÇ" + "a" * 150, 1),
    costs(75, "a character beyond 16 bits is two units of Unicode", "😀" + "a" * 63, 1),
    costs(76, "one more letter beside it is one part more", "😀" + "a" * 64, 2),
    costs(77, "Turkish and English signs together are Turkish", "ş€" + "a" * 146, 1),
    fact(
        "7-78",
        DOCS,
        "the operator code is counted, and not shown to the client",
        report(),
        reported((SHOWN, 110), price=2),
        sent(text="a" * 156),
    ),
    fact(
        "7-79",
        OURS,
        "half a character can be sent in no coding",
        Raw("/v1/send-sms/json", json_of({"request": send(text="half").request}).replace(b"half", b"\\ud83d")),
        refused(400),
        variants=JSON,
    ),
]
"""A two-unit character at the end of a part can cost a part more than the formula says; no limit above is near one."""

PRICES: list[Row] = [
    fact("7-80", SEED, "prices are whole credits", report(), reported((SHOWN, 110), price=1), sent(), variants=JSON),
    fact("7-81", SEED, "what is delivered stays paid", balance(), credits_left(99_999), sent(), delivered),
    fact("7-82", DOCS, "what is not delivered is free", balance(), credits_left(100_000), sent(), failed),
    fact("7-83", OURS, "a price is of what is not undelivered", report(), reported((SHOWN, 112)), sent(), failed),
    fact("7-84", OURS, "parts times recipients", balance(), credits_left(99_996), sent(PHONE, OTHER, text="a" * 160)),
    fact(
        "7-85",
        OURS,
        "prices of several texts add up",
        balance(),
        credits_left(99_997),
        sent(text="A"),
        sent(text="a" * 160),
    ),
    fact(
        "7-86",
        CLIENTS,
        "accounts in lira have prices of four decimals, behind a comma",
        IN_LIRA,
        reported((SHOWN, 110), price="0,0372"),
        LIRA,
        sent(authentication=LIRA_AUTH),
        variants=JSON,
    ),
    fact(
        "7-87",
        CLIENTS,
        "nothing costs 0,0000",
        IN_LIRA,
        reported((SHOWN, 112), price="0,0000"),
        LIRA,
        sent(authentication=LIRA_AUTH),
        failed,
        variants=JSON,
    ),
    fact(
        "7-88",
        DOCS,
        "the balance of an account in lira is money, and how many parts that pays for",
        ask("get-balance", authentication=LIRA_AUTH),
        ok(balance={"amount": 9.9628, "sms": 267}),
        LIRA,
        sent(authentication=LIRA_AUTH),
    ),
    fact(
        "7-89",
        OURS,
        "credits may cost more than one a part",
        balance(),
        credits_left(99_998),
        option(unit_price=2),
        sent(),
    ),
    fact(
        "7-90",
        DOCS,
        "the operator code is the platform's: a client's own is text like any other",
        send(text="Merhaba B186"),
        accepted(),
    ),
    NotCovered(
        "7-91",
        DOCS,
        "phones show the operator code B186",
        "carriers see it, clients do not; tests of dispatching cover it",
    ),
]

ROWS: list[Row] = [*PARTS, *PRICES]
