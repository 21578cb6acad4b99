"""The XML form of requests and answers.

A request is read as a tree: an element that holds elements is an object, one that is repeated is a list, any other is
its text. Attributes, namespaces, and text beside elements mean nothing. There are no document types, so there are no
entities but the five that XML has itself, and nothing is ever fetched.

An answer is indented, one element per line, the status first: plugins search it line by line.

Expat reads, for it calls back and keeps nothing. libxml2 keeps every name that it ever met for as long as the process
lives: whoever makes names up could fill the memory.
"""

import re
from typing import Final
from xml.parsers import expat

import msgspec

from teslimat.api.v1.answers import PagedReport, Reply, outcome_of
from teslimat.api.v1.fields import decode
from teslimat.api.v1.formats import Format, Opened
from teslimat.api.v1.rows import RowForm, render_rows
from teslimat.api.v1.values import Tree
from teslimat.core.errors import UNAUTHORIZED, UNREADABLE, Refused
from teslimat.flows.accounts import Presented
from teslimat_client.contract import Answer

# Reading

_BYTES_PER_MARK: Final = 20
"""Ten tags for each recipient of the largest order, who needs nine with a text of its own."""

_BYTES_PER_ATTRIBUTE: Final = 100
"""Requests need none. The parser takes longer with those of one tag than with as many elements."""

_MOST_NAMES: Final = 1000
"""Different names of elements and attributes in a document, up to where it was read; requests need thirty."""

_MOST_SHOWN: Final = 16
"""Elements in `authentication`; clients send two."""

_DEEPEST: Final = 32
"""How many elements may stand within each other; requests need five."""

_BLANKS: Final = b" \t\r\n"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_FIELD: Final = b"data="
_ONLY_IN_UTF_16: Final = b"\0"
"""The parser would read UTF-16 as well, and each of its tags has this."""


def open_body(body: bytes, most_bytes: int) -> Opened:
    """Find the credentials in a body: a document, or a form whose first field is `data` and holds one.

    Raises Refused 400 if it is no well-formed UTF-8, has a document type or another root than `request`, or has more
    tags, attributes or different names than any order needs; 401 if there is no element `authentication` right under
    the root, or one without elements or with more than sixteen.
    Nothing else is built on the way: whatever a stranger sends costs no more than to see that it is well-formed.
    """
    document = _document(body)
    attributes = _attributes(document)
    if (
        _ONLY_IN_UTF_16 in document
        or _tags(document) + attributes > most_bytes // _BYTES_PER_MARK
        or attributes > most_bytes // _BYTES_PER_ATTRIBUTE
    ):
        raise Refused(UNREADABLE)
    shown = _find(document, _CREDENTIALS, _MOST_SHOWN)
    if not isinstance(shown, dict):
        raise Refused(UNAUTHORIZED)
    return Opened(Presented(*(_text(shown.get(name)) for name in Presented.__struct_fields__)), lambda: read(document))


def read(document: bytes) -> Tree:
    """What is under `request`; raises Refused 400 if the document is not well-formed, or its root is not `request`."""
    request = _find(document, _ROOT, len(document))
    return request if isinstance(request, dict) else {}


def _document(body: bytes) -> bytes:
    """The document in a body, without the blanks that may not stand before a prolog but do."""
    body = _without_blanks(body)
    if not body.startswith(_FIELD):
        return body
    document = body.removeprefix(_FIELD)
    if b"<" not in document:  # else it was never encoded, which some clients forget
        try:
            document = decode(document.partition(b"&")[0])
        except ValueError:
            raise Refused(UNREADABLE) from None
    return _without_blanks(document)


def _without_blanks(body: bytes) -> bytes:
    return body.lstrip(_BLANKS).removeprefix(_BYTE_ORDER_MARK).lstrip(_BLANKS)


def _tags(document: bytes) -> int:
    """Tags, no less than there are; an empty element has two, however it is written."""
    return document.count(b"<") + document.count(b"/>")


def _attributes(document: bytes) -> int:
    """Attributes, no less than there are."""
    tight = document.translate(None, _BLANKS)
    return tight.count(b'="') + tight.count(b"='")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


_ROOT: Final = "request"
_CREDENTIALS: Final = "authentication"


