"""The address book's endpoints."""

from typing import Final

from teslimat.api.v1.wire import Answering

IN_BOTH: Final[dict[str, Answering]] = {}
"""In JSON and in XML."""

JSON_ONLY: Final[dict[str, Answering]] = {}
