"""One SMPP connection to a carrier: the asyncio shell around an ESME session.

The link writes and reads, and turns what the session says into answers and receipts, a whole read at a time.
Which parts it gets, and whether there is a next connection after it, is decided by its owner.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import structlog

from teslimat.carriers.profile import Profile, read_receipt, read_status, template_for
from teslimat.core.clock import Clock
from teslimat.core.outcomes import Answer, Fate, OutgoingPart, Receipt
from teslimat.core.reasons import Reason
from teslimat.smpp.esme import EsmeSession
from teslimat.smpp.events import (
    Answered,
    BindRefused,
    Bound,
    CloseReason,
    Event,
    FailedToSend,
    Lost,
    MustClose,
    PeerUnbinding,
    StrayAnswer,
    TimedOut,
    Unbound,
)
from teslimat.smpp.pdus import Bind, Message, SubmitTemplate, submit_body
from teslimat.smpp.receipts import parse_receipt
from teslimat.smpp.status import status_name
from teslimat.smpp.timers import Phase

_log = structlog.get_logger(__name__)

Token = tuple["Link", int]
"""What acknowledges a receipt: the connection that it came by, and its sequence number there."""

_MAX_TEMPLATES = 1000
# What waited in the socket while we did not read must be read before it can be called late.
_CATCH_UP_S = 1.0
# Of these the peer can tell us nothing more, nor is it likely to read.
_SILENT = frozenset({CloseReason.BIND_TIMEOUT, CloseReason.ENQUIRE_LINK_TIMEOUT, CloseReason.UNBIND_TIMEOUT})


@dataclass(slots=True)
class Tally:
    """What happened since the start, in messages; shared by all links of a carrier."""

    submitted: int = 0
    """Parts written to a connection."""
    fates: list[int] = field(default_factory=lambda: [0] * len(Fate))
    """Answers by their fate. A part that timed out and was accepted late is counted under both."""
    late: int = 0
    """Answers that came after their time-out."""
    unnamed: int = 0
    """Parts accepted without a message id: no receipt can ever be matched with one."""
    stray: int = 0
    """Answers to nothing that we know, or no longer."""
    receipts: int = 0
    mobile_originated: int = 0
    """Messages from phones; they are acknowledged and dropped."""
    unreadable: int = 0
    """Receipts that name no message; they are acknowledged and dropped."""
    binds: int = 0
    """Binds that the carrier accepted; more than there should be at a time means that some were lost."""


class Owner(Protocol):
    """Whom a link tells its news."""

    def bound(self, link: "Link") -> None:
        """The carrier accepted the bind: parts may be submitted."""
        ...

    def brought(
        self, link: "Link", answers: Sequence[Answer], receipts: Sequence[tuple[Receipt, Token]], *, slow_down: bool
    ) -> None:
        """What one read or one alarm brought; called also if there is only more room than before."""
        ...

    def lost(self, link: "Link") -> None:
        """The connection is gone; the fates of what was open on it follow as its last news."""
        ...


class Link(asyncio.Protocol):
    """Binds as a transceiver as soon as it is connected; :attr:`ended` tells when the connection is gone.

    Promises to its owner: each submitted part has exactly one answer, but for one that was UNKNOWN because it
    timed out: if the carrier accepts it after all, a second answer says so. A late refusal is dropped, since by
    then the part may be on its way again, and only its new attempt counts. A receipt is acknowledged by
    :meth:`acknowledge` alone. What the transport was given counts as sent.
    """

    def __init__(
        self,
        carrier_id: int,
        bind: Bind,
        window: int,
        profile: Profile,
        clock: Clock,
        owner: Owner,
        tally: Tally,
    ) -> None:
        self._carrier_id = carrier_id
        self._bind = bind
        self._profile = profile
        self._clock = clock
        self._owner = owner
        self._tally = tally
        self._loop = asyncio.get_running_loop()
        self._session: EsmeSession[OutgoingPart] = EsmeSession(clock.monotonic(), window=window, timers=profile.timers)
        self._templates: dict[tuple[str, int, bool], SubmitTemplate] = {}
        self._transport: asyncio.Transport | None = None
        self._may_write = True
        self._reads = True
        self._caught_up_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._fault: Exception | None = None
        self.error = "the carrier closed the connection"
        """Why the connection ended, in words without secrets."""
        self.bound_at: float | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()
        """Done when the connection is gone; carries an exception only if that is a fault of ours."""

    @property
    def room(self) -> int:
        """How many parts may be submitted now."""
        return self._session.room if self._may_write and self._reads else 0

    @property
    def usable(self) -> bool:
        """Bound, read from and ready to write; its window may be full."""
        return self._session.phase is Phase.BOUND and self._may_write and self._reads

    @property
    def unanswered(self) -> int:
        """How many parts wait for their answer."""
        return self._session.unanswered

    def submit(self, parts: Sequence[OutgoingPart]) -> list[Answer]:
        """Write these parts, at most :attr:`room`, at once; the answers of those that no submit_sm can hold."""
        now = self._clock.monotonic()
        templates, requests, refused = self._templates, [], []
        for part in parts:
            key = part.sender, part.data_coding, part.has_header
            try:
                template = templates.get(key) or self._new_template(key)
                requests.append((submit_body(template, b"%d" % part.number, part.payload), part))
            except ValueError:
                refused.append(part)
        self._session.submit(requests, now)
        self._tally.submitted += len(requests)
        self._flush()
        if not refused:
            return []
        self._tally.fates[Fate.REFUSED] += len(refused)
        return answers_of(refused, self._carrier_id, Fate.REFUSED, Reason.CONTENT, self._clock.now())

    def acknowledge(self, sequences: Sequence[int]) -> None:
        """Acknowledge receipts; without effect once the connection is gone, since the carrier sends them again."""
        self._session.acknowledge(sequences)
        self._flush()

    def unbind(self) -> None:
        """Leave politely: unbind if bound, and close."""
        if self._session.phase is Phase.BOUND:
            self.error = "we unbound"
            self._session.unbind(self._clock.monotonic())
            self._flush()
        elif self._session.phase is Phase.OPEN:
            self.abort()

    def abort(self) -> None:
        """Leave at once."""
        if self._transport is not None:
            self._transport.abort()

    def pause_reading(self) -> None:
        """Let the carrier wait: nothing is read, so nothing is submitted either, until :meth:`resume_reading`."""
        if self._reads and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._reads = False

    def resume_reading(self) -> None:
        """Read again."""
        if not self._reads and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self._reads = True
            self._caught_up_at = self._clock.monotonic() + _CATCH_UP_S

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bind."""
        # What create_connection gives is one; uvloop's is no subclass, so isinstance cannot tell.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._session.bind(self._bind)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Bring what was read home."""
        self._heed(self._session.receive(data, self._clock.monotonic()))

    def pause_writing(self) -> None:
        """Too much waits to be sent: the session keeps what is to be written."""
        self._may_write = False

    def resume_writing(self) -> None:
        """Write what was kept, and ask for more."""
        self._may_write = True
        self._heed(())

    def connection_lost(self, exc: Exception | None) -> None:
        """Bring home the fates of what is still open."""
        self._transport = None
        if self._alarm is not None:
            self._alarm.cancel()
        if isinstance(exc, OSError):
            self.error = f"the connection broke: {exc.strerror or type(exc).__name__}"
        else:
            self._fault = self._fault or exc
        self._owner.lost(self)
        self._heed(self._session.closed())
        if self._fault is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(self._fault)

    # What the session says.

    def _heed(self, events: Sequence[Event[OutgoingPart]]) -> None:
        """Bring events home and write what follows from them; a fault of ours ends the connection and is kept."""
        try:
            self._bring(events)
            self._flush()
        except Exception as error:  # noqa: BLE001 - whatever it is, the owner learns it from `ended`
            self._fault = self._fault or error
            self.abort()

    def _bring(self, events: Sequence[Event[OutgoingPart]]) -> None:
        """Turn events into answers and receipts; flat, for there are several per message."""
        profile, carrier_id, tally = self._profile, self._carrier_id, self._tally
        answers: list[Answer] = []
        receipts: list[tuple[Receipt, Token]] = []
        from_phones: list[int] = []
        nameless: list[int] = []
        slow_down = False
        now, new, none = self._clock.now(), tuple.__new__, Reason.NONE
        in_time, too_late = Fate.ACCEPTED, Fate.ACCEPTED_LATE
        for event in events:
            if isinstance(event, Answered):
                part, status, message_id, late = event
                if not status:
                    fate = too_late if late else in_time
                    # tuple.__new__ skips the Python-level constructor: this runs once per message.
                    answers.append(new(Answer, (*part[:5], carrier_id, fate, message_id, none, "", now)))
                    tally.fates[fate] += 1
                    tally.late += late
                    tally.unnamed += not message_id
                elif late:
                    tally.late += 1
                else:
                    fate, reason = read_status(profile, status)
                    answers.append(Answer(*part[:5], carrier_id, fate, "", reason, status_name(status), now))
                    tally.fates[fate] += 1
                    slow_down = slow_down or status in profile.slow_down
            elif isinstance(event, Message):
                parsed = parse_receipt(event)
                if parsed is not None and parsed.message_id is not None:
                    receipts.append((read_receipt(profile, carrier_id, event, parsed, now), (self, event.sequence)))
                else:
                    (from_phones if parsed is None else nameless).append(event.sequence)
            elif isinstance(event, TimedOut | Lost | FailedToSend):
                fate = Fate.NOT_SENT if isinstance(event, FailedToSend) else Fate.UNKNOWN
                answers += answers_of([event.context], carrier_id, fate, none, now)
                tally.fates[fate] += 1
            else:
                self._heed_link(event)
        tally.receipts += len(receipts)
        if from_phones or nameless:
            self._drop(from_phones, nameless)
        self._owner.brought(self, answers, receipts, slow_down=slow_down)

    def _drop(self, from_phones: Sequence[int], nameless: Sequence[int]) -> None:
        """Acknowledge what nobody here can use; it would only come again."""
        self._session.acknowledge([*from_phones, *nameless])
        self._tally.mobile_originated += len(from_phones)
        self._tally.unreadable += len(nameless)
        if nameless:
            _log.warning("receipts name no message", carrier_id=self._carrier_id, receipts=len(nameless))

    def _heed_link(self, event: Event[OutgoingPart]) -> None:
        """What concerns the connection rather than a message; the rest is the session's own business."""
        if isinstance(event, Bound):
            self.bound_at = self._clock.monotonic()
            self._tally.binds += 1
            self._owner.bound(self)
        elif isinstance(event, BindRefused):
            self.error = f"the carrier refused the bind: {status_name(event.status)}"
        elif isinstance(event, PeerUnbinding):
            self.error = "the carrier unbound"
        elif isinstance(event, MustClose):
            self.error = event.english
        elif isinstance(event, StrayAnswer):
            self._tally.stray += 1
        if isinstance(event, BindRefused | PeerUnbinding | MustClose | Unbound):
            self._close(politely=not (isinstance(event, MustClose) and event.reason in _SILENT))

    def _close(self, *, politely: bool) -> None:
        """Close the connection, after what is left to say if the peer may be listening."""
        self._flush()
        if politely and self._may_write and self._transport is not None:
            self._transport.close()
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_later(self._profile.timers.unbind, self.abort)
        else:
            self.abort()

    def _flush(self) -> None:
        """Write what the session has to say, in one go, and see to its next alarm."""
        if self._may_write and self._transport is not None and (data := self._session.data_to_send()):
            self._transport.write(data)
        deadline = self._session.next_deadline()
        # Deadlines nearly always move away; an alarm that comes too early finds nothing to do and is set again.
        if deadline is not None and (self._alarm is None or deadline < self._alarm_at):
            self._set_alarm(deadline)

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = self._loop.call_later(max(0.0, at - self._clock.monotonic()), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = self._clock.monotonic()
        if not self._reads or now < self._caught_up_at:
            self._set_alarm(now + _CATCH_UP_S)
        else:
            self._heed(self._session.tick(now))

    def _new_template(self, key: tuple[str, int, bool]) -> SubmitTemplate:
        sender, data_coding, has_header = key
        template = template_for(self._profile, sender, data_coding, has_header=has_header)
        if len(self._templates) >= _MAX_TEMPLATES:
            self._templates.clear()
        self._templates[key] = template
        return template


def answers_of(parts: Sequence[OutgoingPart], carrier_id: int, fate: Fate, reason: Reason, at: int) -> list[Answer]:
    """The same answer for several parts; ``at`` in milliseconds since 1970 UTC."""
    return [Answer(*part[:5], carrier_id, fate, "", reason, "", at) for part in parts]
