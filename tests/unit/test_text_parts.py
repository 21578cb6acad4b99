"""How many parts a text fills, and which."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.text.coding import Coding, choose, units
from teslimat.text.parts import Plan, Refusal, plan, split

SUFFIX = " B186"
# The longest text without the suffix, by number of parts, of characters that take one unit each.
LONGEST = {
    Coding.GSM7: (155, 301, 454, 607, 760, 913, 1066),
    Coding.TURKISH: (150, 293, 442, 591, 740, 889, 1038),
    Coding.UCS2: (65, 129, 196, 263, 330, 397, 464),
}
BOUNDARIES = [(coding, parts, longest) for coding, row in LONGEST.items() for parts, longest in enumerate(row, start=1)]


def text_of(coding: Coding, length: int) -> str:
    """A text of that many units which needs that coding; Turkish needs one wide character at least."""
    start = {Coding.GSM7: "", Coding.TURKISH: "ş", Coding.UCS2: "ж"}[coding]
    return start + "a" * (length - (units(start, coding) or 0))


# Short alphabets with wide characters, so that pairs often meet a boundary.
texts = st.one_of(
    st.text("ab€", max_size=700),
    st.text("abş€", max_size=700),
    st.text("ab🎉", max_size=400),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.builds(
        lambda length, wide, end: "a" * length + wide * end,
        st.integers(0, 160),
        st.sampled_from("€ş🎉"),
        st.integers(0, 300),
    ),
)


@pytest.mark.parametrize(("coding", "parts", "longest"), BOUNDARIES)
def test_the_longest_text_of_each_number_of_parts(coding: Coding, parts: int, longest: int) -> None:
    assert plan(text_of(coding, longest), SUFFIX) == Plan(coding, parts)
    one_more = plan(text_of(coding, longest + 1), SUFFIX)
    assert one_more == (Plan(coding, parts + 1) if parts < 7 else Refusal.TOO_LONG)


@pytest.mark.parametrize(("coding", "single"), [(Coding.GSM7, 160), (Coding.TURKISH, 155), (Coding.UCS2, 70)])
def test_without_a_suffix_one_part_holds_all_its_units(coding: Coding, single: int) -> None:
    assert plan(text_of(coding, single), "", max_parts=1) == Plan(coding, 1)
    assert plan(text_of(coding, single + 1), "", max_parts=1) is Refusal.TOO_LONG


def test_the_suffix_is_coded_with_the_text() -> None:
    assert plan("Merhaba", " Ğ1") == Plan(Coding.TURKISH, 1)
    assert plan("Merhaba", "\ud800") is Refusal.UNENCODABLE


def test_a_wide_character_at_each_boundary_costs_a_part_more_than_the_formula() -> None:
    # 76 pairs fit a part of 153 septets and one stays empty, so 7 parts hold 1064 septets of 1071.
    text = "€" * 533
    assert math.ceil(len(text) * 2 / 153) == 7
    assert len(split(text, Coding.GSM7)) == 8
    assert plan(text, "") is Refusal.TOO_LONG
    assert plan(text[1:], "") == Plan(Coding.GSM7, 7)


@pytest.mark.parametrize("character", ["a", "ş", "ж", "🎉", "\ud800"])
def test_a_text_of_megabytes_is_too_long(character: str) -> None:
    assert plan(character * 5_000_000, SUFFIX) is Refusal.TOO_LONG


@pytest.mark.parametrize("text", ["\ud800", "a\udc00", "\ude00\ud83d"])
def test_half_of_a_surrogate_pair_is_refused(text: str) -> None:
    assert plan(text, SUFFIX) is Refusal.UNENCODABLE


def test_an_empty_text_is_one_empty_part() -> None:
    for coding in Coding:
        assert split("", coding) == ("",)
    assert plan("", "") == Plan(Coding.GSM7, 1)


@given(texts)
def test_the_parts_joined_are_the_text(text: str) -> None:
    for coding in Coding:
        if units(text, coding) is not None:
            assert "".join(split(text, coding)) == text


@given(texts)
def test_a_part_is_as_full_as_whole_characters_allow(text: str) -> None:
    coding = choose(text)
    parts = split(text, coding)
    single, size = {Coding.GSM7: (160, 153), Coding.TURKISH: (155, 149), Coding.UCS2: (70, 67)}[coding]
    if len(parts) == 1:
        assert units(text, coding) <= single
        return
    assert units(text, coding) > single
    for part, following in pairwise(parts):
        assert units(part, coding) <= size
        assert units(part + following[0], coding) > size
    assert 0 < units(parts[-1], coding) <= size


@given(texts, st.sampled_from(["", SUFFIX, " €"]), st.integers(1, 9))
def test_the_plan_is_the_real_split_and_never_below_the_formula(text: str, suffix: str, max_parts: int) -> None:
    whole = text + suffix
    coding = choose(whole)
    parts = len(split(whole, coding))
    assert plan(text, suffix, max_parts) == (Plan(coding, parts) if parts <= max_parts else Refusal.TOO_LONG)
    length = units(whole, coding)
    single, size = {Coding.GSM7: (160, 153), Coding.TURKISH: (155, 149), Coding.UCS2: (70, 67)}[coding]
    formula = 1 if length <= single else math.ceil(length / size)
    assert parts >= formula
    if length == len(whole):
        assert parts == formula
