"""Consents of the commercial message registry (İYS): who said what to which brand, about which channel."""

import re
from typing import Final, NamedTuple

from teslimat.core import numbers

RECIPIENT_TYPES: Final = frozenset({"BIREYSEL", "TACIR"})
"""Individuals and merchants; the registry keeps a list of each."""

CHANNELS: Final = frozenset({"MESAJ", "EPOSTA", "ARAMA"})
"""Texts, e-mails and calls."""

STATUSES: Final = frozenset({"ONAY", "RET"})
"""Consent and refusal."""

EARLIEST: Final = 1_430_427_600_000
"""2015-05-01 in Turkey, when the law began that consents are about; in ms since 1970 UTC."""

_LONGEST_SOURCE: Final = 64
_LONGEST_EMAIL: Final = 254

_source = re.compile(r"HS_[A-Z0-9_]+").fullmatch
_email = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])").fullmatch


class Consent(NamedTuple):
    """What somebody said last to a brand about a channel. Order of fields is that of the table's columns."""

    brand_code: int
    recipient: str
    """A number as `+90` and ten digits, or an e-mail address in small letters."""
    recipient_type: str
    type: str
    """The channel; the registry's name for it."""
    status: str
    source: str
    """How it was given, by the registry's code."""
    consent_at: int
    """When it was given, in ms since 1970 UTC."""


def is_source(value: str) -> bool:
    """Whether it has the form of the registry's source codes."""
    return len(value) <= _LONGEST_SOURCE and _source(value) is not None


def read_recipient(channel: str, value: object) -> str | None:
    """The recipient as it is stored; None if it cannot be one of this channel."""
    if channel == "EPOSTA":
        return _read_email(value)
    number = numbers.parse(value)
    return None if number is None else f"+{number}"


def _read_email(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    address = value.strip().lower()
    return address if len(address) <= _LONGEST_EMAIL and address.isprintable() and _email(address) else None
