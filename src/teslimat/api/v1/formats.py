"""What a format is: how a variant of the API reads requests and writes answers."""

from collections.abc import Callable
from typing import NamedTuple

from teslimat.api.v1.answers import Reply
from teslimat.api.v1.values import Tree
from teslimat.core.errors import Refused
from teslimat.flows.accounts import Presented


class Opened(NamedTuple):
    """A request of which only the credentials were read: whoever has none makes us do no more than that."""

    presented: Presented
    read: Callable[[], Tree]
    """Decodes the rest: what is under `request`. Raises Refused 400."""


class Format(NamedTuple):
    """How a variant of the API writes requests and answers."""

    content_type: bytes
    open: Callable[[bytes, int], Opened]
    """Opens a request; the second argument is how many bytes a body may have, and what is costly is bounded by that.
    Raises Refused 400 for what is no request, 401 if it cannot hold credentials."""
    render: Callable[[Reply], bytes]
    refusal: Callable[[Refused], bytes]
