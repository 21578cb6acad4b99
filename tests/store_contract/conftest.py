"""The stores that the contract is tested on. A new store joins by one more line in STORES."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from teslimat.core.ports import Store
from teslimat.store.migrate import migrate
from teslimat.store.sqlite import SqliteStore, run_in_thread


class OpenStore(Store, Protocol):
    """A store that can be closed."""

    async def close(self) -> None: ...


def open_sqlite(folder: Path) -> OpenStore:
    path = folder / "contract.db"
    migrate(path)
    return SqliteStore(path, run_in_thread)


STORES: dict[str, Callable[[Path], OpenStore]] = {"sqlite": open_sqlite}
"""Each opens the store that lives in a folder, and makes it there the first time."""

Reopen = Callable[[], OpenStore]


@pytest.fixture(params=STORES)
async def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reopen]:
    """Opens the same store again and again; whoever closes one before its time may."""
    opened: list[OpenStore] = []

    def reopen() -> OpenStore:
        opened.append(STORES[request.param](tmp_path))
        return opened[-1]

    yield reopen
    for store in opened:
        with suppress(Exception):  # closed by the test already
            await store.close()


@pytest.fixture
async def store(reopen: Reopen) -> Store:
    return reopen()
