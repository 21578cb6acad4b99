"""What an operator types, what comes back, and how it fails: one line that says what to do, and an exit code."""

import hashlib
import hmac
import io
import json
import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from typer.core import TyperGroup

from teslimat.cli.main import app, run
from teslimat.store.migrate import migrate

CARRIER = ("--host=127.0.0.1", "--port=2775", "--system-id=house", "--password=pw-1234")


class Done(NamedTuple):
    """How a command ended."""

    code: object
    out: str
    error: str


Teslimat = Callable[..., Done]


@pytest.fixture
def teslimat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Teslimat:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def teslimat(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["teslimat", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        out, error = capsys.readouterr()
        return Done(ended.value.code, out, error)

    return teslimat


@pytest.fixture
def house(teslimat: Teslimat) -> Teslimat:
    """Run a command where there is a database with an account and a carrier."""
    assert teslimat("db", "migrate").code == 0
    assert teslimat("account", "create", "acme", "--credits=100", "--sender=ACME", "--sender=SHOP").code == 0
    assert teslimat("carrier", "add", "north", *CARRIER).code == 0
    return teslimat


def fails(done: Done, code: int, *words: str) -> bool:
    """Whether it failed in one plain line with these words, and nothing else."""
    assert done.error.startswith("teslimat: ")
    assert done.error.count("\n") == 1
    assert all(word in done.error for word in words), done.error
    assert done.out == ""
    return done.code == code


def test_a_database_is_made_once_and_is_up_to_date_from_then_on(teslimat: Teslimat, tmp_path: Path) -> None:
    first = teslimat("db", "migrate")
    assert (first.code, first.error) == (0, "")
    assert "0001_initial" in first.out
    again = teslimat("db", "migrate")
    assert again.code == 0
    assert again.out.strip() == "teslimat.db is up to date"
    elsewhere = tmp_path / "elsewhere.db"
    assert teslimat("--database", f"sqlite:///{elsewhere}", "db", "migrate").code == 0
    assert elsewhere.exists()


def test_the_environment_names_the_database_too(
    teslimat: Teslimat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESLIMAT_DATABASE", f"sqlite:///{tmp_path}/named.db")
    assert teslimat("db", "migrate").code == 0
    assert (tmp_path / "named.db").exists()


def test_credentials_are_shown_once_and_as_json_if_asked(house: Teslimat, tmp_path: Path) -> None:
    created = house("account", "create", "shop", "--credits=5", "--sender=SHOP", "--json")
    shown = json.loads(created.out)
    assert list(shown) == ["name", "key", "secret", "hash"]
    assert shown["name"] == "shop"
    assert re.fullmatch("[0-9a-f]{32}", shown["key"])
    assert re.fullmatch("[0-9a-f]{64}", shown["secret"])
    assert shown["hash"] == hmac.new(shown["secret"].encode(), shown["key"].encode(), hashlib.sha256).hexdigest()
    later = house("account", "show", "shop").out + house("account", "list").out
    assert shown["key"] in later
    for secret in (shown["secret"], shown["hash"]):
        assert secret not in later
        assert secret.encode() not in (tmp_path / "teslimat.db").read_bytes()


def test_credentials_are_shown_in_words(house: Teslimat) -> None:
    created = house("account", "create", "shop", "--sender=SHOP")
    assert [line.split(":")[0] for line in created.out.splitlines()[:4]] == ["name", "key", "secret", "hash"]


def test_what_is_set_of_an_account_is_shown(house: Teslimat) -> None:
    changes = ("--api-access=off", "--allow-ip=10.0.0.1/8", "--allow-ip=::1", "--credits=+23", "--max-recipients=9000")
    assert house("account", "set", "acme", *changes) == Done(0, "", "")
    shown = house("account", "show", "acme").out
    for words in (
        "acme",
        "balance:               123 credits",
        "123 credits in all",
        "off",
        "10.0.0.0/8, ::1/128",
        "9,000 per order",
        "ACME, SHOP",
    ):
        assert words in shown
    house("account", "set", "acme", "--api-access=on", "--allow-ip=any", "--sender=NEW")
    shown = house("account", "show", "acme").out
    for words in ("any", "on", "NEW"):
        assert words in shown
    assert "SHOP" not in shown
    assert "acme" in house("account", "list").out


def lines_of(shown: str) -> dict[str, str]:
    """What `account show` writes, by label."""
    return {label: value.strip() for label, _, value in (line.partition(":") for line in shown.splitlines())}


def test_a_new_account_is_as_plain_as_can_be(house: Teslimat) -> None:
    shown = lines_of(house("account", "show", "acme").out)
    del shown["key"]
    assert ", ".join(f"{label} {value}" for label, value in shown.items()) == (
        "name acme, login off, api-access on, allow-ip any, balance 100 credits, credited 100 credits in all, "
        "unit-price 1 credit for a message part, sender ACME, SHOP, test-number none, max-recipients 50,000 per order, "
        "recipients-per-second no limit, max-body 10,000,000 bytes, iys-code none, iys lenient, seconds lenient, "
        "order-ids text, contacts off"
    )


def test_what_is_shown_of_an_account_is_called_like_the_option_that_sets_it(house: Teslimat) -> None:
    shown = lines_of(house("account", "show", "acme").out)
    command = typer.main.get_command(app)
    for word in ("account", "set"):
        assert isinstance(command, TyperGroup)
        command = command.commands[word]
    options = {option.removeprefix("--") for given in command.params for option in given.opts if option[:2] == "--"}
    assert options - {"credits", "password-stdin"} <= set(shown)
    assert set(shown) - options == {"name", "key", "credited"}


def test_every_option_of_an_account_can_be_set_and_taken_back(house: Teslimat) -> None:
    before = house("account", "show", "acme").out
    options = {
        ("--iys-code", "681294", "none"): "681294",
        ("--iys", "strict", "lenient"): "strict",
        ("--seconds", "strict", "lenient"): "strict",
        ("--order-ids", "numbers", "text"): "numbers",
        ("--contacts", "on", "off"): "on",
        ("--recipients-per-second", "100", "0"): "100 transactional ones at most",
        ("--max-body", "20000000", "0"): "20,000,000 bytes",
        ("--test-number", "0530 123 45 67", "none"): "+905301234567",
        ("--unit-price", "2", "1"): "2 credits for a message part",
    }
    for (option, value, _), words in options.items():
        assert house("account", "set", "acme", option, value) == Done(0, "", "")
        assert lines_of(house("account", "show", "acme").out)[option.removeprefix("--")] == words
    for option, _, value in options:
        assert house("account", "set", "acme", option, value) == Done(0, "", "")
    assert house("account", "show", "acme").out == before


def test_an_account_in_lira_is_priced_and_topped_up_in_lira(house: Teslimat) -> None:
    in_lira = ("--sender=SHOP", "--lira", "--unit-price=0.0372", "--balance=10.58")
    assert house("account", "create", "shop", *in_lira).code == 0
    assert house("account", "set", "shop", "--balance=+0.4201", "--unit-price=0.04") == Done(0, "", "")
    shown = lines_of(house("account", "show", "shop").out)
    assert shown["balance"] == "11.0001 lira"
    assert shown["credited"] == "11.0001 lira in all"
    assert shown["unit-price"] == "0.0400 lira for a message part"
    assert "11.0001 lira" in house("account", "list").out


def test_a_login_is_set_with_a_password_from_standard_input_and_taken_away(
    house: Teslimat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("pw of acme\n"))
    assert house("account", "set", "acme", "--login=5301234567", "--password-stdin") == Done(0, "", "")
    shown = house("account", "show", "acme").out
    assert lines_of(shown)["login"] == "5301234567"
    assert "argon2" not in shown
    for file in tmp_path.iterdir():
        assert b"pw of acme" not in file.read_bytes()
    assert house("account", "set", "acme", "--login=off") == Done(0, "", "")
    assert lines_of(house("account", "show", "acme").out)["login"] == "off"


def test_a_password_is_asked_for_twice_and_not_shown(house: Teslimat, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["pw-1234", "pw-1234"]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: answers.pop())
    done = house("account", "set", "acme", "--login=acme")
    assert (done.code, answers) == (0, [])
    assert "pw-1234" not in done.out + done.error


def test_a_username_that_another_account_has_is_refused(house: Teslimat, monkeypatch: pytest.MonkeyPatch) -> None:
    house("account", "create", "shop", "--sender=SHOP")
    for name, code in (("acme", 0), ("shop", 1)):
        monkeypatch.setattr(sys, "stdin", io.StringIO("pw-1234\n"))
        done = house("account", "set", name, "--login=5301234567", "--password-stdin", "--contacts=on")
        assert done.code == code
    assert fails(done, 1, "5301234567", "another account")
    assert lines_of(house("account", "show", "shop").out)["contacts"] == "off"


def test_what_is_set_of_a_carrier_is_listed_but_for_its_password(house: Teslimat) -> None:
    house("carrier", "add", "south", *CARRIER, "--window=50", "--parts-per-second=1200", "--binds=3")
    listed = house("carrier", "list").out
    for words in ("north", "south", "127.0.0.1:2775", "house", "50", "1,200", "no limit", "default"):
        assert words in listed
    assert "pw-1234" not in listed
    assert house("carrier", "set", "south", "--port=2776", "--profile=hex-receipts") == Done(0, "", "")
    listed = house("carrier", "list").out
    for words in ("127.0.0.1:2776", "1,200", "hex-receipts"):
        assert words in listed
    assert house("carrier", "remove", "south") == Done(0, "", "")
    assert "south" not in house("carrier", "list").out


def test_what_is_listed_for_another_program_is_a_line_for_each(house: Teslimat) -> None:
    senders = [f"SENDER {i}" for i in range(40)]
    house("account", "create", "shop", *(f"--sender={sender}" for sender in senders))
    heading, *rows = house("account", "list").out.splitlines()
    assert heading.split() == ["name", "key", "balance", "API", "access", "senders"]
    assert [row.split()[0] for row in rows] == ["acme", "shop"]
    assert rows[1].rstrip().endswith(", ".join(senders))
    (carrier,) = house("carrier", "list").out.splitlines()[1:]
    assert re.split(" {2,}", carrier.strip()) == ["north", "127.0.0.1:2775", "house", "100", "no limit", "1", "default"]


def test_what_is_listed_on_a_terminal_is_a_table_that_fits_into_it(
    house: Teslimat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "60")
    listed = re.sub(r"\x1b\[[0-9;]*m", "", house("account", "list").out)
    assert "┏━" in listed
    assert max(map(len, listed.splitlines())) == 60


def test_the_name_of_a_removed_carrier_is_free(house: Teslimat) -> None:
    assert house("carrier", "remove", "north").code == 0
    assert house("carrier", "add", "north", *CARRIER).code == 0


def test_whoever_asks_for_help_or_for_nothing_is_shown_the_commands(teslimat: Teslimat) -> None:
    shown = teslimat("--help")
    assert shown.code == 0
    for command in ("db", "account", "carrier", "simulator", "serve", "sandbox", "demo"):
        assert command in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("account", "show", "nobody"), ("nobody", "teslimat account list")),
        (("account", "set", "nobody", "--api-access=on"), ("nobody", "teslimat account list")),
        (("account", "set", "acme", "--api-access=maybe"), ("--api-access", "maybe")),
        (("account", "set", "acme", "--allow-ip=nonsense"), ("nonsense", "address or network")),
        (("account", "set", "acme", "--credits=-5"), ("--credits", "-5")),
        (("account", "set", "acme", "--credits=many"), ("--credits", "many")),
        (("account", "set", "acme", "--credits=5"), ("--credits", "+N", "'5'")),
        (("account", "set", "acme", "--balance=5"), ("--balance", "+N", "'5'")),
        (("account", "set", "acme"), ("what to change", "teslimat account set --help")),
        (("carrier", "set", "north"), ("what to change", "teslimat carrier set --help")),
        (("account", "set", "acme", "--max-recipients=0"), ("at least one",)),
        (("account", "set", "acme", "--iys=maybe"), ("--iys", "maybe", "strict", "lenient")),
        (("account", "set", "acme", "--seconds=maybe"), ("--seconds", "maybe")),
        (("account", "set", "acme", "--order-ids=roman"), ("--order-ids", "roman", "numbers", "text")),
        (("account", "set", "acme", "--contacts=yes"), ("--contacts", "yes")),
        (("account", "set", "acme", "--iys-code=acme"), ("acme", "18 digits")),
        (("account", "set", "acme", "--recipients-per-second=-1"), ("no limit",)),
        (("account", "set", "acme", "--max-body=10"), ("1,024",)),
        (("account", "set", "acme", "--test-number=02121234567"), ("02121234567", "mobile")),
        (("account", "set", "acme", "--unit-price=0.5"), ("0.5", "whole number")),
        (("account", "set", "acme", "--unit-price=0"), ("message part",)),
        (("account", "set", "acme", "--balance=+1"), ("credits", "--credits")),
        (("account", "set", "acme", "--login=two words", "--password-stdin"), ("two words", "blanks")),
        (("account", "set", "acme", "--login=acme"), ("--password-stdin",)),
        (("account", "set", "acme", "--password-stdin"), ("--login",)),
        (("account", "set", "acme", "--login=off", "--password-stdin"), ("--login",)),
        (("account", "create", "shop", "--sender=A", "--lira"), ("--unit-price",)),
        (("account", "create", "shop", "--sender=A", "--lira", "--unit-price=0.03721"), ("0.03721", "four decimals")),
        (("account", "create", "shop", "--sender=A", "--lira", "--unit-price=1", "--credits=1"), ("--balance",)),
        (("account", "create", "shop", "--sender=A", "--balance=1"), ("--credits",)),
        (("account", "create", "shop", "--sender=A", "--lira", "--unit-price=1", "--balance=1,5"), ("1,5", "decimals")),
        (("account", "create", " ", "--sender=ACME"), ("name",)),
        (("account", "create", "shop", "--sender=TWELVELETTER"), ("TWELVELETTER", "1 to 11")),
        (("account", "create", "shop", "--sender=ŞOK"), ("ŞOK", "ASCII")),
        (("carrier", "set", "nobody", "--port=1"), ("nobody", "teslimat carrier list")),
        (("carrier", "remove", "nobody"), ("nobody", "teslimat carrier list")),
        (("carrier", "add", "x", *CARRIER, "--profile=odd"), ("odd", "default")),
        (("carrier", "add", "x", *CARRIER, f"--system-id={'x' * 16}"), ("15",)),
        (("carrier", "add", "x", *CARRIER, "--password=ninechars"), ("8",)),
        (("carrier", "set", "north", "--password=ninechars"), ("8",)),
        (("simulator", "--port=0", "--share=nonsense=0.1"), ("nonsense",)),
        (("simulator", "--port=0", "--share=delivered"), ("--share", "delivered")),
    ],
    ids=" ".join,
)
def test_a_wrong_word_is_named(
    house: Teslimat, arguments: tuple[str, ...], words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("pw-1234\n"))
    assert fails(house(*arguments), 2, *words)


