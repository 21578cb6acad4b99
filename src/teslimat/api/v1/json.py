"""The JSON form of requests and answers: compact, raw UTF-8, keys in the order of the contract."""

from array import array
from typing import Final

import msgspec

from teslimat.api.v1.answers import PagedReport, Reply, outcome_of
from teslimat.api.v1.envelope import Tree
from teslimat.api.v1.formats import Format, Opened
from teslimat.core.errors import UNAUTHORIZED, UNREADABLE, Refused
from teslimat.core.states import State
from teslimat.flows.accounts import Presented
from teslimat_client.contract import Answer

_encode = msgspec.json.Encoder().encode
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


def open_body(body: bytes) -> Opened:
    """Find the credentials in a body.

    Raises Refused 400 if the body is no JSON object with an object `request`, 401 if its `authentication` is no object
    of scalars.
    Nothing else is built on the way: 8 MiB of empty lists cost a stranger's request 20 ms, not half a second.
    """
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


def _render_report(reply: PagedReport) -> bytes:
    without_rows = _encode(Answer(reply.head))
    page = reply.page
    rows = render_rows(page.numbers, page.odd_numbers, page.states)
    return b"".join((without_rows[: -len(_REPORT_END)], rows, _REPORT_END))


_WIDTH: Final = 12
"""Digits of a Turkish number with its country code."""

_PLACEHOLDER: Final = 10 ** (_WIDTH - 1)
_ROW: Final = b'{"number":"+%d","status":110},' % _PLACEHOLDER
_FIRST_DIGIT: Final = _ROW.index(b"%d" % _PLACEHOLDER)
_NUMBER_FROM: Final = _FIRST_DIGIT - len('"+')
_NUMBER_TO: Final = _FIRST_DIGIT + _WIDTH + len('"')
_STATUS_DIGIT: Final = len(_ROW) - len(b"0},")

_STATUS_DIGITS: Final = bytes.maketrans(
    bytes(State), bytes(ord({State.DELIVERED: "1", State.UNDELIVERED: "2"}.get(state, "0")) for state in State)
)
"""The last digit of 110, 111 or 112, by state."""


def render_rows(numbers: bytes, odd_numbers: dict[int, str], states: bytes) -> bytes:
    """The rows of a report, with commas between them.

    All rows have the same length, so they are copies of one row whose digits are filled in by column: twelve
    strided copies for the numbers and one for the states, whatever the count. That takes a third of the time of
    formatting row by row. The few rows whose number has another length are written one by one afterwards.
    """
    count = len(states)
    if not count:
        return b""
    values = array("Q", numbers).tolist()
    texts = {position: _encode(text) for position, text in odd_numbers.items() if position < count}
    for position in texts:
        values[position] = _PLACEHOLDER
    digits = _encode(values)
    step = _WIDTH + 1
    if len(digits) != count * step + 1 or digits[step:-1:step] != b"," * (count - 1):
        for position, value in enumerate(values):
            if len(str(value)) != _WIDTH:
                texts[position] = b'"+%d"' % value
                values[position] = _PLACEHOLDER
        digits = _encode(values)
    width = len(_ROW)
    rows = bytearray(_ROW * count)
    for column in range(_WIDTH):
        rows[_FIRST_DIGIT + column :: width] = digits[1 + column : -1 : step]
    rows[_STATUS_DIGIT::width] = states.translate(_STATUS_DIGITS)
    rows.pop()
    return _with_texts(rows, texts)


def _with_texts(rows: bytearray, texts: dict[int, bytes]) -> bytes:
    """The same rows, but for some positions with another text in place of the number."""
    pieces: list[bytes | bytearray] = []
    written = 0
    for position in sorted(texts):
        row = position * len(_ROW)
        pieces += (rows[written : row + _NUMBER_FROM], texts[position])
        written = row + _NUMBER_TO
    pieces.append(rows[written:])
    return b"".join(pieces)


JSON: Final = Format(b"application/json; charset=utf-8", open_body, render, refusal)
