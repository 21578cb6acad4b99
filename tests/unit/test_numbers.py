"""The spellings of a Turkish mobile number, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.numbers import HIGHEST, LOWEST, MAX_SPELLING, odd, parse, parse_all

valid = st.integers(LOWEST, HIGHEST)
separators = st.sampled_from(["", " ", "-", ".", "  ", "\N{NO-BREAK SPACE}", "\t"])
prefixes = st.sampled_from(["90", "+90", "0090", "090", "0", ""])


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, int]:
    """A number as people write it, with the number."""
    number = draw(valid)
    digits = str(number)[2:]
    head = draw(prefixes)
    area = draw(st.sampled_from(["{}", "({})", " {}"])).format(digits[:3])
    between = draw(separators)
    return head + area + between.join(["", digits[3:6], digits[6:8], digits[8:]]), number


plain = st.one_of(
    st.text("059+", min_size=9, max_size=16),
    st.builds(
        lambda number, prefix: prefix + str(number)[2:],
        valid,
        st.sampled_from(["", "+", "0", "00", "000", "+90", "090", "0090", "00090", "+0", "+090", "90+"]),
    ),
)
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.text("0123456789+- ()_.", max_size=20),
    st.text("059+ ", min_size=10, max_size=14),
    valid,
    valid.map(str),
    valid.map(lambda number: str(number)[2:]),
    spellings().map(lambda pair: pair[0]),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
)


@given(spellings())
def test_every_spelling_of_a_number_is_that_number(pair: tuple[str, int]) -> None:
    spelling, number = pair
    assert parse(spelling) == number


@given(valid)
def test_an_integer_is_read_like_its_digits(number: int) -> None:
    assert parse(number) == parse(number % 10**10) == number


@pytest.mark.parametrize(
    "spelling",
    [
        "905321234567",
        "+90 532 123 45 67",
        "5321234567",
        "05321234567",
        "00905321234567",
        "0 (532) 123-45-67",
        "(+90) 532.123.45.67",
        " 5321234567\r\n",
    ],
)
def test_the_documented_spellings(spelling: str) -> None:
    assert parse(spelling) == 905321234567


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "+",
        "abc",
        "abc5321234567",
        "5321234567x",
        "532_123_4567",
        "\uff15\uff13\uff12\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
        "\u0665\u0663\u0662\u0661\u0662\u0663\u0664\u0665\u0666\u0667",
        "53212345\N{SUPERSCRIPT TWO}7",
        "5321234567\0",
        "\x1c5321234567",
        "532123456",
        "53212345678",
        "5321234567.0",
        "905999123456",
        "905701234567",
        "5801234567",
        "902121234567",
        "+4915112345678",
        "+905321234567+",
        "++905321234567",
        "90+5321234567",
        "+5321234567",
        "+05321234567",
        "+0905321234567",
        "005321234567",
        "000905321234567",
        "9005321234567",
        "-5321234567",
        " -5321234567",
        "5321234567" + " " * 23,
        "0" * 40 + "5321234567",
        "9" * 5000,
        -5321234567,
        905999123456,
        902121234567,
        532123456,
        10**40,
        pytest.param(10**5000, id="a number of 5,000 digits"),
        5321234567.0,
        5.3e9,
        True,
        None,
        ["5321234567"],
        {"number": "5321234567"},
        b"5321234567",
    ],
)
def test_what_is_no_turkish_mobile_number(value: object) -> None:
    assert parse(value) is None
    assert parse_all([value]) == [None]


@pytest.mark.parametrize("code", range(50, 57))
def test_mobile_codes_are_accepted(code: int) -> None:
    assert parse(f"{code}00000000") == int(f"90{code}00000000")
    assert parse(f"{code}99999999") == int(f"90{code}99999999")


@given(anything)
def test_any_value_is_a_mobile_number_or_none(value: object) -> None:
    number = parse(value)
    assert number is None or (type(number) is int and LOWEST <= number <= HIGHEST)


@given(st.lists(anything))
def test_many_are_read_like_one_by_one(values: list[object]) -> None:
    assert parse_all(values) == [parse(value) for value in values]


@given(st.lists(plain))
def test_many_of_digits_and_plus_signs_are_read_like_one_by_one(values: list[str]) -> None:
    assert parse_all(values) == [parse(value) for value in values]


def test_order_is_kept_over_thousands_with_an_odd_one_here_and_there() -> None:
    expected = [905300000000 + position for position in range(3500)]
    spelled = [str(number) for number in expected]
    for position, spelling, number in [
        (0, "", None),
        (1500, "+90 530 000 15 00", 905300001500),
        (2999, 905300002999, 905300002999),
        (3499, "905999123456", None),
    ]:
        spelled[position], expected[position] = spelling, number
    assert parse_all(spelled) == expected
    assert parse_all([]) == []


@given(anything)
def test_what_is_kept_of_any_input_is_short_and_printable(value: object) -> None:
    kept = odd(value)
    assert len(kept) <= MAX_SPELLING
    assert kept.isprintable()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("905999123456", "905999123456"),
        ("+49 151", "+49 151"),
        ("a\0b\nc\x1bd\u202e\ud800", "abcd"),
        ("x" * 40, "x" * 32),
        (902121234567, "902121234567"),
        (5321234567.5, "5321234567.5"),
        pytest.param(10**5000, "int", id="a number of 5,000 digits"),
        ([], "list"),
    ],
)
def test_what_is_kept_of_an_input_that_is_no_number(value: object, kept: str) -> None:
    assert odd(value) == kept
