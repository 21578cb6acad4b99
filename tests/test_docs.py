"""The documentation is true: its examples run, its tables are the program's, its links and pointers lead somewhere."""

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from teslimat.carriers.profile import GSM_ERRORS, PROFILES, Profile
from teslimat.cli import sandbox
from teslimat.cli.main import app
from teslimat.cli.processes import running
from teslimat.config import PREFIX, Settings, load_settings
from teslimat.core import numbers
from teslimat.core.errors import CATALOGUE
from teslimat.core.reasons import EXPLANATIONS, Reason
from teslimat.core.states import MAY_FOLLOW, OrderStatus, State
from teslimat.smpp.status import Status
from teslimat.text.parts import MAX_PARTS, Plan, plan
from teslimat_client.client import Client
from tests.test_architecture import EVERYTHING, MAY_IMPORT

ROOT = Path(__file__).parents[1]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("client/*.md"), *ROOT.glob("docs/**/*.md")})
TURKEY = timezone(timedelta(hours=3))
LOCAL = "http://127.0.0.1:8080"
PATIENCE = 10.0
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    content: str


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks_of(page: str) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", text_of(page), re.DOTALL | re.MULTILINE)]


def section_of(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text_of(page), re.DOTALL | re.MULTILINE)
    assert found, f"{page} has no section '{heading}'"
    return found[1]


def table_of(page: str, first_cell: str) -> list[list[str]]:
    """The rows of the only table whose heading begins so, without backticks."""
    head, *others = re.findall(rf"^\| {re.escape(first_cell)} \|.*\n((?:\|.*\n)+)", text_of(page), re.MULTILINE)
    assert not others, f"{page} has several tables that begin with '{first_cell}'"
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split(" | ")] for row in head.splitlines()[1:]]


# Examples


class Place(NamedTuple):
    """Where examples run."""

    address: str
    words: dict[str, str]


