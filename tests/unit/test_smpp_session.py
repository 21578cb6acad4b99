"""Sessions of both roles, back to back in memory under a clock that the tests hold."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.smpp.esme import EsmeSession
from teslimat.smpp.events import (
    Answered,
    BindRefused,
    Bound,
    CloseReason,
    EnquireLinkAnswered,
    FailedToSend,
    Ignored,
    Lost,
    MustClose,
    NackReceived,
    PeerUnbinding,
    Refused,
    StrayAnswer,
    TimedOut,
    Unbound,
)
from teslimat.smpp.frames import FrameBuffer
from teslimat.smpp.pdus import (
    Bind,
    BindAnswer,
    Command,
    Message,
    MessageAnswer,
    Outbind,
    Pdu,
    Signal,
    Unknown,
    decode,
    encode,
    encode_pdu,
    receipt_body,
    submit_body,
    submit_template,
)
from teslimat.smpp.session import Session, SessionStateError
from teslimat.smpp.smsc import SmscSession
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Phase, Timers
from teslimat.smpp.window import MAX_SEQUENCE

BODY = submit_body(submit_template(source="SENDER"), b"905321234567", b"Merhaba")
RECEIPT = receipt_body(b"905321234567", b"SENDER", b"id:7 stat:DELIVRD err:000")
TIMERS = Timers(bind=5, enquire_link=30, enquire_link_answer=10, answer=20, unbind=7)

Esme = EsmeSession[str]
Smsc = SmscSession[str]


def make_esme(*, window: int = 10, timers: Timers = TIMERS, late_limit: int = 10, first_sequence: int = 1) -> Esme:
    return EsmeSession(0, window=window, timers=timers, late_limit=late_limit, first_sequence=first_sequence)


def make_smsc(
    admit: Callable[[Bind], int] = lambda _bind: Status.ESME_ROK, *, window: int = 10, timers: Timers = TIMERS
) -> Smsc:
    return SmscSession(0, system_id="smsc", admit=admit, window=window, timers=timers)


def bound(
    command: Command = Command.BIND_TRANSCEIVER,
    *,
    window: int = 10,
    timers: Timers = TIMERS,
    late_limit: int = 10,
    first_sequence: int = 1,
) -> tuple[Esme, Smsc]:
    esme = make_esme(window=window, timers=timers, late_limit=late_limit, first_sequence=first_sequence)
    smsc = make_smsc(window=window, timers=timers)
    esme.bind(Bind(command, 0, "esme", "secret"))
    assert smsc.receive(esme.data_to_send(), 0) == [Bound(command, "esme", 0x34)]
    assert esme.receive(smsc.data_to_send(), 0) == [Bound(command, "smsc", 0x34)]
    return esme, smsc


def sent(session: Session[str]) -> list[Pdu]:
    data, frames, _ = FrameBuffer().feed(session.data_to_send())
    return [decode(data, frame) for frame in frames]


def submit(esme: Esme, *contexts: str, now: float = 0) -> None:
    esme.submit([(BODY, context) for context in contexts], now)


# --- Binding


def test_who_binds_as_what_may_send_and_receive_just_that() -> None:
    for command, esme_sends, smsc_sends in (
        (Command.BIND_TRANSMITTER, 10, 0),
        (Command.BIND_RECEIVER, 0, 10),
        (Command.BIND_TRANSCEIVER, 10, 10),
    ):
        esme, smsc = bound(command)
        assert (esme.room, smsc.room) == (esme_sends, smsc_sends)


def test_a_refused_bind_tells_both_sides_and_ends_the_esmes_session() -> None:
    esme, smsc = make_esme(), make_smsc(lambda bind: 0 if bind.password == "right" else Status.ESME_RINVPASWD)
    esme.bind(Bind(Command.BIND_TRANSCEIVER, 0, "esme", "wrong"))
    assert smsc.receive(esme.data_to_send(), 0) == [BindRefused("esme", Status.ESME_RINVPASWD)]
    assert esme.receive(smsc.data_to_send(), 0) == [BindRefused("esme", Status.ESME_RINVPASWD)]
    assert (esme.phase, smsc.phase) == (Phase.CLOSED, Phase.OPEN)


def test_a_nacked_bind_is_a_refused_bind() -> None:
    esme = make_esme()
    esme.bind(Bind(Command.BIND_TRANSCEIVER, 0, "esme", "secret"))
    assert esme.receive(encode(Signal(Command.GENERIC_NACK, 3, 1)), 0) == [BindRefused("esme", 3)]


def test_a_session_binds_once() -> None:
    esme, smsc = bound()
    with pytest.raises(SessionStateError):
        esme.bind(Bind(Command.BIND_TRANSCEIVER, 0, "esme", "secret"))
    again = encode(Bind(Command.BIND_TRANSMITTER, 9, "esme", "secret"))
    (event,) = smsc.receive(again, 0)
    assert isinstance(event, Refused)
    assert sent(smsc) == [BindAnswer(Command.BIND_TRANSMITTER_RESP, Status.ESME_RALYBND, 9)]


def test_nothing_can_be_sent_before_the_bind_and_what_arrives_is_refused() -> None:
    esme, smsc = make_esme(), make_smsc()
    with pytest.raises(SessionStateError):
        submit(esme, "a")
    with pytest.raises(SessionStateError):
        esme.unbind(0)
    (event,) = smsc.receive(encode_pdu(Command.SUBMIT_SM, 0, 4, BODY), 0)
    assert isinstance(event, Refused)
    assert sent(smsc) == [MessageAnswer(Command.SUBMIT_SM_RESP, Status.ESME_RINVBNDSTS, 4)]


def test_a_bind_without_answer_times_out() -> None:
    for session in (make_esme(), make_smsc()):
        assert session.next_deadline() == 5
        assert session.tick(4.9) == []
        (event,) = session.tick(5)
        assert isinstance(event, MustClose)
        assert event.reason is CloseReason.BIND_TIMEOUT
        assert session.next_deadline() is None


# --- The four fates of a request


def test_first_fate_answered_with_its_context_and_the_carriers_id() -> None:
    esme, smsc = bound()
    submit(esme, "first", "second", "third")
    messages = smsc.receive(esme.data_to_send(), 1)
    sequences = [message.sequence for message in messages if isinstance(message, Message)]
    smsc.answer(
        [
            (sequences[1], 0, b"id-2"),
            (sequences[0], 0, b"id-1"),
            (sequences[2], Status.ESME_RTHROTTLED, b""),
        ]
    )
    assert esme.receive(smsc.data_to_send(), 1) == [
        Answered("second", 0, "id-2", False),
        Answered("first", 0, "id-1", False),
        Answered("third", Status.ESME_RTHROTTLED, "", False),
    ]
    assert esme.closed() == []


def test_second_fate_timed_out_and_the_late_answer_still_carries_id_and_context() -> None:
    esme, smsc = bound()
    submit(esme, "a", now=1)
    submit(esme, "b", now=2)
    first, second = smsc.receive(esme.data_to_send(), 2)
    assert esme.next_deadline() == 21
    assert esme.tick(21) == [TimedOut("a")]
    assert esme.unanswered == 1
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    smsc.answer([(first.sequence, 0, b"id-a"), (second.sequence, 0, b"id-b")])
    answers = smsc.data_to_send()
    assert esme.receive(answers, 21.5) == [Answered("a", 0, "id-a", True), Answered("b", 0, "id-b", False)]
    assert esme.receive(answers, 22) == [
        StrayAnswer(0, first.sequence, "id-a"),
        StrayAnswer(0, second.sequence, "id-b"),
    ]


def test_third_fate_failed_to_send_if_the_octets_were_never_taken() -> None:
    esme, _ = bound()
    submit(esme, "taken")
    esme.data_to_send()
    submit(esme, "never left")
    assert esme.closed() == [Lost("taken"), FailedToSend("never left")]
    assert esme.data_to_send() == b""


def test_fourth_fate_lost_with_the_session_and_told_once() -> None:
    esme, _ = bound()
    submit(esme, "a", "b")
    esme.data_to_send()
    assert esme.closed() == [Lost("a"), Lost("b")]
    assert esme.closed() == []
    assert esme.room == 0


def test_a_generic_nack_answers_the_request_that_it_names() -> None:
    esme, _ = bound(first_sequence=4)
    submit(esme, "a", "b", now=0)
    esme.tick(20)
    submit(esme, "c", now=20)
    nacks = b"".join(encode(Signal(Command.GENERIC_NACK, 8, sequence)) for sequence in (5, 7, 99))
    assert esme.receive(nacks, 20) == [Answered("a", 8, "", True), Answered("c", 8, "", False), NackReceived(8, 99)]


def test_late_answers_are_remembered_up_to_a_limit_the_oldest_forgotten_first() -> None:
    esme, _ = bound(late_limit=2)
    submit(esme, "a", "b", "c")
    assert esme.tick(20) == [TimedOut("a"), TimedOut("b"), TimedOut("c")]
    answers = b"".join(encode(MessageAnswer(Command.SUBMIT_SM_RESP, 0, sequence, "x")) for sequence in (2, 3, 4))
    assert esme.receive(answers, 21) == [
        StrayAnswer(0, 2, "x"),
        Answered("b", 0, "x", True),
        Answered("c", 0, "x", True),
    ]


@given(st.lists(st.sampled_from(["submit", "take", "answer", "wait"]), max_size=40))
def test_every_request_has_exactly_one_fate(steps: list[str]) -> None:
    esme, smsc = bound(window=5)
    now, sent_contexts, fates = 0.0, [], []
    for step in steps:
        if step == "submit" and esme.room:
            sent_contexts.append(str(len(sent_contexts)))
            submit(esme, sent_contexts[-1], now=now)
        elif step == "take":
            smsc.receive(esme.data_to_send(), now)
        elif step == "answer" and esme.unanswered:
            oldest = next(iter(esme._window.open))
            smsc.answer([(oldest, 0, b"id")])
            fates += esme.receive(smsc.data_to_send(), now)
        elif step == "wait":
            now += 12
            fates += esme.tick(now)
            smsc.tick(now)
            esme.receive(encode(Signal(Command.ENQUIRE_LINK, 0, 1)), now)
    fates += esme.closed()
    ended = [e.context for e in fates if isinstance(e, Answered | TimedOut | FailedToSend | Lost)]
    assert sorted(ended) == sorted(sent_contexts)


# --- The window and its sequence numbers


def test_the_window_takes_as_many_as_it_has_room_for_and_refuses_more_whole() -> None:
    esme, smsc = bound(window=3)
    submit(esme, "a", "b")
    with pytest.raises(SessionStateError):
        submit(esme, "c", "d")
    assert esme.room == 1
    submit(esme, "c")
    assert esme.room == 0
    sequences = [event.sequence for event in smsc.receive(esme.data_to_send(), 0) if isinstance(event, Message)]
    assert len(sequences) == 3
    smsc.answer([(sequences[0], 0, b"x")])
    esme.receive(smsc.data_to_send(), 0)
    assert esme.room == 1


def test_sequence_numbers_wrap_and_skip_what_is_open_or_may_still_be_answered() -> None:
    esme, _ = bound(first_sequence=MAX_SEQUENCE - 3)
    esme._window.open[2] = ("open", 99.0)
    esme._window.late[MAX_SEQUENCE] = "late"
    submit(esme, "a", "b", "c", "d")
    assert [pdu.sequence for pdu in sent(esme)] == [MAX_SEQUENCE - 2, MAX_SEQUENCE - 1, 1, 3]


# --- Messages from the SMSC


def test_a_receipt_is_acknowledged_when_the_caller_says_so_and_not_before() -> None:
    esme, smsc = bound()
    smsc.deliver([(RECEIPT, "r1"), (RECEIPT, "r2")], 1)
    received = esme.receive(smsc.data_to_send(), 1)
    assert esme.data_to_send() == b""
    sequences = [event.sequence for event in received if isinstance(event, Message)]
    esme.acknowledge(sequences[:1])
    esme.acknowledge(sequences[1:], Status.ESME_RX_T_APPN)
    assert smsc.receive(esme.data_to_send(), 2) == [
        Answered("r1", 0, "", False),
        Answered("r2", Status.ESME_RX_T_APPN, "", False),
    ]


def test_a_message_that_cannot_be_read_is_refused_and_the_session_goes_on() -> None:
    esme, _ = bound()
    events = esme.receive(
        encode_pdu(Command.DELIVER_SM, 0, 5, b"\0\1") + encode_pdu(Command.DELIVER_SM, 0, 6, RECEIPT), 0
    )
    assert isinstance(events[0], Refused)
    assert isinstance(events[1], Message)
    assert sent(esme) == [MessageAnswer(Command.DELIVER_SM_RESP, Status.ESME_RINVPARLEN, 5)]


def test_an_id_that_does_not_fit_is_refused_not_cut() -> None:
    _, smsc = bound()
    for message_id in (b"a\0b", b"x" * 65):
        with pytest.raises(ValueError, match="64 octets"):
            smsc.answer([(1, 0, message_id)])


def test_answers_after_the_end_are_not_sent() -> None:
    esme, smsc = bound()
    esme.closed()
    smsc.closed()
    esme.acknowledge([1])
    smsc.answer([(1, 0, b"x")])
    assert (esme.data_to_send(), smsc.data_to_send()) == (b"", b"")


# --- The life of the link


def test_silence_is_probed_and_an_answer_keeps_the_session() -> None:
    esme, smsc = bound()
    assert esme.next_deadline() == 30
    assert esme.tick(30) == []
    assert esme.next_deadline() == 40
    smsc.receive(esme.data_to_send(), 30)
    assert esme.receive(smsc.data_to_send(), 31.5) == [EnquireLinkAnswered(1.5)]
    assert esme.next_deadline() == 61.5


def test_any_octet_breaks_the_silence() -> None:
    esme, smsc = bound()
    esme.tick(30)
    smsc.deliver([(RECEIPT, "r")], 30)
    esme.receive(smsc.data_to_send(), 39)
    assert esme.tick(40) == []


def test_a_half_open_link_is_given_up() -> None:
    esme, _ = bound()
    esme.tick(30)
    (event,) = esme.tick(40)
    assert isinstance(event, MustClose)
    assert event.reason is CloseReason.ENQUIRE_LINK_TIMEOUT
    assert esme.tick(99) == []


def test_a_session_without_messages_ends_only_where_that_is_asked_for() -> None:
    _, smsc = bound(timers=Timers(enquire_link=30, inactivity=45))
    alive = encode(Signal(Command.ENQUIRE_LINK, 0, 1))
    smsc.receive(alive, 29)
    assert smsc.next_deadline() == 45
    (event,) = smsc.tick(45)
    assert isinstance(event, MustClose)
    assert event.reason is CloseReason.INACTIVITY


def test_a_message_in_either_direction_is_activity() -> None:
    esme, smsc = bound(timers=Timers(enquire_link=100, inactivity=45, answer=100))
    submit(esme, "a", now=40)
    smsc.receive(esme.data_to_send(), 40)
    assert (esme.next_deadline(), smsc.next_deadline()) == (85, 85)


def test_our_unbind_lets_open_answers_in_before_it_ends() -> None:
    esme, smsc = bound()
    submit(esme, "a")
    (message,) = smsc.receive(esme.data_to_send(), 0)
    assert isinstance(message, Message)
    esme.unbind(1)
    assert esme.room == 0
    smsc.answer([(message.sequence, 0, b"id")])
    assert smsc.receive(esme.data_to_send(), 1) == [PeerUnbinding()]
    assert esme.receive(smsc.data_to_send(), 2) == [Answered("a", 0, "id", False), Unbound()]
    assert (esme.phase, smsc.phase) == (Phase.CLOSED, Phase.CLOSED)


def test_the_smscs_unbind_is_answered_too() -> None:
    esme, smsc = bound()
    smsc.unbind(1)
    assert esme.receive(smsc.data_to_send(), 1) == [PeerUnbinding()]
    assert smsc.receive(esme.data_to_send(), 1) == [Unbound()]


def test_an_unbind_without_answer_times_out() -> None:
    esme, _ = bound()
    esme.unbind(1)
    assert esme.next_deadline() == 8
    (event,) = esme.tick(8)
    assert isinstance(event, MustClose)
    assert event.reason is CloseReason.UNBIND_TIMEOUT


def test_an_unknown_command_is_nacked_and_the_session_goes_on() -> None:
    esme, _ = bound()
    events = esme.receive(encode(Unknown(0x103, 0, 8, b"data_sm")) + encode_pdu(Command.DELIVER_SM, 0, 9, RECEIPT), 0)
    assert isinstance(events[0], Refused)
    assert isinstance(events[1], Message)
    assert sent(esme) == [Signal(Command.GENERIC_NACK, Status.ESME_RINVCMDID, 8)]


def test_what_needs_no_answer_gets_none() -> None:
    esme, _ = bound()
    pdus = [Outbind(8, "smsc", "x"), Unknown(0x102, 0, 9, b""), Unknown(0x8000_0103, 0, 10, b"")]
    events = esme.receive(b"".join(map(encode, pdus)), 0)
    assert [type(event) for event in events] == [Ignored] * 3
    assert esme.data_to_send() == b""


def test_a_stream_that_cannot_be_followed_ends_the_session_with_a_nack() -> None:
    esme, _ = bound()
    (event,) = esme.receive(b"\0\0\0\x0fABCD" + bytes(7) + b"\x05", 0)
    assert isinstance(event, MustClose)
    assert event.reason is CloseReason.PROTOCOL_ERROR
    assert sent(esme) == [Signal(Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, 5)]
    assert esme.receive(encode(Signal(Command.ENQUIRE_LINK, 0, 1)), 0) == []


# --- Any octets, in any cut

plausible_pdu = st.builds(
    encode_pdu,
    st.sampled_from([*sorted(Command), 0x102, 0x103, 0x8000_0103]),
    st.sampled_from([0, 0, 0, 8]),
    st.integers(0, 6),
    st.one_of(st.binary(max_size=40), st.sampled_from([BODY, RECEIPT, b"", b"id\0", b"esme\0pw\0\0\x34\0\0\0"])),
)
octets = st.lists(st.one_of(plausible_pdu, plausible_pdu, st.binary(max_size=40)), max_size=12).map(b"".join)


def fed(session: Session[str], data: bytes, cuts: list[int]) -> tuple[list[object], bytes]:
    events: list[object] = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        events += session.receive(data[start:end], 1)
    return events, session.data_to_send()


@given(octets, st.data(), st.sampled_from(["fresh esme", "esme", "fresh smsc", "smsc", "unbinding"]))
def test_any_octets_mean_the_same_however_they_are_cut(data: bytes, drawn: st.DataObject, which: str) -> None:
    def session() -> Session[str]:
        esme, smsc = bound()
        smsc.deliver([(RECEIPT, "r1"), (RECEIPT, "r2")], 0)
        smsc.data_to_send()
        submit(esme, "a", "b", "c")
        esme.tick(20)
        submit(esme, "d", now=20)
        esme.data_to_send()
        if which == "unbinding":
            esme.unbind(20)
            esme.data_to_send()
        if which.startswith("fresh"):
            return make_esme() if which == "fresh esme" else make_smsc()
        return smsc if which == "smsc" else esme

    cuts = sorted(drawn.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    whole = fed(session(), data, [])
    assert fed(session(), data, cuts) == whole
    assert fed(session(), data, list(range(1, len(data)))) == whole


@given(octets)
def test_after_any_octets_a_session_can_still_be_ticked_and_closed(data: bytes) -> None:
    esme, _ = bound()
    submit(esme, "a")
    events = esme.receive(data, 1)
    deadline = esme.next_deadline()
    while deadline is not None:
        events += esme.tick(deadline)
        deadline = esme.next_deadline()
    events += esme.closed()
    fates = [event for event in events if isinstance(event, Answered | TimedOut | Lost | FailedToSend)]
    assert len([fate for fate in fates if not (isinstance(fate, Answered) and fate.late)]) == 1
