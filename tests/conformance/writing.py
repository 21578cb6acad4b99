"""The three forms of the wire, written without any help of the gateway's own code."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode
from xml.sax.saxutils import escape

Tree = dict[str, object]

PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'


def json_of(tree: Tree) -> bytes:
    """Compact, with raw UTF-8."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def xml_of(tree: Tree) -> bytes:
    """A line for each element, two blanks for each level; a list is an element several times."""
    lines = [line for name, value in tree.items() for line in _lines(name, value, "")]
    return (PROLOG + "\n".join(lines) + "\n").encode()


def query_of(tree: Tree) -> str:
    """Percent-encoded UTF-8."""
    return urlencode({name: value for name, value in tree.items() if value is not None})


def _lines(name: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _lines(name, item, indent)
    elif isinstance(value, dict) and value:
        yield f"{indent}<{name}>"
        for inner, content in value.items():
            yield from _lines(inner, content, indent + "  ")
        yield f"{indent}</{name}>"
    else:
        text = "" if value is None or value == {} else escape(str(value))
        yield f"{indent}<{name}>{text}</{name}>"
