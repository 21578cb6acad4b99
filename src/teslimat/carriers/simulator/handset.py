"""What the telephones show: parts decoded and joined to texts. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from teslimat.smpp.fields import MESSAGE_PAYLOAD
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


class _Joining(NamedTuple):
    sender: str
    recipient: str
    total: int
    parts: dict[int, str]

    def text(self) -> Text:
        joined = "".join(text for _, text in sorted(self.parts.items()))
        return Text(self.sender, self.recipient, joined, self.total, self.total - len(self.parts))


def read(messages: Iterable[Message]) -> list[Text]:
    """The texts of messages, in the order of their first parts.

    Before a text is whole, a copy of a part replaces it; afterwards its reference belongs to another text.
    """
    joining: dict[tuple[str, str, int, int], _Joining] = {}
    texts: list[Text | _Joining] = []
    for message in messages:
        sender, recipient = message.source, message.destination
        octets = message.short_message or dict(message.tlvs).get(MESSAGE_PAYLOAD, b"")
        try:
            text, place = decode(octets, message.data_coding, udhi=bool(message.esm_class & _UDHI))
        except UndecodableError:
            texts.append(Text(sender, recipient, None, 1))
            continue
        if place is None or not 1 <= place.number <= place.total:
            texts.append(Text(sender, recipient, text, 1))
            continue
        key = (sender, recipient, place.reference, place.total)
        if key not in joining:
            joining[key] = _Joining(sender, recipient, place.total, {})
            texts.append(joining[key])
        joining[key].parts[place.number] = text
        if len(joining[key].parts) == place.total:
            del joining[key]
    return [entry if isinstance(entry, Text) else entry.text() for entry in texts]
