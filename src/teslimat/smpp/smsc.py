"""The session of an SMSC: the side that is bound to, receives messages and delivers receipts."""

import struct
from collections.abc import Callable, Sequence
from typing import ClassVar

from teslimat.smpp.events import BindRefused, Bound, Event, Ignored
from teslimat.smpp.fields import SC_INTERFACE_VERSION, MalformedError
from teslimat.smpp.frames import HEADER_OCTETS, Frame
from teslimat.smpp.pdus import ANSWER, BINDS, Bind, BindAnswer, Command, decode_bind, encode, encode_pdu
from teslimat.smpp.session import DEFAULT_TIMERS, Session
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Phase, Timers
from teslimat.smpp.window import Context

_HEADER = struct.Struct(">4I")
_INTERFACE_VERSION = 0x34


class SmscSession(Session[Context]):
    """Binds whom ``admit`` lets in, sends with :meth:`deliver`, answers received messages with :meth:`answer`.

    ``admit`` gives the status of a bind's answer: 0 lets it in. A refused ESME may try again until the bind
    time-out.
    """

    _sends: ClassVar[Command] = Command.DELIVER_SM
    _receives: ClassVar[Command] = Command.SUBMIT_SM

    def __init__(
        self,
        now: float,
        *,
        system_id: str,
        admit: Callable[[Bind], int],
        window: int,
        timers: Timers = DEFAULT_TIMERS,
        late_limit: int = 10_000,
        first_sequence: int = 1,
    ) -> None:
        super().__init__(now, window=window, timers=timers, late_limit=late_limit, first_sequence=first_sequence)
        self._system_id = system_id
        self._admit = admit

    def deliver(self, requests: Sequence[tuple[bytes, Context]], now: float) -> None:
        """Queue deliver_sm as one write: bodies made by ``receipt_body``, and what each one's fate shall carry.

        Raises SessionStateError if they are more than :attr:`room`; then none is queued.
        """
        self._send(requests, now)

    def answer(self, answers: Sequence[tuple[int, int, bytes]]) -> None:
        """Queue submit_sm_resp as one write: (sequence, status, message id). Nothing once the session is over.

        The id is ignored without success (SMPP 3.4 §4.4.2 has no body then). Raises ValueError if an id holds
        a NUL or over 64 octets.
        """
        if self.phase is Phase.CLOSED:
            return
        pack, command = _HEADER.pack, Command.SUBMIT_SM_RESP
        pieces = []
        for sequence, status, message_id in answers:
            if status:
                pieces.append(pack(HEADER_OCTETS, command, status, sequence))
                continue
            if len(message_id) > 64 or 0 in message_id:
                raise ValueError("a message id has at most 64 octets and no NUL")
            pieces.append(b"%b%b\0" % (pack(HEADER_OCTETS + 1 + len(message_id), command, 0, sequence), message_id))
        self._outbox.append(b"".join(pieces))

    def _receive_bind(self, data: bytes, frame: Frame, now: float) -> Event[Context]:
        if frame.command not in BINDS:
            return Ignored(frame.command, frame.status, frame.sequence)
        if self.phase is not Phase.OPEN:
            return self._refuse(frame, Status.ESME_RALYBND, "the session is bound already")
        try:
            bind = decode_bind(data, frame)
        except MalformedError as error:
            return self._refuse(frame, error.status, str(error))
        status = self._admit(bind)
        if status != Status.ESME_ROK:
            self._outbox.append(encode_pdu(frame.command | ANSWER, status, frame.sequence))
            return BindRefused(bind.system_id, status)
        version = ((SC_INTERFACE_VERSION, bytes((_INTERFACE_VERSION,))),)
        self._outbox.append(encode(BindAnswer(bind.command | ANSWER, 0, bind.sequence, self._system_id, version)))
        self._may_send = bind.command != Command.BIND_TRANSMITTER
        self._may_receive = bind.command != Command.BIND_RECEIVER
        self._watch = self._watch.enter(Phase.BOUND, now)
        return Bound(bind.command, bind.system_id, bind.interface_version)
