"""SQL in files: each statement has a name, and is looked up by it."""

import re
from importlib.resources import files
from typing import Final

_NAME: Final = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load_statements(*, package: str = "teslimat.store.queries") -> dict[str, str]:
    """Read every .sql file of a package: statement name → text, with parameters as $1, $2, ….

    Raises ValueError if two statements have the same name.
    """
    found: dict[str, str] = {}
    for file in sorted(files(package).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        _, *pairs = _NAME.split(file.read_text(encoding="utf-8"))
        for name, body in zip(pairs[::2], pairs[1::2], strict=True):
            if name in found:
                raise ValueError(f"two statements are called {name}")
            found[name] = _without_comments(body)
    return found


def numbered(statement: str) -> str:
    """The same statement with SQLite's spelling of numbered parameters, ?1."""
    return re.sub(r"\$(\d+)", r"?\1", statement)


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.strip().splitlines() if not line.startswith("--"))
