"""The schema: plain SQL steps, run by yoyo; a database knows which of them it has had."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import quote

from yoyo import get_backend, read_migrations


class WrongSchema(Exception):  # noqa: N818 - its message tells what to do
    """The database is not one that this version of the program can use."""


def migrate(path: Path) -> list[str]:
    """Bring a database file up to date, making it if need be; the names of the steps that were run.

    Raises WrongSchema if a newer version of this program has written it.
    """
    with _readable(path), _steps() as steps, closing(sqlite3.connect(path)) as connection:
        _refuse_foreign(path)
        # Readers must not wait for writers, nor writers for readers; the file remembers the mode.
        connection.execute("PRAGMA journal_mode = WAL")
        backend = get_backend(_uri(path))
        with closing(backend.connection):
            _refuse_newer(backend.get_applied_migration_hashes(), steps, path)
            with backend.lock():
                todo = backend.to_apply(read_migrations(steps))
                backend.apply_migrations(todo)
                return [step.id for step in todo]


def require_current(path: Path) -> None:
    """Raise WrongSchema, saying what to do, unless the file's schema is exactly this program's."""
    if not path.exists():
        raise WrongSchema(f"there is no database at {path}: run 'teslimat db migrate' first")
    with _readable(path), _steps() as steps:
        _refuse_foreign(path)
        backend = get_backend(_uri(path))
        with closing(backend.connection):
            _refuse_newer(backend.get_applied_migration_hashes(), steps, path)
            if backend.to_apply(read_migrations(steps)):
                raise WrongSchema(f"{path} is of an older version: run 'teslimat db migrate' first")


def _refuse_foreign(path: Path) -> None:
    """Look, without writing: yoyo would put tables of its own into whatever database it is shown."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "_yoyo_migration" not in tables:
        raise WrongSchema(f"{path} is some other program's database: name another file")


def _refuse_newer(applied: list[str], steps: str, path: Path) -> None:
    if not {step.hash for step in read_migrations(steps)}.issuperset(applied):
        raise WrongSchema(f"{path} was written by a newer version of teslimat: update the program")


def _uri(path: Path) -> str:
    return f"sqlite:///{quote(str(path.absolute()))}"


@contextmanager
def _steps() -> Iterator[str]:
    with as_file(files("teslimat.store") / "migrations" / "sqlite") as folder:
        yield str(folder)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise WrongSchema(f"{path} cannot be used as a database: {error}") from error
