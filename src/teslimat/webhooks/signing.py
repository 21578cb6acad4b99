"""Signatures by Standard Webhooks, which receivers verify with the library of their language.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
from collections.abc import Callable, Sequence
from typing import Final

_SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""


def new_secret(random_bytes: Callable[[int], bytes]) -> bytes:
    """Make a raw key out of randomness."""
    return random_bytes(_SECRET_BYTES)


def format_secret(raw: bytes) -> str:
    """Write a raw key the way receivers are given it."""
    return "whsec_" + base64.b64encode(raw).decode()


def sign(keys: Sequence[bytes], event_id: str, at_s: int, body: bytes) -> str:
    """Write the ``webhook-signature`` of one attempt: one signature per raw key, so that receivers may change theirs.

    ``at_s`` is the time of the attempt in seconds since 1970 UTC, as ``webhook-timestamp`` tells it.
    """
    signed = b"%b.%d.%b" % (event_id.encode(), at_s, body)
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
