"""The statements by which an operator changes accounts and carriers."""

import sqlite3
from collections.abc import Sequence

from teslimat.core.model import Account, Carrier
from teslimat.core.ports import NameTaken, NoMoreCarriers
from teslimat.store.rows import Value, account_of, account_row, account_settings_row
from teslimat.store.statements.running import Running


class SettingsSql(Running):
    """The port core.ports.settings.SettingsStatements."""

    async def insert_account(self, account: Account) -> int:
        return self._insert_named("insert_account", account.name, account_row(account))

    async def update_account(self, account: Account) -> None:
        try:
            self._run(self._sql["update_account"], [*account_settings_row(account), account.id])
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE":
                raise NameTaken(account.username) from error
            raise

    async def lock_account(self, account_id: int) -> Account:
        return account_of(self._run(self._sql["lock_account"], (account_id,)).fetchone())

    async def add_credits(self, account_id: int, credits_: int) -> None:
        self._run(self._sql["add_credits"], (credits_, account_id))

    async def insert_carrier(self, carrier: Carrier) -> int:
        return self._insert_named("insert_carrier", carrier.name, (carrier.name, *_carrier_settings(carrier)))

    async def update_carrier(self, carrier: Carrier) -> None:
        self._run(self._sql["update_carrier"], (*_carrier_settings(carrier), carrier.id))

    async def remove_carrier(self, carrier_id: int) -> None:
        self._run(self._sql["remove_carrier"], (carrier_id,))

    def _insert_named(self, statement: str, name: str, row: Sequence[Value]) -> int:
        try:
            (new_id,) = self._run(self._sql[statement], row).fetchone()
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE":
                raise NameTaken(name) from error
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_CHECK" and statement == "insert_carrier":
                raise NoMoreCarriers from error
            raise
        return int(new_id)


def _carrier_settings(carrier: Carrier) -> tuple[int | str, ...]:
    return (
        carrier.host,
        carrier.port,
        carrier.system_id,
        carrier.password,
        carrier.window,
        carrier.parts_per_second,
        carrier.binds,
        carrier.profile,
    )