def teslimat(database: str, *arguments: str, typed: str | None = None) -> str:
    done = CliRunner().invoke(app, ["--database", database, *arguments], input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A new gateway with one account of 100 credits and an address book, and the simulated carrier."""
    database = f"sqlite:///{tmp_path_factory.mktemp('gateway')}/teslimat.db"
    teslimat(database, "db", "migrate")
    senders = ["--sender", "ACME", "--sender", "ACME INFO"]
    account = json.loads(teslimat(database, "account", "create", "acme", "--credits", "100", *senders, "--json"))
    teslimat(database, "account", "set", "acme", "--contacts", "on")
    login = {"USERNAME": "5301234567", "PASSWORD": "pw-1234"}
    password = ("--password-stdin", f"--login={login['USERNAME']}")
    teslimat(database, "account", "set", "acme", *password, typed=f"{login['PASSWORD']}\n")
    teslimat(database, "field", "add", "acme", "Şehir")
    with running("simulator", ["--port=0"], {}) as simulator:
        at = ["--host", "127.0.0.1", "--port", str(sandbox.port_in(simulator))]
        teslimat(database, "carrier", "add", "simulator", *at, "--system-id", "acme", "--password", "secret")
        with running("serve", ["--port=0"], {"TESLIMAT_DATABASE": database}) as ready:
            now = datetime.now(TURKEY)
            words = {
                "API_KEY": account["key"],
                "API_HASH": account["hash"],
                **login,
                "FIRST_DAY": f"{now - timedelta(days=1):%Y-%m-%d}",
                "LAST_DAY": f"{now + timedelta(days=1):%Y-%m-%d}",
                "NEXT_WEEK": f"{now + timedelta(days=7):%d/%m/%Y %H:%M}",
            }
            yield Place(ready.split()[-1], words)


@contextmanager
def after_the_demo(folder: Path) -> Iterator[Place]:
    """What `make serve` runs, after an order as `make demo` leaves one."""
    with running("sandbox", ["--port=0"], {"TESLIMAT_DATABASE": f"sqlite:///{folder}/demo.db"}) as ready:
        found = re.search(r"at (\S+), key (\w+), hash (\w+)", ready)
        assert found
        with Client(found[1], found[2], found[3]) as client:
            client.send(sandbox.SENDER, "the demo's", ["905300000000"])
        yield Place(found[1], {})


def answer_to(place: Place, line: str, body: str, documented: str) -> httpx.Response:
    """The answer to a request; one that only reads is made again until the answer is the documented one."""
    for word, value in place.words.items():
        line, body = line.replace(word, value), body.replace(word, value)
    method, path = line.split()
    deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    while True:
        answer = httpx.request(method, place.address + path, content=body.encode())
        waits = "/get-report" in path and told_by(answer) != documented
        if not waits or datetime.now(UTC) > deadline:
            return answer


def in_one_form(document: object) -> str:
    """A document as text, with the order of its members, and one time for all times."""
    return TIME.sub("TIME", json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def told_by(answer: httpx.Response) -> str:
    """What an answer says, in the same form; XML stays as it is but for the times."""
    return TIME.sub("TIME", answer.text) if is_xml(answer.text) else in_one_form(answer.json())


def is_xml(text: str) -> bool:
    return text.startswith("<")


def test_every_example_of_the_api_is_answered_as_documented(gateway: Place) -> None:
    examples = [block.content for block in blocks_of("docs/api.md") if block.language == "http"]
    assert len(examples) >= 20
    for request, answer in zip(examples[::2], examples[1::2], strict=True):
        head, _, body = request.partition("\n\n")
        line, _, expected = answer.partition("\n\n")
        documented = TIME.sub("TIME", expected) if is_xml(expected) else in_one_form(json.loads(expected))
        given = answer_to(gateway, head, body, documented)
        assert (f"HTTP/1.1 {given.status_code}", told_by(given)) == (line, documented), request
        media_type = "text/xml" if is_xml(expected) else "application/json"
        assert given.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert is_xml(expected) or given.text == json.dumps(given.json(), ensure_ascii=False, separators=(",", ":"))


def test_the_first_five_minutes_go_as_the_readme_says(tmp_path: Path) -> None:
    blocks = blocks_of("README.md")
    curls = [i for i, block in enumerate(blocks) if block.content.startswith("curl")]
    assert len(curls) == 2
    with after_the_demo(tmp_path) as place:
        for i in curls:
            _, silent, url, data, body = shlex.split(blocks[i].content)
            assert (silent, data) == ("-s", "-d")
            documented = in_one_form(json.loads(blocks[i + 1].content))
            given = answer_to(place, f"POST {url.removeprefix(LOCAL)}", body, documented)
            assert in_one_form(given.json()) == documented
        for page in ("README.md", "client/README.md"):
            (snippet,) = (block.content for block in blocks_of(page) if block.language == "python")
            program = snippet.replace(LOCAL, place.address)
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert "+905550000000 111\n+905550000001 112\n" in done.stdout


def test_the_first_lines_of_the_api_are_answered_by_a_sandbox(tmp_path: Path) -> None:
    blocks = blocks_of("docs/api.md")
    curls = [i for i, block in enumerate(blocks) if block.content.startswith("curl")]
    assert [blocks[i + 1].language for i in curls] == ["json", "xml"]
    with after_the_demo(tmp_path) as place:
        for i in curls:
            _, silent, url, data, body = shlex.split(blocks[i].content)
            assert (silent, data) == ("-s", "-d")
            as_curl_sends_it = {"content-type": "application/x-www-form-urlencoded"}
            given = httpx.post(url.replace(LOCAL, place.address), content=body.encode(), headers=as_curl_sends_it)
            assert given.text.rstrip() == blocks[i + 1].content.rstrip()


async def test_the_test_of_the_sandbox_page_passes() -> None:
    (snippet,) = (block.content for block in blocks_of("docs/sandbox.md") if block.language == "python")
    await eval(compile(snippet, "docs/sandbox.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {})  # noqa: S307 - our own


def test_a_sandbox_is_what_its_page_says() -> None:
    described = dict(table_of("docs/sandbox.md", "what"))
    assert described["account"] == sandbox.ACCOUNT
    assert described["sender"] == sandbox.SENDER
    assert described["database"].startswith(f"{sandbox.DATABASE},")


def test_the_gateway_says_that_it_is_ready_as_documented(gateway: Place) -> None:
    (documented,) = (block.content for block in blocks_of("docs/operating.md") if block.language == "json")
    deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    while (told := httpx.get(f"{gateway.address}/readyz").json()) != json.loads(documented):
        assert datetime.now(UTC) < deadline, told


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    (screen,) = (block.content for block in blocks_of("README.md") if "send-sms  10,000 recipients" in block.content)
    demo = [sys.executable, "-m", "teslimat", "demo"]
    done = subprocess.run(demo, cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True)
    assert without_figures(done.stdout) == without_figures(screen)


def without_figures(screen: str) -> str:
    """A screen without its bars and its layout, and without what differs from run to run: ports and times."""
    bare = re.sub(r"[━╸╺]", "", screen)
    bare = re.sub(r"port \d+|127\.0\.0\.1:\d+\b(?!/)|\d+:\d\d:\d\d|\d+ ms|[\d.]+ s|[\d,]+ per second", "…", bare)
    return " ".join(bare.split())


# Commands


def commands() -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """Every command with its full name, and the program itself."""
    root = typer.main.get_command(app)
    unread = [("teslimat", root)]
    while unread:
        name, command = unread.pop()
        assert isinstance(command, TyperCommand | TyperGroup)
        if isinstance(command, TyperGroup):
            unread += [(f"{name} {word}", child) for word, child in command.commands.items()]
        if isinstance(command, TyperCommand) or command is root:
            yield name, command


@pytest.mark.parametrize(("name", "command"), [pytest.param(*found, id=found[0]) for found in commands()])
def test_a_command_is_documented_with_exactly_its_options(name: str, command: TyperCommand | TyperGroup) -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)`", section_of("docs/operating.md", name), re.MULTILINE))
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert documented == options - {"--help"}


def test_no_command_is_documented_that_does_not_exist() -> None:
    headings = re.findall(r"^### (teslimat.*)$", text_of("docs/operating.md"), re.MULTILINE)
    assert sorted(headings) == sorted(name for name, _ in commands())


def shell_lines() -> list[str]:
    return [
        line
        for page in PAGES
        for block in blocks_of(str(page.relative_to(ROOT)))
        if block.language == "sh" and not block.content.startswith("curl")
        for line in block.content.replace("\\\n", "").splitlines()
    ]


@pytest.mark.parametrize("line", shell_lines())
def test_a_shell_line_of_the_documents_can_be_typed(line: str) -> None:
    program, *arguments = shlex.split(line)
    match program:
        case "teslimat":
            done = CliRunner().invoke(app, [*arguments, "--help"])
            assert done.exit_code == 0, done.output
        case "make":
            targets = re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE)
            assert set(arguments) <= set(targets)
        case "export":
            given = dict(argument.split("=") for argument in arguments)
            assert given.keys() <= {"PATH", *(PREFIX + name.upper() for name in Settings.__struct_fields__)}
            load_settings({}, given)
        case "pip":
            assert all((ROOT / target / "pyproject.toml").is_file() for target in arguments[1:])
        case _:
            assert program == "sqlite3"


def test_the_readme_begins_with_the_demo_and_the_tests() -> None:
    first = next(block for block in blocks_of("README.md") if block.language == "sh")
    assert first.content == "make demo\nmake test\n"


# Tables


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {name: (variable, default) for name, variable, default, _ in table_of("docs/operating.md", "setting")}
    settings = {
        name: (PREFIX + name.upper(), str(value) if value != () else "none")
        for name, value in msgspec.structs.asdict(Settings()).items()
    }
    assert documented == settings


def test_the_settings_file_of_the_documents_is_read(tmp_path: Path) -> None:
    (example,) = (block.content for block in blocks_of("docs/operating.md") if block.language == "toml")
    file = tmp_path / "teslimat.toml"
    file.write_text(example, encoding="utf-8")
    settings = msgspec.structs.asdict(load_settings({}, {f"{PREFIX}CONFIG": str(file)}))
    for name, value in tomllib.loads(example).items():
        assert settings[name] == (tuple(value) if isinstance(value, list) else value)


def test_every_metric_is_documented(gateway: Place) -> None:
    page = httpx.get(f"{gateway.address}/metrics").text
    families = set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))
    documented = {row[0] for row in table_of("docs/operating.md", "metric")}
    assert documented == {name for name in families if not name.endswith("_created")}


def test_the_addresses_for_operators_answer_as_documented(gateway: Place) -> None:
    for address, _ in table_of("docs/operating.md", "address"):
        assert httpx.get(gateway.address + address.removeprefix("GET ")).status_code == 200


def test_every_code_of_the_api_is_documented() -> None:
    tables = re.findall(r"^\| (\d{3}) \| (.*) \| (.*) \|$", section_of("docs/api.md", "All codes"), re.MULTILINE)
    assert [(int(code), message, english) for code, message, english in tables] == list(CATALOGUE)


def test_every_code_that_an_endpoint_refuses_with_is_in_the_catalogue() -> None:
    known = {verdict.code for verdict in CATALOGUE}
    assert {int(code) for code in re.findall(r"^\| (\d{3}) \|", text_of("docs/api.md"), re.MULTILINE)} <= known


def test_numbers_are_read_as_documented() -> None:
    for written, read in table_of("docs/api.md", "written"):
        assert f"+{numbers.parse(written)}" == read


def test_so_many_units_fit_as_documented() -> None:
    rows = table_of("docs/api.md", "parts")
    assert len(rows) == MAX_PARTS
    for parts, *units in rows:
        for letter, prefix, fit in zip("aaд", ("", "ş", ""), map(int, units), strict=True):
            full = prefix + letter * (fit - 2 * len(prefix))
            for text, needed in ((full, int(parts)), (full + letter, int(parts) + 1)):
                planned = plan(text, " B186", max_parts=MAX_PARTS + 1)
                assert isinstance(planned, Plan)
                assert planned.parts == needed


def test_states_are_documented_as_they_are() -> None:
    report = {State.DELIVERED: "111", State.UNDELIVERED: "112"}
    assert table_of("docs/states.md", "value") == [
        [str(int(state)), words(state), report.get(state, "110"), ", ".join(map(words, sorted(after))) or "nothing"]
        for state, after in MAY_FOLLOW.items()
    ]


def test_reasons_are_documented_as_they_are() -> None:
    assert table_of("docs/states.md", "number") == [
        [str(int(reason)), words(reason), meaning.english, "yes" if meaning.resend_can_help else "no"]
        for reason, meaning in EXPLANATIONS.items()
    ]


def test_order_statuses_are_documented_as_they_are() -> None:
    documented = [(int(status), meaning) for status, meaning, _ in table_of("docs/states.md", "status")]
    assert documented == [(int(status), words(status)) for status in OrderStatus]


def words(member: State | Reason | OrderStatus) -> str:
    return member.name.lower().replace("_", " ")


def test_profiles_are_documented_as_they_are() -> None:
    usual = Profile()
    assert table_of("docs/carriers.md", "profile") == [
        [name, " and ".join(f"{field} is {value}" for field, value in differences(profile, usual)) or "nothing"]
        for name, profile in PROFILES.items()
    ]
    assert [row[0] for row in table_of("docs/carriers.md", "quirk")] == list(Profile._fields)


def differences(profile: Profile, usual: Profile) -> list[tuple[str, object]]:
    return [(name, value) for name, value in profile._asdict().items() if value != getattr(usual, name)]


def test_what_carriers_say_is_documented_as_it_is_read() -> None:
    statuses = dict(table_of("docs/carriers.md", "answer"))
    assert statuses == {Status(status).name: words(reason) for status, reason in Profile().refusals.items()}
    errors = {int(error): reason for error, reason in table_of("docs/carriers.md", "error")}
    assert errors == {error: words(reason) for error, reason in GSM_ERRORS.items()}


def test_the_layers_are_documented_as_they_are_enforced() -> None:
    allowed = {
        room: "everything" if may == EVERYTHING else ", ".join(sorted(may, key=order_of_layers)) or "nothing"
        for room, may in MAY_IMPORT.items()
        if room != "teslimat.__main__"
    }
    assert dict(table_of("CONTRIBUTING.md", "package")) == allowed
    for rooms, _, may in table_of("docs/architecture.md", "package"):
        assert all(allowed[room] == may for room in rooms.split(", "))


def order_of_layers(room: str) -> int:
    return ["flows", "core", "smpp", "text", "contract", "failures"].index(room.rsplit(".", 1)[-1])


# Links and pointers


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)]+)\)", prose):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def names_in(module: Path) -> set[str]:
    """Functions, classes and constants of a module, and methods behind the name of their class."""
    names = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names.add(node.name)
            case ast.ClassDef():
                members = (member for member in node.body if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef))
                names |= {node.name, *(f"{node.name}.{member.name}" for member in members)}
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                names.add(name)
            case _:
                pass
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_pointer_into_the_source_leads_somewhere(page: Path) -> None:
    for path, name in re.findall(r"(?<!\[)`([a-z0-9_/]+\.py)(?::([\w.]+))?`", page.read_text(encoding="utf-8")):
        places = [top / path for top in (ROOT, ROOT / "src" / "teslimat")]
        (module,) = (place for place in places if place.is_file())
        assert not name or name in names_in(module), f"{path}:{name}"


def test_every_promise_is_pointed_to_its_test_and_its_line() -> None:
    promises = re.findall(r"^(\d)\. \*\*(.*?)\*\*(.*?)(?=^\d\. |^\[)", text_of("README.md"), re.DOTALL | re.MULTILINE)
    assert [number for number, _, _ in promises] == list("123456789")
    assert all("](tests/" in prose for _, _, prose in promises)
    lines = [row[0] for row in table_of("docs/architecture.md", "promise")]
    assert lines == [f"{number}. {promise}" for number, promise, _ in promises]
