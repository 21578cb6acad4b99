"""Custom fields of contacts, as an operator defines them."""

import re
import sys
from pathlib import Path

import pytest

from teslimat.cli.main import run
from tests.acceptance.test_cli_commands import Done, Teslimat, fails


@pytest.fixture
def teslimat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Teslimat:
    """Run a command where there are two accounts."""
    monkeypatch.chdir(tmp_path)

    def teslimat(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["teslimat", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        out, error = capsys.readouterr()
        return Done(ended.value.code, out, error)

    assert teslimat("db", "migrate").code == 0
    for name in ("acme", "other"):
        assert teslimat("account", "create", name, "--sender=ACME").code == 0
    return teslimat


def rows(done: Done) -> list[tuple[str, str]]:
    assert done.code == 0
    return re.findall(r"^(\d+) +(\S+) *$", done.out, re.MULTILINE)


def test_a_field_is_defined_once_for_one_account(teslimat: Teslimat) -> None:
    first = teslimat("field", "add", "acme", " Şehir ")
    assert (first.code, first.out.strip().isdigit()) == (0, True)
    second = teslimat("field", "add", "acme", "Beden")
    theirs = teslimat("field", "add", "other", "Şehir")
    assert len({first.out, second.out, theirs.out}) == 3
    assert rows(teslimat("field", "list", "acme")) == [(first.out.strip(), "Şehir"), (second.out.strip(), "Beden")]
    assert fails(teslimat("field", "add", "acme", "Şehir"), 1, "'Şehir'")
    assert rows(teslimat("field", "list", "other")) == [(theirs.out.strip(), "Şehir")]


def test_a_field_that_cannot_be_is_refused(teslimat: Teslimat) -> None:
    for name in ("", " ", "x" * 101, "a\nb"):
        assert fails(teslimat("field", "add", "acme", name), 2, "1 to 100 printable characters")
    for command in (("add", "nobody", "Şehir"), ("list", "nobody")):
        assert fails(teslimat("field", *command), 2, "'nobody'", "account list")
    for i in range(100):
        assert teslimat("field", "add", "acme", f"Alan {i}").code == 0
    assert fails(teslimat("field", "add", "acme", "Bir daha"), 2, "at most 100")
    assert rows(teslimat("field", "list", "other")) == []
