"""What a row of the table is: something that is known of the wire, and what shows it."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import NamedTuple

from tests.acceptance.gateway import Gateway
from tests.conformance.writing import Tree


class Source(StrEnum):
    """How it is known."""

    SEED = "seed document"
    DOCS = "official documentation"
    TRAFFIC = "recorded traffic"
    CLIENTS = "official client libraries"
    OURS = "our decision"


class Variant(StrEnum):
    """In which form of the API it shows."""

    JSON = "JSON"
    XML = "XML"
    GET = "GET"


BOTH = (Variant.JSON, Variant.XML)
JSON = (Variant.JSON,)
XML = (Variant.XML,)
GET = (Variant.GET,)


class Call(NamedTuple):
    """A request to an endpoint; each variant writes it in its own way."""

    endpoint: str
    request: Tree


class Raw(NamedTuple):
    """A request as it goes on the wire."""

    path: str
    body: bytes = b""
    method: str = "POST"
    content_type: str | None = None


class Answer(NamedTuple):
    """What has to come back: the status, and the body to the octet."""

    code: int
    payload: Tree
    body: bytes | None = None
    """The whole body, where it is known as octets."""
    headers: dict[str, str] | None = None
    """Headers beside the content type."""


Step = Callable[[Gateway], Awaitable[None]]
"""Something that happens before the request."""


class Fact(NamedTuple):
    """A fact that a request shows."""

    id: str
    source: Source
    says: str
    asked: Call | Raw
    answer: Answer
    given: tuple[Step, ...]
    variants: tuple[Variant, ...]


class NotCovered(NamedTuple):
    """A fact that no request shows here, and why."""

    id: str
    source: Source
    says: str
    why: str


Row = Fact | NotCovered


def fact(
    id_: str,
    source: Source,
    says: str,
    asked: Call | Raw,
    answer: Answer,
    *given: Step,
    variants: tuple[Variant, ...] = BOTH,
) -> Fact:
    """A row: who says so, what is asked, what is answered, and what had happened before, in this order."""
    return Fact(id_, source, says, asked, answer, given, variants)


def section_of(row: Row) -> str:
    """The part of the table that a row belongs to: what stands before the dash of its id."""
    return row.id.partition("-")[0]
