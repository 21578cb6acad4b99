"""What the endpoints stand on, and what one of them is."""

import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from teslimat.api.v1.answers import Reply
from teslimat.api.v1.values import Tree
from teslimat.core.clock import Clock
from teslimat.core.model import Account
from teslimat.core.networks import Network
from teslimat.core.ports import Store
from teslimat.core.ports.passwords import Passwords
from teslimat.flows.place import Placing


class Wire(NamedTuple):
    """What the endpoints stand on."""

    store: Store
    clock: Clock
    placing: Placing
    body_limit: Callable[[], int]
    """Octets that a body may have, now, whoever sends it: as many as the account that may send most."""
    passwords: Passwords
    trusted_proxies: tuple[Network, ...]
    """Networks whose X-Forwarded-For is believed."""
    answered: Counter[tuple[str, int]]
    """Requests by address and code."""


MODEST_BODY: Final = 2**20
"""Octets that a body may have, unless an endpoint says otherwise; if its account may send fewer, those count."""

ONLY_CREDENTIALS: Final = 2**17
"""The same of an endpoint that needs to be told nothing else: a tree of so much takes a few milliseconds."""

WHAT_THE_ACCOUNT_MAY: Final = sys.maxsize
"""The same of one whose requests grow with what an account sends: only the account's own limit counts."""

Answering = Callable[[Wire, Account, Tree], Awaitable[Reply]]
"""An endpoint, whatever the format: an account asks, with what stands under `request`. Raises Refused."""
