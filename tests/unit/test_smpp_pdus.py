"""The codec: what is written is read back; what is broken is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.smpp.fields import MalformedError, decode_tlvs, encode_tlvs
from teslimat.smpp.frames import MAX_PDU_OCTETS, BadLength, Frame, FrameBuffer
from teslimat.smpp.pdus import (
    ANSWER,
    BIND_ANSWERS,
    BINDS,
    Bind,
    BindAnswer,
    Command,
    Message,
    MessageAnswer,
    Outbind,
    Pdu,
    Signal,
    SubmitTemplate,
    Unknown,
    decode,
    encode,
    encode_pdu,
    receipt_body,
    submit_body,
    submit_template,
)
from teslimat.smpp.receipts import parse_receipt
from teslimat.smpp.status import Status, status_name

octet = st.integers(0, 255)
word = st.integers(0, 0xFFFF_FFFF)
status = st.one_of(st.sampled_from(sorted(Status)), word)
tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=300)), max_size=4).map(tuple)
messages = st.sampled_from([Command.SUBMIT_SM, Command.DELIVER_SM])


def c_string(size: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=size - 1)


message = st.builds(
    Message,
    command=messages,
    sequence=word,
    service_type=c_string(6),
    source_ton=octet,
    source_npi=octet,
    source=c_string(21),
    destination_ton=octet,
    destination_npi=octet,
    destination=c_string(21),
    esm_class=octet,
    protocol_id=octet,
    priority=octet,
    schedule_delivery_time=c_string(17),
    validity_period=c_string(17),
    registered_delivery=octet,
    replace_if_present=octet,
    data_coding=octet,
    default_message_id=octet,
    short_message=st.binary(max_size=254),
    tlvs=tlvs,
)
bind = st.builds(
    Bind,
    command=st.sampled_from(sorted(BINDS)),
    sequence=word,
    system_id=c_string(16),
    password=c_string(9),
    system_type=c_string(13),
    interface_version=octet,
    addr_ton=octet,
    addr_npi=octet,
    address_range=c_string(41),
)
signals = [Command.GENERIC_NACK, Command.UNBIND, Command.UNBIND_RESP, Command.ENQUIRE_LINK]
pdu = st.one_of(
    message,
    bind,
    st.builds(BindAnswer, st.sampled_from(sorted(BIND_ANSWERS)), status, word, c_string(16), tlvs),
    st.builds(MessageAnswer, messages.map(lambda command: command | ANSWER), status, word, c_string(65)),
    st.builds(Outbind, word, c_string(16), c_string(9)),
    st.builds(Signal, st.sampled_from([*signals, Command.ENQUIRE_LINK_RESP]), status, word),
    st.builds(Unknown, word.filter(lambda value: value not in set(Command)), status, word, st.binary(max_size=90)),
)


def read(data: bytes) -> Pdu:
    data, frames, bad = FrameBuffer().feed(data)
    assert bad is None
    (frame,) = frames
    return decode(data, frame)


REFUSALS = {None, Status.ESME_RINVPARLEN, Status.ESME_RINVMSGLEN, Status.ESME_RINVOPTPARSTREAM}


def refusal_of(data: bytes, frame: Frame) -> Status | None:
    try:
        decode(data, frame)
    except MalformedError as error:
        return error.status
    return None


@given(pdu)
def test_every_pdu_is_read_back_as_it_was_written(value: Pdu) -> None:
    assert read(encode(value)) == value


@given(st.lists(pdu, max_size=6), st.data())
def test_how_a_stream_is_cut_into_reads_does_not_matter(pdus: list[Pdu], data: st.DataObject) -> None:
    stream = b"".join(map(encode, pdus))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    buffer, seen = FrameBuffer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        octets, frames, bad = buffer.feed(stream[start:end])
        assert bad is None
        seen += [decode(octets, frame) for frame in frames]
    assert seen == pdus


@given(message.map(encode), st.data())
def test_a_message_with_an_octet_missing_anywhere_is_refused_or_still_a_message(
    data: bytes, drawn: st.DataObject
) -> None:
    end = drawn.draw(st.integers(16, len(data)))
    frame = Frame(Command.SUBMIT_SM, 0, 1, 16, end)
    assert refusal_of(data, frame) in REFUSALS


@given(st.sampled_from(sorted(Command)), st.binary(max_size=200))
def test_any_body_is_a_pdu_or_malformed(command: Command, body: bytes) -> None:
    data = encode_pdu(command, 0, 1, body)
    assert refusal_of(data, Frame(command, 0, 1, 16, len(data))) in REFUSALS


@pytest.mark.parametrize("length", [0, 15, MAX_PDU_OCTETS + 1, 0xFFFF_FFFF])
def test_a_length_that_no_pdu_has_ends_the_stream_after_the_pdus_before_it(length: int) -> None:
    good = encode_pdu(Command.ENQUIRE_LINK, 0, 7)
    _, frames, bad = FrameBuffer().feed(good + length.to_bytes(4, "big") + good[4:])
    assert [frame.sequence for frame in frames] == [7]
    assert bad == BadLength(length, 7)


def test_the_largest_pdu_is_read_octet_by_octet() -> None:
    data = encode_pdu(0x1234, 0, 1, bytes(MAX_PDU_OCTETS - 16))
    buffer = FrameBuffer()
    found = [buffer.feed(data[i : i + 1])[1] for i in range(len(data))]
    assert [len(frames) for frames in found if frames] == [1]
    assert found[-1][0].end == MAX_PDU_OCTETS


@given(tlvs)
def test_nul_padding_after_optional_parameters_is_no_parameter(values: tuple[tuple[int, bytes], ...]) -> None:
    data = encode_tlvs(values)
    for padding in range(4):
        padded = data + bytes(padding)
        assert decode_tlvs(padded, 0, len(padded)) == values


@pytest.mark.parametrize("tail", [b"\x00\x1e\x00\x05abc", b"\x04\x27\x00", b"x"])
def test_an_optional_parameter_cut_short_is_malformed(tail: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        decode_tlvs(tail, 0, len(tail))
    assert caught.value.status is Status.ESME_RINVOPTPARSTREAM


@given(
    source=c_string(21),
    destination=st.integers(1, 10**15 - 1),
    payload=st.binary(max_size=254),
    esm_class=octet,
    data_coding=octet,
    validity_period=c_string(17),
)
def test_a_submit_from_a_template_is_the_submit_it_says(
    source: str, destination: int, payload: bytes, esm_class: int, data_coding: int, validity_period: str
) -> None:
    template = submit_template(
        source=source, esm_class=esm_class, data_coding=data_coding, validity_period=validity_period
    )
    body = submit_body(template, b"%d" % destination, payload)
    assert read(encode_pdu(Command.SUBMIT_SM, 0, 9, body)) == Message(
        command=Command.SUBMIT_SM,
        sequence=9,
        source_ton=5,
        source=source,
        destination_ton=1,
        destination_npi=1,
        destination=str(destination),
        esm_class=esm_class,
        validity_period=validity_period,
        registered_delivery=1,
        data_coding=data_coding,
        short_message=payload,
    )


TEMPLATE = submit_template(source="SENDER")


@pytest.mark.parametrize(
    ("destination", "payload"), [(b"90532\x001234567", b"x"), (b"1" * 21, b"x"), (b"905321234567", b"x" * 255)]
)
def test_what_does_not_fit_a_submit_is_refused_not_cut(destination: bytes, payload: bytes) -> None:
    assert isinstance(TEMPLATE, SubmitTemplate)
    with pytest.raises(ValueError, match="does not fit"):
        submit_body(TEMPLATE, destination, payload)


@pytest.mark.parametrize(
    ("source", "destination", "text"), [(b"\0", b"S", b""), (b"1", b"S" * 21, b""), (b"1", b"S", b"x" * 255)]
)
def test_what_does_not_fit_a_receipt_is_refused_not_cut(source: bytes, destination: bytes, text: bytes) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        receipt_body(source, destination, text)


@pytest.mark.parametrize(
    "value",
    [
        Bind(Command.BIND_TRANSCEIVER, 1, "x" * 16, "secret"),
        Bind(Command.BIND_TRANSCEIVER, 1, "esme", "a\0b"),
        Message(Command.SUBMIT_SM, 1, destination="ğ"),
        Message(Command.SUBMIT_SM, 1, short_message=bytes(255)),
        Message(Command.SUBMIT_SM, 1, esm_class=256),
        Message(Command.SUBMIT_SM, 1, tlvs=((1, bytes(0x10000)),)),
    ],
)
def test_a_field_that_does_not_fit_is_refused_when_written(value: Pdu) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each field says it in its own words
        encode(value)


def test_a_receipt_body_is_a_receipt_from_the_recipient_to_the_sender() -> None:
    body = receipt_body(b"905321234567", b"SENDER", b"id:7 stat:DELIVRD", encode_tlvs(((0x1E, b"7\0"),)))
    value = read(encode_pdu(Command.DELIVER_SM, 0, 3, body))
    assert isinstance(value, Message)
    assert (value.source, value.destination, value.esm_class) == ("905321234567", "SENDER", 4)
    assert value.tlvs == ((0x1E, b"7\0"),)
    receipt = parse_receipt(value)
    assert receipt is not None
    assert receipt.message_id == "7"


def test_an_answer_without_body_or_nul_is_still_an_answer() -> None:
    assert read(encode_pdu(Command.SUBMIT_SM_RESP, 0x58, 5)) == MessageAnswer(Command.SUBMIT_SM_RESP, 0x58, 5, "")
    assert read(encode_pdu(Command.SUBMIT_SM_RESP, 0, 5, b"A7")) == MessageAnswer(Command.SUBMIT_SM_RESP, 0, 5, "A7")


def test_a_status_has_its_name_or_its_number() -> None:
    assert status_name(0x58) == "ESME_RTHROTTLED"
    assert status_name(0x400) == "0x00000400"
