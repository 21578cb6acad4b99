"""Who is let in, and which check comes first."""

from argon2 import PasswordHasher

from tests.conformance.asking import (
    AUTH,
    FIRST,
    PHONE,
    WHO,
    accepted,
    ask,
    balance,
    credits_left,
    listing,
    refused,
    report,
    send,
)
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
    fact,
)
from tests.conformance.steps import asked, left, option, sent
from tests.conformance.writing import Tree

SEED, DOCS, TRAFFIC, CLIENTS, OURS = Source

ALL = credits_left(100_000)
LOGIN: Tree = {"username": "905301234567", "password": "parola"}
HAS_LOGIN = option(username="905301234567", password_hash=PasswordHasher(1, 8, 1).hash("parola"))
ELSEWHERE = option(allow_ips=("192.0.2.0/24",))


def shown(number: int, source: Source, says: str, authentication: object, answer: Answer | None = None) -> Fact:
    """What somebody shows in place of the right key and hash; 401 unless told otherwise."""
    as_text = isinstance(authentication, dict) and all(isinstance(value, str) for value in authentication.values())
    asked = ask("get-balance", authentication=authentication)
    return fact(f"2.1-{number:02}", source, says, asked, answer or refused(401), variants=BOTH if as_text else JSON)


def over_get(authentication: Tree) -> Call:
    """A text by GET, as whoever shows these."""
    return Call("send-sms", {**authentication, "text": "Merhaba", "receipents": PHONE, "sender": "ACME"})


CREDENTIALS: list[Row] = [
    shown(1, SEED, "key and hash stand in the request", AUTH, ALL),
    fact("2.1-02", DOCS, "by GET, key and hash stand in the query", over_get(AUTH), accepted(), variants=GET),
    fact(
        "2.1-03",
        TRAFFIC,
        "old clients show a username and a password",
        ask("get-balance", authentication=LOGIN),
        ALL,
        HAS_LOGIN,
    ),
    fact(
        "2.1-04",
        CLIENTS,
        "by GET, username and password stand in the query",
        over_get(LOGIN),
        accepted(),
        HAS_LOGIN,
        variants=GET,
    ),
    fact(
        "2.1-05",
        OURS,
        "an account has no username unless it is given one",
        ask("get-balance", authentication=LOGIN),
        refused(401),
    ),
    fact(
        "2.1-06",
        CLIENTS,
        "beside a username, key and hash count",
        ask("get-balance", authentication={**AUTH, "username": "x", "password": "y"}),
        ALL,
        HAS_LOGIN,
    ),
    fact(
        "2.1-07",
        CLIENTS,
        "beside a wrong hash, a right password does not help",
        ask("get-balance", authentication={**LOGIN, "key": WHO.key, "hash": "wrong"}),
        refused(401),
        HAS_LOGIN,
    ),
    fact(
        "2.1-08",
        OURS,
        "a wrong password",
        ask("get-balance", authentication={**LOGIN, "password": "x"}),
        refused(401),
        HAS_LOGIN,
    ),
    shown(9, DOCS, "a wrong hash", {"key": WHO.key, "hash": "0" * 64}),
    shown(10, DOCS, "a key that is nobody's", {"key": "0" * 32, "hash": WHO.hash}),
    shown(11, DOCS, "an empty key and hash", {"key": "", "hash": ""}),
    shown(12, DOCS, "a hash without a key", {"hash": WHO.hash}),
    shown(13, DOCS, "a key without a hash", {"key": WHO.key}),
    shown(14, DOCS, "an empty block", {}),
    shown(15, OURS, "a number for a key", {"key": 1, "hash": WHO.hash}),
    shown(16, OURS, "null for a hash", {"key": WHO.key, "hash": None}),
    shown(17, OURS, "a list for a key", {"key": [WHO.key], "hash": WHO.hash}),
    shown(18, OURS, "text in place of the block", "key"),
    shown(19, OURS, "null in place of the block", None),
    fact("2.1-20", DOCS, "no block at all", Call("get-balance", {}), refused(401)),
    shown(
        21,
        DOCS,
        "the hash is as it was issued: another case is another hash",
        {"key": WHO.key, "hash": WHO.hash.upper()},
    ),
    fact(
        "2.1-22",
        DOCS,
        "by GET, wrong credentials",
        over_get({"key": WHO.key, "hash": "wrong"}),
        refused(401),
        variants=GET,
    ),
    fact("2.1-23", DOCS, "by GET, no credentials", over_get({}), refused(401), variants=GET),
    NotCovered("2.1-24", DOCS, "HTTP headers hold no credentials", "nothing reads them, so there is nothing to ask"),
    NotCovered(
        "2.1-25", OURS, "hashes are compared in constant time", "no answer shows it; the accounts' own tests do"
    ),
]