def _find(document: bytes, wanted: str, most: int) -> object:
    """The root, or the first element of a name right under it, as a tree; None if there is none.

    None also if there are more than so many elements in it. Raises Refused 400.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.ordered_attributes = True
    search = _Search(parser, wanted, most)
    parser.StartDoctypeDeclHandler = search.refuse
    parser.StartElementHandler = search.root
    try:
        parser.Parse(document, True)  # noqa: FBT003 - it takes no names
    except (expat.ExpatError, UnicodeDecodeError):
        raise Refused(UNREADABLE) from None
    finally:
        search.leave_off()
        parser.StartDoctypeDeclHandler = None
    return search.found


class _Search:
    """What a parser calls: passes over elements up to the wanted one, makes a tree of that, and passes over the rest.

    What comes after is read at the parser's own speed, for it calls nothing any more.
    """

    __slots__ = ("_around", "_depth", "_inside", "_left", "_names", "_parser", "_text", "_wanted", "found")

    def __init__(self, parser: expat.XMLParserType, wanted: str, most: int) -> None:
        self.found: object = None
        self._parser = parser
        self._names = parser.intern
        self._wanted = wanted
        self._left = most
        """How many elements more there may be in the wanted one."""
        self._depth = 0
        """Of elements that are passed over: how many are open within the root."""
        self._around: list[Tree | None] = []
        """What is known of each open element but the innermost: its elements so far, None before the first."""
        self._inside: Tree | None = None
        """The same of the innermost."""
        self._text: str | list[str] = ""
        """Its text so far; a list once there is a second piece."""

    def refuse(self, *_: object) -> None:
        raise Refused(UNREADABLE)

    def root(self, name: str, _attributes: object) -> None:
        if _local(name) != _ROOT:
            raise Refused(UNREADABLE)
        if self._wanted == _ROOT:
            self.begin()
        else:
            self._parser.StartElementHandler = self.pass_over
            self._parser.EndElementHandler = self.passed_over

    def pass_over(self, name: str, _attributes: object) -> None:
        if len(self._names) > _MOST_NAMES:
            raise Refused(UNREADABLE)
        if self._depth == 0 and _local(name) == self._wanted:
            self.begin()
        else:
            self._depth += 1

    def passed_over(self, _name: str) -> None:
        self._depth -= 1

    def begin(self) -> None:
        self._parser.StartElementHandler = self.start
        self._parser.EndElementHandler = self.end
        self._parser.CharacterDataHandler = self.text
        self._around.append(None)

    def start(self, _name: str, _attributes: object) -> None:
        if len(self._around) == _DEEPEST or len(self._names) > _MOST_NAMES:
            raise Refused(UNREADABLE)
        if not self._left:
            self.leave_off()
            return
        self._left -= 1
        self._around.append(self._inside)
        self._inside = None
        self._text = ""

    def text(self, piece: str) -> None:
        if not self._text:
            self._text = piece
        elif isinstance(self._text, list):
            self._text.append(piece)
        else:
            self._text = [self._text, piece]

    def end(self, name: str) -> None:
        text = self._text if isinstance(self._text, str) else "".join(self._text)
        # Blanks alone are how an empty element looks in a document that was indented.
        value = ("" if text.isspace() else text) if self._inside is None else self._inside
        inside = self._inside = self._around.pop()
        if not self._around:
            self.found = value
            self.leave_off()
            return
        name = _local(name)
        if inside is None:
            self._inside = {name: value}
        elif name not in inside:
            inside[name] = value
        elif isinstance(others := inside[name], list):  # it is ours: what is read is a text or an object
            others.append(value)
        else:
            inside[name] = [others, value]

    def leave_off(self) -> None:
        self._parser.StartElementHandler = None
        self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None


def _local(name: str) -> str:
    """A name without the prefix of its namespace."""
    return name.rpartition(":")[2] if ":" in name else name


# Writing

_PROLOG: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_INDENT: Final = "  "
INNER_NAMES: Final = {"groups": "group", "children": "child", "contacts": "contact", "custom_fields": "custom_field"}
"""Lists that are one element with elements in it; all others are elements that repeat."""

_ESCAPED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "&#10;", "\r": "&#13;"}
"""Line breaks too, for an element has one line."""

_NO_CHARACTER: Final = "\N{REPLACEMENT CHARACTER}"
_replace_special = re.compile("[&<>\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]").sub


def refusal(refused: Refused) -> bytes:
    """The document of a refusal: its status, what is wrong with which field, and no payload."""
    return _answer(outcome_of(refused))


def render(reply: Reply) -> bytes:
    """The document of an answer that is no refusal."""
    return _render_report(reply) if isinstance(reply, PagedReport) else _answer(reply)


def _answer(reply: msgspec.Struct) -> bytes:
    return write("response", msgspec.to_builtins(Answer(reply))["response"])


def write(root: str, tree: Tree) -> bytes:
    """Write a document. What is None is left out; what XML cannot hold becomes U+FFFD."""
    lines: list[str] = []
    _add_lines(lines, root, tree, "")
    return (_PROLOG + "\n".join(lines) + "\n").encode()


def _add_lines(lines: list[str], name: str, value: object, indent: str) -> None:
    match value:
        case None:
            return
        case int():
            lines.append(f"{indent}<{name}>{value}</{name}>")
        case list() if name in INNER_NAMES:
            inner = INNER_NAMES[name] if all(isinstance(item, dict) for item in value) else "id"
            _add_lines(lines, name, {inner: value}, indent)
        case list():
            for item in value:
                _add_lines(lines, name, item, indent)
        case dict():
            lines.append(f"{indent}<{name}>")
            before = len(lines)
            for key, item in value.items():
                _add_lines(lines, key, item, indent + _INDENT)
            if len(lines) > before:
                lines.append(f"{indent}</{name}>")
            else:
                lines[-1] += f"</{name}>"
        case _:
            lines.append(f"{indent}<{name}>{_escape(str(value))}</{name}>")


def _escape(text: str) -> str:
    return _replace_special(lambda special: _ESCAPED.get(special[0], _NO_CHARACTER), text)


_REPORT_END: Final = b"  </order>\n</response>\n"
_ROW: Final = RowForm(
    b"    <message>\n      <number>",
    b"</number>\n      <status>",
    b"</status>\n    </message>\n",
    lambda text: _escape(text).encode(),
)


def _render_report(reply: PagedReport) -> bytes:
    without_rows = _answer(reply.head)
    page = reply.page
    recipients = render_rows(_ROW, page.numbers, page.odd_numbers, page.states)
    return b"".join((without_rows[: -len(_REPORT_END)], recipients, _REPORT_END))


XML: Final = Format(b"text/xml; charset=utf-8", open_body, render, refusal)
