"""Commands that read and change the database, also while a gateway serves it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from teslimat.config import Settings
from teslimat.core.model import Account
from teslimat.failures import CommandFailed
from teslimat.flows.accounts import BadSetting
from teslimat.store.migrate import require_current
from teslimat.store.sqlite import SqliteStore, run_in_thread

T = TypeVar("T")


class NoDatabase(CommandFailed):
    """The command needs a database that is there already."""


def with_store(settings: Settings, work: Callable[[SqliteStore], Awaitable[T]]) -> T:
    """Open the store, do the work, close it. Raises NoDatabase or WrongSchema."""
    if not settings.database_path.exists():
        raise NoDatabase(
            f"there is no database at {settings.database_path}: run 'teslimat db migrate' first, "
            "or name another with --database"
        )
    require_current(settings.database_path)

    async def opened() -> T:
        store = SqliteStore(settings.database_path, run_in_thread)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(opened())


async def named_account(store: SqliteStore, name: str) -> Account:
    """Find an account. Raises BadSetting if there is none of that name."""
    for account in await store.accounts():
        if account.name == name:
            return account
    raise BadSetting(f"there is no account called '{name}': see 'teslimat account list'")
