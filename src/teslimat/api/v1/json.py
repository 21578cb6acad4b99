"""The JSON form of requests and answers: compact, raw UTF-8, keys in the order of the contract."""

from typing import Final

import msgspec

from teslimat.api.v1 import rows
from teslimat.api.v1.answers import PagedReport, Reply, outcome_of
from teslimat.api.v1.formats import Format, Opened
from teslimat.api.v1.rows import RowForm
from teslimat.api.v1.values import Tree
from teslimat.core.errors import UNAUTHORIZED, UNREADABLE, Refused
from teslimat.flows.accounts import Presented
from teslimat_client.contract import Answer

_encode = msgspec.json.Encoder().encode
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BYTES_PER_BRACKET: Final = 20
"""Ten brackets for each recipient of the largest order, who needs three with a text of its own."""

_UNDECODABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Head(msgspec.Struct):
    authentication: msgspec.Raw = msgspec.Raw()


class _Skimmed(msgspec.Struct):
    request: _Head


_Scalar = str | int | float | bool | None


class _Shown(msgspec.Struct):
    key: _Scalar = None
    hash: _Scalar = None
    username: _Scalar = None
    password: _Scalar = None


_skim = msgspec.json.Decoder(_Skimmed).decode
_decode_shown = msgspec.json.Decoder(_Shown).decode


def open_body(body: bytes, most_bytes: int) -> Opened:
    """Find the credentials in a body.

    Raises Refused 400 if the body is no JSON object with an object `request`, or has more opening brackets than one for
    every 20 bytes that a body may have; 401 if its `authentication` is no object of scalars.
    Nothing else is built on the way: 8 MiB of empty lists cost a stranger's request 20 ms, not half a second.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK)
    if body.count(b"[") + body.count(b"{") > most_bytes // _BYTES_PER_BRACKET:
        raise Refused(UNREADABLE)
    try:
        body.decode("utf-8")  # the skim looks at no more octets than it must
        authentication = _skim(body).request.authentication
    except _UNDECODABLE:
        raise Refused(UNREADABLE) from None
    try:
        shown = _decode_shown(authentication)
    except _UNDECODABLE:
        raise Refused(UNAUTHORIZED) from None
    return Opened(Presented(*map(_text, msgspec.structs.astuple(shown))), lambda: read(body))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def read(body: bytes) -> Tree:
    """What is under `request`; raises Refused 400 if the body is no JSON object with an object there."""
    try:
        document = msgspec.json.decode(body)
    except _UNDECODABLE:
        raise Refused(UNREADABLE) from None
    request = document.get("request") if isinstance(document, dict) else None
    if not isinstance(request, dict):
        raise Refused(UNREADABLE)
    return request


def refusal(refused: Refused) -> bytes:
    """The body of a refusal: its status, what is wrong with which field, and no payload."""
    return _encode(Answer(outcome_of(refused)))


def render(reply: Reply) -> bytes:
    """The body of an answer that is no refusal."""
    if isinstance(reply, PagedReport):
        return _render_report(reply)
    return _encode(Answer(reply))


_REPORT_END: Final = b"]}}}"
_ROW: Final = RowForm(b'{"number":"', b'","status":', b"},", lambda text: _encode(text)[1:-1])


def _render_report(reply: PagedReport) -> bytes:
    without_rows = _encode(Answer(reply.head))
    page = reply.page
    recipients = render_rows(page.numbers, page.odd_numbers, page.states)
    return b"".join((without_rows[: -len(_REPORT_END)], recipients, _REPORT_END))


def render_rows(numbers: bytes, odd_numbers: dict[int, str], states: bytes) -> bytes:
    """The rows of a report, with commas between them."""
    return rows.render_rows(_ROW, numbers, odd_numbers, states)[:-1]


JSON: Final = Format(b"application/json; charset=utf-8", open_body, render, refusal)