@pytest.mark.parametrize(
    "arguments",
    [
        ("account", "create", "shop"),
        ("account", "create", "shop", "--sender=ACME", "--credits=-1"),
        ("carrier", "add", "x", "--host=127.0.0.1"),
        ("carrier", "add", "x", *CARRIER, "--window=0"),
        ("carrier", "add", "x", *CARRIER, "--port=0"),
        ("simulator", "--port=0", "--undelivered=2"),
        ("serve", "--port=many"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2_and_changes_nothing(house: Teslimat, arguments: tuple[str, ...]) -> None:
    before = house("account", "list").out, house("carrier", "list").out
    wrong = house(*arguments)
    assert (wrong.code, wrong.out) == (2, "")
    assert "Traceback" not in wrong.error
    assert (house("account", "list").out, house("carrier", "list").out) == before


@pytest.mark.parametrize(
    "arguments", [("account", "create", "acme", "--sender=A"), ("carrier", "add", "north", *CARRIER)]
)
def test_a_name_that_is_taken_is_refused(house: Teslimat, arguments: tuple[str, ...]) -> None:
    assert fails(house(*arguments), 1, arguments[2], "another name")


COMMANDS = [
    ("account", "list"),
    ("account", "create", "acme", "--sender=ACME"),
    ("carrier", "list"),
    ("carrier", "add", "north", *CARRIER),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_a_database_a_command_says_how_to_make_one(
    teslimat: Teslimat, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    assert fails(teslimat(*arguments), 1, "no database", "teslimat.db", "teslimat db migrate", "--database")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [*COMMANDS, ("db", "migrate")], ids=" ".join)
def test_a_file_that_is_no_database_is_left_alone(
    teslimat: Teslimat, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    letter = b"Dear Sir or Madam, this is no database. " * 200
    (tmp_path / "teslimat.db").write_bytes(letter)
    assert fails(teslimat(*arguments), 1, "teslimat.db", "not a database")
    assert (tmp_path / "teslimat.db").read_bytes() == letter


def test_a_database_of_an_older_version_is_to_be_migrated(teslimat: Teslimat, tmp_path: Path) -> None:
    migrate(tmp_path / "teslimat.db")
    with closing(sqlite3.connect(tmp_path / "teslimat.db")) as file:
        file.execute("DELETE FROM _yoyo_migration")
        file.commit()
    assert fails(teslimat("account", "list"), 1, "older version", "teslimat db migrate")


@pytest.mark.parametrize("arguments", [("account", "list"), ("db", "migrate")], ids=" ".join)
def test_a_database_of_a_newer_version_is_left_alone(
    teslimat: Teslimat, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    migrate(tmp_path / "teslimat.db")
    with closing(sqlite3.connect(tmp_path / "teslimat.db")) as file:
        file.execute(
            "UPDATE _yoyo_migration SET migration_hash = 'of tomorrow', migration_id = '9999_tomorrow'"
            " WHERE migration_id = (SELECT MAX(migration_id) FROM _yoyo_migration)"
        )
        file.commit()
    assert fails(teslimat(*arguments), 1, "newer version", "update")


@pytest.mark.parametrize("url", ["postgresql://localhost/teslimat", "teslimat.db", "sqlite:///"])
def test_a_database_must_be_named_by_a_url(teslimat: Teslimat, url: str) -> None:
    assert fails(teslimat("--database", url, "db", "migrate"), 2, "sqlite:///FILE")


def test_a_database_is_not_made_in_a_folder_that_is_not_there(teslimat: Teslimat, tmp_path: Path) -> None:
    assert fails(teslimat("--database", f"sqlite:///{tmp_path}/no/where.db", "db", "migrate"), 1, "no/where.db")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("PORT", "70000"),
        ("LIFETIME_HOURS", "0"),
        ("UNCERTAIN_GRACE_SECONDS", "-1"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
        ("LOG_LEVEL", "loud"),
        ("CONFIG", "nowhere.toml"),
    ],
)
def test_a_wrong_setting_is_named(house: Teslimat, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TESLIMAT_{name}", value)
    wrong = house("account", "list")
    assert fails(wrong, 2)
    assert name.lower() in wrong.error or value.rsplit(", ", maxsplit=1)[-1] in wrong.error


def test_a_setting_that_does_not_exist_is_named(
    house: Teslimat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "teslimat.toml").write_text("prot = 8080\n")
    monkeypatch.setenv("TESLIMAT_CONFIG", str(tmp_path / "teslimat.toml"))
    assert fails(house("account", "list"), 2, "'prot'", str(tmp_path / "teslimat.toml"))
