"""The consent registry's endpoints."""

from typing import Final

from teslimat.api.v1.wire import Answering

JSON_ONLY: Final[dict[str, Answering]] = {}
