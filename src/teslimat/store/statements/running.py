"""What all statements run on."""

import sqlite3


class Running:
    """A connection inside a transaction, and the texts of the statements by name."""

    def __init__(self, connection: sqlite3.Connection, sql: dict[str, str]) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany
        self._sql = sql
