"""What an operator types about webhooks, and how it fails."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from teslimat.cli.sandbox import sandbox_settings
from teslimat.config import Settings
from tests.acceptance.test_cli_commands import Teslimat, fails, house, teslimat

__all__ = ["house", "teslimat"]

URL = "https://hooks.example.com/sms"


@pytest.fixture
def webhooks(house: Teslimat) -> Teslimat:
    """Run a command about webhooks where there is one."""
    assert house("webhooks", "add", "acme", URL).code == 0
    return lambda *arguments: house("webhooks", *arguments)


def test_a_secret_is_shown_once(house: Teslimat) -> None:
    added = house("webhooks", "add", "acme", URL)
    found = re.fullmatch(r"id: +1\nsecret: (whsec_[A-Za-z0-9+/]{43}=)\n", added.out)
    assert found
    assert found[1] not in house("webhooks", "list").out


def test_webhooks_are_listed_as_they_are_set(webhooks: Teslimat) -> None:
    assert all(word in webhooks("list").out for word in ("1", "acme", URL, "8", "no limit", "on"))
    changes = ("--concurrency=3", "--per-second=1200", "--enabled=off", "--url=https://other.example/")
    assert webhooks("set", "1", *changes).code == 0
    listed = webhooks("list").out
    assert all(word in listed for word in ("https://other.example/", "3", "1,200", "off"))
    assert webhooks("set", "1", "--enabled=on").code == 0
    assert "on" in webhooks("list").out


def test_a_new_secret_differs_from_the_old_one(webhooks: Teslimat) -> None:
    first, second = webhooks("rotate", "1").out, webhooks("rotate", "1", "--keep-hours=0").out
    assert first.startswith("secret: whsec_")
    assert first != second


def test_a_removed_webhook_is_gone(webhooks: Teslimat) -> None:
    assert webhooks("remove", "1").code == 0
    assert URL not in webhooks("list").out
    assert fails(webhooks("remove", "1"), 2, "no webhook 1", "webhooks list")


def test_there_is_nothing_to_show_or_to_tell_again_at_first(webhooks: Teslimat) -> None:
    assert webhooks("log", "1").code == 0
    largest = (f"--order={2**63 - 1}", f"--event={2**63 - 1}-{2**63 - 1}-accepted")
    spans = ("--since=2026-11-24", "--until=2026-11-24T09:30:01Z")
    for wish in ("--parked", "--order=1", "--event=1-0-accepted", *largest, *spans):
        assert webhooks("replay", "1", wish).out == "events to tell: 0\n"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("add", "nobody", URL), "nobody"),
        (("add", "acme", "http://hooks.example.com"), "https://"),
        (("add", "acme", "https://user:pw@hooks.example.com"), "password"),
        (("add", "acme", "https://10.0.0.1/sms"), "webhook_networks"),
        (("add", "acme", "https://[::ffff:127.0.0.1]/sms"), "webhook_networks"),
        (("add", "acme", URL, "--concurrency=0"), "1 to 100"),
        (("add", "acme", URL, "--per-second=10001"), "10,000"),
        (("set", "2", "--enabled=on"), "no webhook 2"),
        (("set", "1", "--enabled=maybe"), "--enabled"),
        (("set", "1", "--url=ftp://x"), "https://"),
        (("set", "1", "--concurrency=101"), "1 to 100"),
        (("rotate", "2"), "no webhook 2"),
        (("log", "2"), "no webhook 2"),
        (("replay", "2", "--parked"), "no webhook 2"),
        (("replay", "1"), "--event"),
        (("replay", "1", "--parked", "--order=3"), "--event"),
        (("replay", "1", "--event=7"), "no event"),
        (("replay", "1", "--since=yesterday"), "no time"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(webhooks: Teslimat, arguments: tuple[str, ...], word: str) -> None:
    before = webhooks("list").out
    assert fails(webhooks(*arguments), 2, word)
    assert webhooks("list").out == before


def test_reading_waits_for_nobody_who_writes(webhooks: Teslimat, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "teslimat.db", isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        assert webhooks("log", "1", "--failed").code == 0
        assert webhooks("list").code == 0


@pytest.mark.parametrize("command", ["log", "replay"])
@pytest.mark.parametrize("order_id", ["0", "99999999999999999999"])
def test_what_no_order_can_be_called_is_refused(webhooks: Teslimat, command: str, order_id: str) -> None:
    done = webhooks(command, "1", f"--order={order_id}")
    assert done.code == 2
    assert "--order" in done.error
    assert "Traceback" not in done.error


def test_an_eleventh_webhook_is_refused(webhooks: Teslimat) -> None:
    for _ in range(9):
        assert webhooks("add", "acme", URL).code == 0
    assert fails(webhooks("add", "acme", URL), 2, "10 webhooks at most")


def test_the_sandbox_reaches_this_machine_unless_the_operator_names_networks() -> None:
    assert sandbox_settings(Settings(), None).webhook_networks == ("127.0.0.0/8", "::1")
    assert sandbox_settings(Settings(webhook_networks=("10.0.0.0/8",)), None).webhook_networks == ("10.0.0.0/8",)


def test_a_plain_address_is_taken_where_the_operator_allows_networks(
    webhooks: Teslimat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESLIMAT_WEBHOOK_NETWORKS", "127.0.0.1")
    assert webhooks("add", "acme", "http://127.0.0.1:9000/").code == 0
    monkeypatch.setenv("TESLIMAT_WEBHOOK_NETWORKS", "here")
    assert fails(webhooks("list"), 2, "webhook_networks", "TESLIMAT_WEBHOOK_NETWORKS")
