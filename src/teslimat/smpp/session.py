"""One SMPP session without I/O: what both roles share. The roles are ``EsmeSession`` and ``SmscSession``.

The owner feeds what it read to :meth:`Session.receive`, calls :meth:`Session.tick` at
:meth:`Session.next_deadline`, writes what :meth:`Session.data_to_send` gives after each call, and calls
:meth:`Session.closed` once the connection is gone. Every request it sent then had exactly one of the fates of
:mod:`teslimat.smpp.events`, plus at most one late answer if that fate was a time-out.

``now`` is always monotonic seconds and never goes back. Whatever octets arrive, nothing is raised: a PDU that
cannot be read is refused, and a stream that cannot be followed ends the session.
"""

import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic

from teslimat.smpp.events import (
    Answered,
    CloseReason,
    EnquireLinkAnswered,
    Event,
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
from teslimat.smpp.fields import MalformedError
from teslimat.smpp.frames import HEADER_OCTETS, BadLength, Frame, FrameBuffer
from teslimat.smpp.pdus import (
    ANSWER,
    BIND_ANSWERS,
    BINDS,
    Command,
    decode_message,
    decode_message_id,
    encode_pdu,
)
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Alarm, Phase, Timers, Watch
from teslimat.smpp.window import Context, Window

_HEADER = struct.Struct(">4I")
_ALERT_NOTIFICATION = 0x0102
_NEVER_ANSWERED = frozenset({int(Command.OUTBIND), _ALERT_NOTIFICATION})
DEFAULT_TIMERS = Timers()

_CLOSING_ALARMS = {
    Alarm.BIND_TIMEOUT: (CloseReason.BIND_TIMEOUT, "nobody was bound in time"),
    Alarm.ENQUIRE_LINK_TIMEOUT: (CloseReason.ENQUIRE_LINK_TIMEOUT, "the peer did not answer an enquire_link"),
    Alarm.INACTIVITY: (CloseReason.INACTIVITY, "no message passed for too long"),
    Alarm.UNBIND_TIMEOUT: (CloseReason.UNBIND_TIMEOUT, "the peer did not answer our unbind"),
}


class SessionStateError(Exception):
    """The caller asked for what the session's state does not allow, such as more messages than its window has room."""


class Session(ABC, Generic[Context]):
    """The symmetric part: each side sends one kind of message, receives the other, and answers it."""

    _sends: ClassVar[Command]
    _receives: ClassVar[Command]

    def __init__(
        self,
        now: float,
        *,
        window: int,
        timers: Timers = DEFAULT_TIMERS,
        late_limit: int = 10_000,
        first_sequence: int = 1,
    ) -> None:
        self._window: Window[Context] = Window(window, late_limit, first_sequence)
        self._watch = Watch(timers, Phase.OPEN, now, now, now)
        self._frames = FrameBuffer()
        self._outbox: list[bytes] = []
        self._unsent: list[int] = []
        self._may_send = False
        self._may_receive = False
        self._enquiry: tuple[int, float] | None = None
        self._unbinding: int | None = None

    @property
    def phase(self) -> Phase:
        """How far the session is."""
        return self._watch.phase

    @property
    def unanswered(self) -> int:
        """How many messages wait for their answer."""
        return len(self._window.open)

    @property
    def room(self) -> int:
        """How many messages may be sent now: 0 if not bound, if bound only to receive, or if the window is full."""
        if self._watch.phase is not Phase.BOUND or not self._may_send:
            return 0
        return self._window.limit - len(self._window.open)

    def data_to_send(self) -> bytes:
        """Everything that waits to be written, once. From here on the messages in it count as sent."""
        data = b"".join(self._outbox)
        self._outbox.clear()
        self._unsent.clear()
        return data

    def receive(self, data: bytes, now: float) -> list[Event[Context]]:
        """What the octets that were read mean, in their order. Octets after the session's end mean nothing."""
        if self._watch.phase is Phase.CLOSED or not data:
            return []
        data, frames, bad_length = self._frames.feed(data)
        events: list[Event[Context]] = []
        messages = 0
        answers_command, message_command = self._sends | ANSWER, self._receives
        take, append, new = self._window.open.pop, events.append, tuple.__new__
        for frame in frames:
            command, status, sequence, start, end = frame
            if command == answers_command and (request := take(sequence, None)) is not None:
                messages += 1
                # tuple.__new__ skips the Python-level constructor: this runs once per message.
                append(new(Answered, (request[0], status, decode_message_id(data, start, end), False)))
            elif command == message_command and self._may_receive:
                messages += 1
                try:
                    append(decode_message(data, frame))
                except MalformedError as error:
                    append(self._refuse(frame, error.status, str(error)))
            elif not self._receive_other(data, frame, events, now):
                return events
        message_at = now if messages else self._watch.message_at
        self._watch = self._watch._replace(heard_at=now, enquired_at=None, message_at=message_at)
        if bad_length is not None:
            append(self._lose_track(bad_length, now))
        return events

    def tick(self, now: float) -> list[Event[Context]]:
        """What the passing of time means. Call it at :meth:`next_deadline`; earlier or later calls do no harm."""
        events: list[Event[Context]] = []
        if self._watch.phase is Phase.CLOSED:
            return events
        events.extend(TimedOut(context) for context in self._window.expire(now))
        while (due := self._watch.next_alarm()) is not None and due[0] <= now:
            if due[1] is Alarm.ENQUIRE_LINK:
                sequence = self._window.next_sequence()
                self._enquiry = (sequence, now)
                self._outbox.append(encode_pdu(Command.ENQUIRE_LINK, 0, sequence))
                self._watch = self._watch._replace(enquired_at=now)
            else:
                events.append(MustClose(*_CLOSING_ALARMS[due[1]]))
                self._close(now)
        return events

    def next_deadline(self) -> float | None:
        """When :meth:`tick` is due; None once the session is over."""
        alarm = self._watch.next_alarm()
        if alarm is None:
            return None
        answer = self._window.next_deadline()
        return alarm[0] if answer is None else min(alarm[0], answer)

    def unbind(self, now: float) -> None:
        """Ask the peer to unbind (§4.2). Answers and messages are still received until it agrees.

        Raises SessionStateError unless bound.
        """
        if self._watch.phase is not Phase.BOUND:
            raise SessionStateError("only a bound session can unbind")
        self._unbinding = self._window.next_sequence()
        self._outbox.append(encode_pdu(Command.UNBIND, 0, self._unbinding))
        self._watch = self._watch.enter(Phase.UNBINDING, now)

    def closed(self) -> list[Event[Context]]:
        """The fates of what is still open, once the connection is gone. A second call gives nothing."""
        unsent = set(self._unsent)
        fates: list[Event[Context]] = [
            FailedToSend(context) if sequence in unsent else Lost(context)
            for sequence, (context, _) in self._window.open.items()
        ]
        self._window.open.clear()
        self._window.late.clear()
        self._outbox.clear()
        self._unsent.clear()
        self._watch = self._watch.enter(Phase.CLOSED, self._watch.heard_at)
        return fates

    def _send(self, requests: Sequence[tuple[bytes, Context]], now: float) -> None:
        """Queue messages, each a body and a context, as one write."""
        if len(requests) > self.room:
            raise SessionStateError(f"{len(requests)} messages do not fit: there is room for {self.room}")
        command, deadline = self._sends, now + self._watch.timers.answer
        add, pack = self._window.add, _HEADER.pack
        pieces, sequences = [], []
        for body, context in requests:
            sequence = add(context, deadline)
            sequences.append(sequence)
            pieces.append(pack(HEADER_OCTETS + len(body), command, 0, sequence))
            pieces.append(body)
        self._outbox.append(b"".join(pieces))
        self._unsent += sequences
        self._watch = self._watch._replace(message_at=now)

    @abstractmethod
    def _receive_bind(self, data: bytes, frame: Frame, now: float) -> Event[Context]:
        """A bind or the answer to one."""

    def _receive_other(self, data: bytes, frame: Frame, events: list[Event[Context]], now: float) -> bool:
        """Everything that is not the answer to an open request or a message in its place. Whether to go on."""
        command, status, sequence, _, _ = frame
        if command == Command.ENQUIRE_LINK:
            self._outbox.append(encode_pdu(Command.ENQUIRE_LINK_RESP, 0, sequence))
        elif command in (Command.ENQUIRE_LINK_RESP, Command.UNBIND_RESP, Command.GENERIC_NACK):
            events.append(self._receive_answer(frame, now))
        elif command == self._sends | ANSWER:
            events.append(self._receive_late(frame, decode_message_id(data, frame.body, frame.end)))
        elif command == Command.UNBIND:
            self._outbox.append(encode_pdu(Command.UNBIND_RESP, 0, sequence))
            events.append(PeerUnbinding())
            self._close(now)
        elif command in BINDS or command in BIND_ANSWERS:
            events.append(self._receive_bind(data, frame, now))
        elif command == self._receives:
            events.append(self._refuse(frame, Status.ESME_RINVBNDSTS, "messages may not be sent to us here"))
        elif command & ANSWER or command in _NEVER_ANSWERED:
            events.append(Ignored(command, status, sequence))
        else:
            events.append(self._refuse(frame, Status.ESME_RINVCMDID, "the command is not known here"))
        return self._watch.phase is not Phase.CLOSED

    def _receive_answer(self, frame: Frame, now: float) -> Event[Context]:
        """An enquire_link_resp, unbind_resp or generic_nack: each answers what its sequence number says."""
        command, status, sequence, _, _ = frame
        if self._enquiry is not None and sequence == self._enquiry[0]:
            round_trip = now - self._enquiry[1]
            self._enquiry = None
            return EnquireLinkAnswered(round_trip)
        if sequence == self._unbinding and self._watch.phase is Phase.UNBINDING:
            self._close(now)
            return Unbound()
        if command != Command.GENERIC_NACK:
            return Ignored(command, status, sequence)
        request = self._window.open.pop(sequence, None)
        if request is not None:
            return Answered(request[0], status, "", late=False)
        if sequence in self._window.late:
            return Answered(self._window.late.pop(sequence), status, "", late=True)
        return NackReceived(status, sequence)

    def _receive_late(self, frame: Frame, message_id: str) -> Event[Context]:
        if frame.sequence in self._window.late:
            return Answered(self._window.late.pop(frame.sequence), frame.status, message_id, late=True)
        return StrayAnswer(frame.status, frame.sequence, message_id)

    def _refuse(self, frame: Frame, status: Status, english: str) -> Refused:
        """Answer a request with an error: in its own answer where that is known, else by generic_nack (§4.3)."""
        command, _, sequence, _, _ = frame
        if status is Status.ESME_RINVCMDID:
            self._outbox.append(encode_pdu(Command.GENERIC_NACK, status, sequence))
        elif not command & ANSWER:
            self._outbox.append(encode_pdu(command | ANSWER, status, sequence, b"\0"))
        return Refused(command, sequence, status, english)

    def _lose_track(self, bad: BadLength, now: float) -> MustClose:
        self._outbox.append(encode_pdu(Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, bad.sequence))
        self._close(now)
        return MustClose(CloseReason.PROTOCOL_ERROR, f"a PDU of {bad.length} octets is not possible")

    def _close(self, now: float) -> None:
        self._watch = self._watch.enter(Phase.CLOSED, now)
