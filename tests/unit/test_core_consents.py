"""Which recipients and sources a consent may name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core import numbers
from teslimat.core.consents import is_source, read_recipient


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ayse@example.com", "ayse@example.com"),
        ("  Ayse.Yilmaz+haber@Posta.Example.COM.tr\n", "ayse.yilmaz+haber@posta.example.com.tr"),
        ("bilgi@örnek.com", "bilgi@örnek.com"),
        ("x@a-b.example", "x@a-b.example"),
        ("x@example.xn--p1ai", "x@example.xn--p1ai"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_an_address_is_kept_in_small_letters(written: str, address: str) -> None:
    assert read_recipient("EPOSTA", written) == address


@pytest.mark.parametrize(
    "written",
    [
        *("", "ayse", "@example.com", "ayse@", "ayse@example", "a b@example.com", "a@b@example.com"),
        *("ayse@-x.com", "ayse@example..com", "ayse@example.5", "<a@example.com>", "a@example.com, b@example.com"),
        *("a\0@example.com", "x" * 65 + "@example.com", "a@" + "b" * 250 + ".com", "5301234567"),
        *(5301234567, None, ["a@example.com"]),
    ],
)
def test_what_is_no_address_is_none(written: object) -> None:
    assert read_recipient("EPOSTA", written) is None


@given(st.sampled_from(["MESAJ", "ARAMA"]), st.integers(numbers.LOWEST, numbers.HIGHEST))
def test_a_number_is_kept_in_one_form(channel: str, number: int) -> None:
    national = str(number)[2:]
    for written in (number, f"+{number}", f"0{national}", f"{national[:3]} {national[3:6]} {national[6:]}"):
        assert read_recipient(channel, written) == f"+{number}"


@given(st.sampled_from(["MESAJ", "ARAMA", "EPOSTA", ""]), st.text() | st.integers() | st.none() | st.lists(st.text()))
def test_any_recipient_is_read_or_none_and_reads_as_itself(channel: str, value: object) -> None:
    read = read_recipient(channel, value)
    assert read is None or read_recipient(channel, read) == read


@pytest.mark.parametrize(("source", "known"), [("HS_WEB", True), ("HS_2", True), ("HS_", False), ("XHS_WEB", False)])
def test_sources_begin_as_the_registry_s_do(source: str, known: bool) -> None:
    assert is_source(source) is known
    assert not is_source(source + "\n")
