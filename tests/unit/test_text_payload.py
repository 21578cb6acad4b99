"""What a part looks like on the wire, and what a telephone reads in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.text.coding import Coding, UndecodableError, UnencodableError, choose
from teslimat.text.parts import split
from teslimat.text.payload import (
    REFERENCE_OFFSET,
    Concatenation,
    Decoded,
    data_coding,
    decode,
    has_header,
    payload,
)

MESSAGE_OCTETS = 140

texts = st.one_of(
    st.text("ab€[\n@", max_size=700),
    st.text("abşİ€@", max_size=700),
    st.text("abж🎉", max_size=400),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)


def packed_octets(octets: bytes, coding: Coding, *, udhi: bool) -> int:
    """The size on the air, where septets are packed and begin at a septet boundary behind the header."""
    if coding is Coding.UCS2:
        return len(octets)
    header = 1 + octets[0] if udhi else 0
    header_septets = -(-header * 8 // 7)
    return -(-(header_septets + len(octets) - header) * 7 // 8)


@pytest.mark.parametrize(
    ("part", "coding", "total", "octets"),
    [
        ("a@", Coding.GSM7, 1, "61 00"),
        ("a€", Coding.GSM7, 1, "61 1b 65"),
        ("a€", Coding.GSM7, 3, "05 00 03 2a 03 02 61 1b 65"),
        ("aş", Coding.TURKISH, 1, "03 24 01 01 61 1b 73"),
        ("aş", Coding.TURKISH, 3, "08 00 03 2a 03 02 24 01 01 61 1b 73"),
        ("ж🎉", Coding.UCS2, 1, "04 36 d8 3c df 89"),
        ("ж", Coding.UCS2, 3, "05 00 03 2a 03 02 04 36"),
    ],
)
def test_the_octets_of_a_part(part: str, coding: Coding, total: int, octets: str) -> None:
    number = min(2, total)
    assert payload(part, coding, total=total, number=number, reference=42) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("coding", "total", "header"),
    [
        (Coding.GSM7, 1, False),
        (Coding.GSM7, 2, True),
        (Coding.TURKISH, 1, True),
        (Coding.TURKISH, 2, True),
        (Coding.UCS2, 1, False),
        (Coding.UCS2, 2, True),
    ],
)
def test_a_header_is_announced_where_there_is_one(coding: Coding, total: int, header: bool) -> None:
    assert has_header(coding, total) is header


@given(texts, st.integers(0, 255))
def test_a_telephone_reads_the_parts_that_were_sent(text: str, reference: int) -> None:
    coding = choose(text)
    parts = split(text, coding)
    total = len(parts)
    for number, part in enumerate(parts, start=1):
        octets = payload(part, coding, total=total, number=number, reference=reference)
        place = Concatenation(reference, total, number) if total > 1 else None
        assert decode(octets, data_coding(coding), udhi=has_header(coding, total)) == Decoded(part, place)


@given(texts)
def test_every_part_fits_a_message(text: str) -> None:
    coding = choose(text)
    parts = split(text, coding)
    udhi = has_header(coding, len(parts))
    for number, part in enumerate(parts, start=1):
        octets = payload(part, coding, total=len(parts), number=number, reference=0)
        assert packed_octets(octets, coding, udhi=udhi) <= MESSAGE_OCTETS


@pytest.mark.parametrize("text", ["a" * 161, "ş" * 80, "ж" * 71])
def test_another_reference_changes_one_octet_of_a_known_place(text: str) -> None:
    coding = choose(text)
    part = split(text, coding)[0]
    octets = bytearray(payload(part, coding, total=2, number=1, reference=7))
    octets[REFERENCE_OFFSET] = 200
    assert octets == payload(part, coding, total=2, number=1, reference=200)


@pytest.mark.parametrize(("total", "number", "reference"), [(256, 1, 0), (2, 256, 0), (2, 1, 256), (2, 1, -1)])
def test_a_place_that_does_not_fit_the_header_is_refused(total: int, number: int, reference: int) -> None:
    with pytest.raises(ValueError, match="range"):
        payload("a", Coding.GSM7, total=total, number=number, reference=reference)


def test_a_part_that_the_coding_does_not_hold_is_refused() -> None:
    with pytest.raises(UnencodableError):
        payload("ş", Coding.GSM7, total=1, number=1, reference=0)


def test_headers_that_other_gateways_write_are_read() -> None:
    sixteen_bit = bytes.fromhex("06 08 04 01 2c 03 02 61")
    assert decode(sixteen_bit, 0, udhi=True) == Decoded("a", Concatenation(300, 3, 2))
    with_ports = bytes.fromhex("0b 05 04 0b 84 23 f0 00 03 2a 03 02 61")
    assert decode(with_ports, 0, udhi=True) == Decoded("a", Concatenation(42, 3, 2))
    twice = bytes.fromhex("0a 00 03 01 03 01 00 03 2a 03 02 61")
    assert decode(twice, 0, udhi=True) == Decoded("a", Concatenation(42, 3, 2))


@pytest.mark.parametrize(
    ("octets", "coding"),
    [
        ("", 0),
        ("05 00 03 01", 0),
        ("01 00", 0),
        ("01 00 61", 0),
        ("04 00 03 01 03 61", 0),
        ("03 24 01 02 61", 0),
        ("03 25 01 01 61", 0),
        ("00 61", 4),
        ("00 61", 8),
    ],
)
def test_a_payload_that_cannot_be_read_is_refused(octets: str, coding: int) -> None:
    with pytest.raises(UndecodableError):
        decode(bytes.fromhex(octets), coding, udhi=True)


@given(st.binary(max_size=30), st.sampled_from([0, 8]), st.booleans())
def test_any_octets_are_a_text_or_refused(octets: bytes, coding: int, udhi: bool) -> None:
    try:
        decoded = decode(octets, coding, udhi=udhi)
    except UndecodableError:
        return
    assert len(decoded.text) <= len(octets)
