"""What the telephones show: parts decoded and joined to texts. Pure."""

from collections.abc import Iterable

import msgspec

from teslimat.smpp.pdus import Message
from teslimat.text.coding import UndecodableError
from teslimat.text.payload import decode

_UDHI = 0x40


class Text(msgspec.Struct, frozen=True):
    """One text as its recipient reads it."""

    sender: str
    recipient: str
    text: str | None
    """None if a telephone could not read it."""
    parts: int
    missing: int = 0
    """Parts that have not come; the text holds the others."""


def read(messages: Iterable[Message]) -> list[Text]:
    """The texts of messages, in the order of their first parts. A copy of a part replaces it."""
    whole: dict[tuple[str, str, int], tuple[int, dict[int, str]]] = {}
    texts: list[Text | tuple[str, str, int]] = []
    for message in messages:
        try:
            decoded = decode(message.short_message, message.data_coding, udhi=bool(message.esm_class & _UDHI))
        except UndecodableError:
            texts.append(Text(message.source, message.destination, None, 1))
            continue
        place = decoded.concatenation
        if place is None:
            texts.append(Text(message.source, message.destination, decoded.text, 1))
            continue
        key = (message.source, message.destination, place.reference)
        if key not in whole:
            whole[key] = (place.total, {})
            texts.append(key)
        whole[key][1][place.number] = decoded.text
    return [entry if isinstance(entry, Text) else _join(entry, *whole[entry]) for entry in texts]


def _join(key: tuple[str, str, int], total: int, parts: dict[int, str]) -> Text:
    text = "".join(parts[number] for number in sorted(parts))
    return Text(key[0], key[1], text, total, max(0, total - len(parts)))
