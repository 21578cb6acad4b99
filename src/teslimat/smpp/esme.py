"""The session of an ESME: the side that binds, submits messages and receives receipts."""

import struct
from collections.abc import Sequence
from typing import ClassVar

from teslimat.smpp.events import BindRefused, Bound, Event, Ignored
from teslimat.smpp.fields import MalformedError
from teslimat.smpp.frames import Frame
from teslimat.smpp.pdus import BINDS, Bind, Command, decode_bind_answer, encode
from teslimat.smpp.session import Session, SessionStateError
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Phase
from teslimat.smpp.window import Context

# A deliver_sm_resp: the header and an empty message id (SMPP 3.4 §4.6.2).
_ACKNOWLEDGEMENT = struct.Struct(">4Ix")


class EsmeSession(Session[Context]):
    """Binds with :meth:`bind`, sends with :meth:`submit`, answers received messages with :meth:`acknowledge`."""

    _sends: ClassVar[Command] = Command.SUBMIT_SM
    _receives: ClassVar[Command] = Command.DELIVER_SM
    _bind: Bind | None = None

    def bind(self, bind: Bind) -> None:
        """Ask to be bound; the sequence number is the session's own. Raises SessionStateError the second time."""
        if self._bind is not None or self.phase is not Phase.OPEN:
            raise SessionStateError("a session binds once")
        self._bind = bind._replace(sequence=self._window.next_sequence())
        self._outbox.append(encode(self._bind))

    def submit(self, requests: Sequence[tuple[bytes, Context]], now: float) -> None:
        """Queue submit_sm as one write: bodies made by ``submit_body``, and what each one's fate shall carry.

        Raises SessionStateError if they are more than :attr:`room`; then none is queued.
        """
        self._send(requests, now)

    def acknowledge(self, sequences: Sequence[int], status: int = Status.ESME_ROK) -> None:
        """Queue the deliver_sm_resp of received messages as one write; nothing once the session is over."""
        if self.phase is not Phase.CLOSED:
            size, command, pack = _ACKNOWLEDGEMENT.size, Command.DELIVER_SM_RESP, _ACKNOWLEDGEMENT.pack
            self._outbox.append(b"".join([pack(size, command, status, sequence) for sequence in sequences]))

    def _receive_bind(self, data: bytes, frame: Frame, now: float) -> Event[Context]:
        if frame.command in BINDS:
            return self._refuse(frame, Status.ESME_RINVCMDID, "an ESME cannot be bound to")
        bind = self._bind
        if bind is None or frame.sequence != bind.sequence or self.phase is not Phase.OPEN:
            return Ignored(frame.command, frame.status, frame.sequence)
        if frame.status != Status.ESME_ROK:
            return self._be_refused(bind, frame.status, now)
        try:
            answer = decode_bind_answer(data, frame)
        except MalformedError as error:
            return self._refuse(frame, error.status, str(error))
        self._may_send = bind.command != Command.BIND_RECEIVER
        self._may_receive = bind.command != Command.BIND_TRANSMITTER
        self._watch = self._watch.enter(Phase.BOUND, now)
        return Bound(bind.command, answer.system_id, answer.interface_version)

    def _receive_answer(self, frame: Frame, now: float) -> Event[Context]:
        bind = self._bind
        if bind is not None and frame.sequence == bind.sequence and self.phase is Phase.OPEN:
            return self._be_refused(bind, frame.status, now)
        return super()._receive_answer(frame, now)

    def _be_refused(self, bind: Bind, status: int, now: float) -> BindRefused:
        self._close(now)
        return BindRefused(bind.system_id, status)
