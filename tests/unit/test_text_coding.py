"""Which coding a text takes, and its codes, witnessed by the independent `gsm0338` codec."""

import pytest
from gsm0338 import Codec
from gsm0338.charset import BASIC_CHARACTER_SET_EXTENSION
from hypothesis import given
from hypothesis import strategies as st

from teslimat.text.alphabet import BASIC, EXTENSION, TURKISH_SHIFT
from teslimat.text.coding import (
    Coding,
    UndecodableError,
    UnencodableError,
    choose,
    decode,
    encode,
    units,
)
from teslimat.text.parts import split

# 3GPP TS 23.038 annex A.2.1, in the words of that codec: character names by code.
TURKISH_NAMES = BASIC_CHARACTER_SET_EXTENSION | {
    0x47: "LATIN CAPITAL LETTER G WITH BREVE",
    0x49: "LATIN CAPITAL LETTER I WITH DOT ABOVE",
    0x53: "LATIN CAPITAL LETTER S WITH CEDILLA",
    0x63: "LATIN SMALL LETTER C WITH CEDILLA",
    0x67: "LATIN SMALL LETTER G WITH BREVE",
    0x69: "LATIN SMALL LETTER DOTLESS I",
    0x73: "LATIN SMALL LETTER S WITH CEDILLA",
}
WITNESS = {Coding.GSM7: Codec(), Coding.TURKISH: Codec(single_shift_decode_map=TURKISH_NAMES)}

GSM_CHARACTERS = BASIC.replace("\x1b", "") + "".join(EXTENSION)
TURKISH_CHARACTERS = BASIC.replace("\x1b", "") + "".join(TURKISH_SHIFT)

texts = st.one_of(
    st.text(GSM_CHARACTERS),
    st.text(TURKISH_CHARACTERS),
    st.text(st.characters(exclude_categories=["Cs"])),
)


@pytest.mark.parametrize(
    ("text", "coding", "length"),
    [
        ("", Coding.GSM7, 0),
        ("Merhaba", Coding.GSM7, 7),
        ("öüÖÜÇ", Coding.GSM7, 5),
        ("^{}\\[~]|€\f", Coding.GSM7, 20),
        ("satır\r\n", Coding.TURKISH, 8),
        ("şŞğĞıİç", Coding.TURKISH, 14),
        ("ş€", Coding.TURKISH, 4),
        ("Привет", Coding.UCS2, 6),
        ("ş🎉", Coding.UCS2, 3),
        ("`", Coding.UCS2, 1),
        ("s\N{COMBINING CEDILLA}", Coding.UCS2, 2),
        ("\0", Coding.UCS2, 1),
        ("\x1b", Coding.UCS2, 1),
        ("\t", Coding.UCS2, 1),
    ],
)
def test_a_text_takes_the_cheapest_coding_that_holds_it(text: str, coding: Coding, length: int) -> None:
    assert choose(text) is coding
    assert units(text, coding) == length


def test_the_stored_numbers_of_the_codings_never_change() -> None:
    assert {coding.name: int(coding) for coding in Coding} == {"GSM7": 0, "TURKISH": 1, "UCS2": 2}


@pytest.mark.parametrize("half", [chr(0xD800), chr(0xDFFF), "a\ud83d", "\ude00\ud83d"])
def test_half_of_a_surrogate_pair_is_in_no_coding(half: str) -> None:
    assert choose(half) is None
    for coding in Coding:
        assert units(half, coding) is None
        with pytest.raises(UnencodableError):
            encode(half, coding)


@pytest.mark.parametrize(
    ("text", "coding"), [("ş", Coding.GSM7), ("\x1b", Coding.GSM7), ("ж", Coding.TURKISH), ("🎉", Coding.TURKISH)]
)
def test_a_character_without_a_code_is_refused_not_replaced(text: str, coding: Coding) -> None:
    assert units(text, coding) is None
    with pytest.raises(UnencodableError):
        encode(text, coding)
    with pytest.raises(UnencodableError):
        split(text, coding)


@given(texts)
def test_the_chosen_coding_needs_the_fewest_parts(text: str) -> None:
    chosen = choose(text)
    parts = {coding: len(split(text, coding)) for coding in Coding if units(text, coding) is not None}
    assert chosen == min(parts, key=lambda coding: (parts[coding], coding))


@given(st.sampled_from(TURKISH_CHARACTERS), st.integers(1, 1200), st.text(TURKISH_CHARACTERS, max_size=5))
def test_the_chosen_coding_needs_the_fewest_parts_of_a_long_text(character: str, length: int, end: str) -> None:
    text = character * length + end
    chosen = choose(text)
    parts = {coding: len(split(text, coding)) for coding in Coding if units(text, coding) is not None}
    assert chosen == min(parts, key=lambda coding: (parts[coding], coding))


@pytest.mark.parametrize(
    ("coding", "characters"), [(Coding.GSM7, GSM_CHARACTERS), (Coding.TURKISH, TURKISH_CHARACTERS)]
)
def test_every_character_has_the_code_that_the_standard_gives_it(coding: Coding, characters: str) -> None:
    assert len(set(characters)) == len(characters) == 127 + (10 if coding is Coding.GSM7 else 17)
    for character in characters:
        assert encode(character, coding) == WITNESS[coding].encode(character)[0]


@given(texts)
def test_another_codec_reads_the_same_text(text: str) -> None:
    coding = choose(text)
    codes = encode(text, coding)
    if coding is Coding.UCS2:
        assert codes.decode("utf-16-be") == text
    else:
        assert WITNESS[coding].decode(codes)[0] == text


@given(texts)
def test_what_was_encoded_is_decoded(text: str) -> None:
    for coding in Coding:
        length = units(text, coding)
        if length is not None:
            codes = encode(text, coding)
            assert len(codes) == length * (2 if coding is Coding.UCS2 else 1)
            assert decode(codes, coding) == text


@pytest.mark.parametrize(
    ("codes", "coding"),
    [
        (b"\x80", Coding.GSM7),
        (b"a\x1b", Coding.GSM7),
        (b"\x1b\x1be", Coding.GSM7),
        (b"\x1bs", Coding.GSM7),
        (b"\x1ba", Coding.TURKISH),
        (b"\x00", Coding.UCS2),
        (b"\xd8\x3d", Coding.UCS2),
    ],
)
def test_codes_that_are_no_text_are_refused(codes: bytes, coding: Coding) -> None:
    with pytest.raises(UndecodableError):
        decode(codes, coding)
