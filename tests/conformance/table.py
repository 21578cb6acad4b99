"""The whole table, and how it is told in docs/conformance.md."""

from itertools import groupby
from typing import Final

from tests.conformance import (
    access,
    answers,
    codes,
    consents,
    contacts,
    edges,
    lists,
    report,
    send,
    spelling,
    text,
    transport,
    vectors,
)
from tests.conformance.facts import Fact, NotCovered, Row, Source, Variant, section_of

AREAS: Final = (
    transport,
    answers,
    access,
    send,
    spelling,
    report,
    lists,
    consents,
    contacts,
    text,
    codes,
    edges,
    vectors,
)
ROWS: Final[list[Row]] = [row for area in AREAS for row in area.ROWS]
FACTS: Final = [row for row in ROWS if isinstance(row, Fact)]

SECTIONS: Final = {
    "1.1": "Addresses",
    "1.2": "Endpoints",
    "1.3": "Bodies",
    "1.4": "The envelope",
    "1.5": "Status line and headers",
    "1.6": "XML",
    "1.7": "JSON",
    "1.8": "Times",
    "1.9": "Phone numbers",
    "2.1": "Credentials",
    "2.2": "Gates",
    "2.3": "Accounts",
    "3": "Order of checks",
    "4": "Codes of each endpoint",
    "5.1": "send-sms",
    "5.2": "get-report",
    "5.3": "get-reports",
    "5.4": "cancel-order",
    "5.5": "get-sender",
    "5.6": "get-balance",
    "5.7": "get-blacklist",
    "5.8": "add-blacklist and delete-blacklist",
    "5.9": "Registering consents",
    "5.10": "Checking a consent",
    "5.11": "Contacts and groups",
    "6": "Webhooks",
    "7": "Parts and prices",
    "8": "Consent on send",
    "9": "Limits",
    "10": "Edges",
    "11": "Vectors",
    "12": "Where sources disagree",
}

_HEAD: Final = """\
# Conformance

What is known of the v1 wire, fact by fact, and the test that shows that this gateway does it. The table stands in
`tests/conformance`; `python -m tests.conformance` writes this page, and a test holds it to the table. Each covered fact
is a request over HTTP to a new gateway, and an answer that is compared octet by octet.

`pytest tests/conformance -k ID` runs one row. What clients do with the answers is in `tests/acceptance/clients`, which
replays what each of them sends; the gateway's own requests, webhooks, are received in `tests/acceptance`.
"""


def page() -> str:
    """Give the page."""
    parts = [_HEAD, _counts(), *(_section(name, list(rows)) for name, rows in groupby(ordered(), section_of))]
    return "\n".join(parts)


def ordered() -> list[Row]:
    """All rows, section by section."""
    places = list(SECTIONS)
    return sorted(ROWS, key=lambda row: places.index(section_of(row)))


def _counts() -> str:
    lines = ["| known from | facts | covered | not covered |", "| --- | --- | --- | --- |"]
    for source in Source:
        rows = [row for row in ROWS if row.source is source]
        lines.append(_count(source.value, rows))
    lines.append(_count("all", ROWS))
    requests = {variant: sum(variant in row.variants for row in FACTS) for variant in Variant}
    told = ", ".join(f"{count} in {variant}" for variant, count in requests.items())
    return "\n".join([*lines, "", f"The covered ones are shown by {sum(requests.values())} requests: {told}.", ""])


def _count(name: str, rows: list[Row]) -> str:
    covered = sum(isinstance(row, Fact) for row in rows)
    return f"| {name} | {len(rows)} | {covered} | {len(rows) - covered} |"


def _section(name: str, rows: list[Row]) -> str:
    lines = [
        f"## {name} {SECTIONS[name]}",
        "",
        "| fact | known from | shown in | answer | covered by |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *map(_line, rows), ""])


def _line(row: Row) -> str:
    says = row.says.replace("|", "\\|").replace("<", "\\<")
    if isinstance(row, NotCovered):
        return f"| {says} | {row.source} | | | not covered: {row.why} |"
    return f"| {says} | {row.source} | {', '.join(row.variants)} | {row.answer.code} | {row.id} |"
