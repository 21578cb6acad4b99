"""The layers, the homes of third-party libraries, and the sizes: read from the source, not from good intentions."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {
    ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__"): path
    for top in (ROOT / "src", ROOT / "client" / "src")
    for path in sorted(top.rglob("*.py"))
}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in SOURCES.items()}

EVERYTHING = {"teslimat", "teslimat_client"}
MAY_IMPORT = {
    "teslimat_client": set[str](),
    "teslimat.smpp": set[str](),
    "teslimat.text": set[str](),
    "teslimat.core": {"teslimat.text"},
    "teslimat.store": {"teslimat.core"},
    "teslimat.webhooks": {"teslimat.core"},
    "teslimat.passwords": {"teslimat.core"},
    "teslimat.carriers": {"teslimat.core", "teslimat.smpp", "teslimat.text"},
    "teslimat.flows": {"teslimat.core", "teslimat.text"},
    "teslimat.api": {"teslimat.flows", "teslimat.core", "teslimat_client.contract"},
    "teslimat.config": {"teslimat.core"},
    "teslimat.telemetry": {"teslimat.core"},
    "teslimat.failures": set[str](),
    "teslimat.listening": {"teslimat.failures"},
    "teslimat.serving": set[str](),
    "teslimat.app": EVERYTHING,
    "teslimat.cli": EVERYTHING,
    "teslimat.__main__": EVERYTHING,
}

HOMES = {
    "argon2": {"teslimat.passwords"},
    "aiohttp": {"teslimat.webhooks"},
    "sqlite3": {"teslimat.store"},
    "yoyo": {"teslimat.store"},
    "litestar": {"teslimat.api", "teslimat.app", "teslimat.serving"},
    "uvicorn": {"teslimat.serving"},
    "uvloop": {"teslimat.app", "teslimat.cli"},
    "httptools": {"teslimat.carriers"},
    "httpx": {"teslimat_client"},
    "typer": {"teslimat.cli"},
    "click": {"teslimat.cli"},
    "rich": {"teslimat.cli"},
    "prometheus_client": {"teslimat.telemetry", "teslimat.app"},
}

LONGEST_FILE, LONGEST_FUNCTION = 400, 70


def imports(module: str) -> Iterator[str]:
    """What a module imports wherever in the file: modules by their full names, names out of modules as module.name."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def room_of(module: str) -> str:
    rooms = [room for room in MAY_IMPORT if within(module, room)]
    assert rooms or module == "teslimat", f"{module} is in no room of the house: say in this test what it may import"
    return rooms[0] if rooms else module


def module_of(name: str) -> str | None:
    """Which module of ours an imported name comes from, if any."""
    found = [module for module in SOURCES if within(name, module)]
    return max(found, key=len, default=None)


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_imports_only_what_its_room_may(module: str) -> None:
    room = room_of(module)
    for name in filter(module_of, imports(module)):
        allowed = MAY_IMPORT.get(room, set()) | {room}
        assert any(within(name, package) for package in allowed), f"{module} imports {name}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: {of for name in imports(module) if (of := module_of(name))} - {module} for module in SOURCES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("module", SOURCES)
def test_a_third_party_library_is_imported_only_at_its_home(module: str) -> None:
    for name in imports(module):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or any(within(module, home) for home in homes), f"{module} imports {name}"


@pytest.mark.parametrize("module", SOURCES)
def test_a_file_and_its_functions_can_be_taken_in_at_a_glance(module: str) -> None:
    assert len(SOURCES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(TREES[module]):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{module}.{node.name} has {length} lines"