GATES: list[Row] = [
    fact(
        "2.2-01",
        SEED,
        "while API access is switched off, every request is 401",
        balance(),
        refused(401),
        option(api_access=False),
    ),
    fact("2.2-02", SEED, "the same for reports", report(), refused(401), sent(), option(api_access=False)),
    fact("2.2-03", DOCS, "the same by GET", over_get(AUTH), refused(401), option(api_access=False), variants=GET),
    fact("2.2-04", DOCS, "an address that the account does not allow is 401", balance(), refused(401), ELSEWHERE),
    fact(
        "2.2-05",
        DOCS,
        "an address that the account allows is let in",
        balance(),
        ALL,
        option(allow_ips=("127.0.0.0/8",)),
    ),
    fact(
        "2.2-06",
        DOCS,
        "whoever shows a username passes the same gates",
        ask("get-balance", authentication=LOGIN),
        refused(401),
        HAS_LOGIN,
        ELSEWHERE,
    ),
    NotCovered("2.3-01", DOCS, "new accounts get 100 credits", "whoever runs a gateway credits its accounts"),
    NotCovered(
        "2.3-02",
        DOCS,
        "the panel, in which all of this is set",
        "the command line takes its place; its own tests cover it",
    ),
]

BAD_DATE: Tree = {"sendDateTime": "soon"}

ORDER_OF_CHECKS: list[Row] = [
    fact(
        "3-01",
        OURS,
        "an unknown address comes before an unreadable body",
        Raw("/v1/nothing/json", b"x"),
        refused(404),
        variants=JSON,
    ),
    fact(
        "3-02",
        OURS,
        "an unreadable body comes before wrong credentials",
        Raw("/v1/send-sms/json", b"{}"),
        refused(400),
        variants=JSON,
    ),
    fact(
        "3-03", OURS, "wrong credentials come before a missing order", ask("send-sms", authentication={}), refused(401)
    ),
    fact(
        "3-04",
        OURS,
        "wrong credentials come before the address book's switch",
        ask("get-groups", authentication={}),
        refused(401),
    ),
    fact(
        "3-05", OURS, "the address book's switch comes before the request's structure", ask("add-group"), refused(404)
    ),
    fact(
        "3-06",
        OURS,
        "structure comes before the date",
        ask("send-sms", order={"sender": "ACME", "sendDateTime": "soon"}),
        refused(400),
    ),
    fact("3-07", OURS, "the date comes before iys", send(iys="2", **BAD_DATE), refused(457)),
    fact("3-08", OURS, "iys comes before its list", send(iys="2", iysList=""), refused(468)),
    fact("3-09", OURS, "the list comes before the account's code", send(iys="1", iysList="X"), refused(469)),
    fact(
        "3-10",
        OURS,
        "the account's code comes before the sender",
        send(iys="1", iysList="TACIR", sender="X"),
        refused(470),
    ),
    fact("3-11", OURS, "the sender comes before an empty text", send(sender="X", text=""), refused(450)),
    fact(
        "3-12",
        OURS,
        "an empty text comes before one that is too long",
        ask(
            "send-sms",
            order={
                "sender": "ACME",
                "message": [
                    {"text": "a" * 2000, "receipents": {"number": [PHONE]}},
                    {"text": "", "receipents": {"number": [PHONE]}},
                ],
            },
        ),
        refused(454),
    ),
    fact("3-13", OURS, "a text that is too long comes before its recipients", send("x", text="a" * 2000), refused(453)),
    fact("3-14", OURS, "recipients come before the balance", send("x"), refused(452), left(0)),
    fact("3-15", OURS, "a duplicate comes before the balance", send(), refused(451), sent(), left(0)),
    fact(
        "3-16",
        OURS,
        "a refused order costs nothing",
        balance(),
        ALL,
        asked(send(sender="X"), 450),
        asked(send("x"), 452),
    ),
    fact(
        "3-17",
        OURS,
        "a refused order takes no id",
        send(),
        accepted(FIRST),
        asked(send(text=""), 454),
        asked(send("x"), 452),
    ),
    fact("3-18", OURS, "a refused order is no order to repeat", send(), accepted(FIRST), asked(send(sender="X"), 450)),
    fact("3-19", OURS, "a page below 1 comes before an unknown order", report("1", page=0), refused(464)),
    fact(
        "3-20",
        OURS,
        "a bad range of days comes before a page below 1",
        listing("x", page=0),
        refused(458),
        variants=JSON,
    ),
    NotCovered("3-21", OURS, "maintenance comes before the body", "a gateway that is down for maintenance is down"),
]

ROWS: list[Row] = [*CREDENTIALS, *GATES, *ORDER_OF_CHECKS]
