"""One connection of the simulator: an SMSC session on an asyncio transport."""

import asyncio
from collections.abc import Callable, Iterable
from typing import cast

from teslimat.carriers.simulator.centre import Answer, Centre
from teslimat.carriers.simulator.mailbox import Mailbox
from teslimat.carriers.simulator.receipts import Receipt, body, date
from teslimat.carriers.simulator.script import Script
from teslimat.core.clock import Clock
from teslimat.smpp.events import (
    Answered,
    BindRefused,
    Bound,
    Event,
    FailedToSend,
    Lost,
    MustClose,
    PeerUnbinding,
    TimedOut,
)
from teslimat.smpp.pdus import Bind, Message
from teslimat.smpp.smsc import SmscSession
from teslimat.smpp.status import Status
from teslimat.smpp.timers import Timers

_SYSTEM_ID = "teslimat-sim"


class Connection(asyncio.Protocol):
    """Reads submit_sm, writes their answers, and writes receipts while the peer reads and has room for them.

    ``receipts_may_go`` is called when a mailbox or the room for receipts changed, ``forget`` once it is over.
    """

    def __init__(
        self,
        script: Script,
        clock: Clock,
        centre: Centre,
        receipts_may_go: Callable[[], None],
        forget: "Callable[[Connection], None]",
    ) -> None:
        self.lost = asyncio.Event()
        self._script = script
        self._clock = clock
        self._centre = centre
        self._receipts_may_go = receipts_may_go
        self._forget = forget
        self._mailbox = Mailbox()
        self._transport: asyncio.Transport | None = None
        self._peer_reads = True
        self._session: SmscSession[Receipt] = SmscSession(
            clock.monotonic(),
            system_id=_SYSTEM_ID,
            admit=self._admit,
            window=script.receipt_window,
            timers=Timers(answer=script.acknowledge_within),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio has set TCP_NODELAY already."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Put back the receipts that were not acknowledged, for the next bind."""
        del exc  # however it ended, the peer is gone
        self._take_note(self._session.closed())
        self.lost.set()
        self._forget(self)

    def pause_writing(self) -> None:
        """Stop reading too: who does not read answers shall not make more of them."""
        self._peer_reads = False
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on with both."""
        self._peer_reads = True
        if self._transport is not None:
            self._transport.resume_reading()
        self._receipts_may_go()

    def data_received(self, data: bytes) -> None:
        """Take everything that one read brought; answers and receipts leave as one write."""
        now = self._clock.monotonic()
        submits: list[Message] = []
        take_submit, acknowledge, mailbox = submits.append, self._centre.acknowledge, self._mailbox
        others: list[Event[Receipt]] = []
        for event in self._session.receive(data, now):
            if isinstance(event, Message):
                take_submit(event)
            elif isinstance(event, Answered):
                # A late one was put back when its time ran out: it is on its way again.
                if not event.late:
                    acknowledge(event.context, event.status, mailbox, now)
            else:
                others.append(event)
        hang_up = bool(self._take_note(others))
        if submits:
            hang_up |= self._take(submits, now)
        self._mailbox.release(now)
        self.deliver(now)
        self._write()
        if hang_up:
            self._close()
        self._receipts_may_go()

    def deliver(self, now: float) -> None:
        """Write the receipts that are due, as many as there is room for."""
        if not self._mailbox.ready or not self._peer_reads or self._transport is None or self._transport.is_closing():
            return
        receipts = self._mailbox.take(self._session.room)
        if receipts:
            form, done = self._script.receipt_form, date(self._clock.now())
            self._session.deliver([(body(receipt, form, done), receipt) for receipt in receipts], now)
            self._centre.stats.receipts_sent += len(receipts)
            self._write()

    def tick(self) -> None:
        """Let the session do what the time asks for."""
        over = self._take_note(self._session.tick(self._clock.monotonic()))
        self._write()
        if over:
            self._close()
        elif self._mailbox.ready:
            self._receipts_may_go()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _admit(self, bind: Bind) -> int:
        script = self._script
        if script.system_id and bind.system_id != script.system_id:
            return Status.ESME_RINVSYSID
        if script.password and bind.password != script.password:
            return Status.ESME_RINVPASWD
        return Status.ESME_ROK

    def _take(self, submits: list[Message], now: float) -> bool:
        """Decide about messages and queue the answers; whether to hang up."""
        script = self._script
        verdict = self._centre.take(submits, self._mailbox, now, date(self._clock.now()))
        if script.answer_delay:
            self._answer_later(script.answer_delay, verdict.answers)
        else:
            self._session.answer(verdict.answers)
        self._answer_later(script.answer_delay + script.late, verdict.late_answers)
        return verdict.hang_up

    def _answer_later(self, delay: float, answers: list[Answer]) -> None:
        if answers:
            asyncio.get_running_loop().call_later(delay, self._answer, answers)

    def _answer(self, answers: list[Answer]) -> None:
        self._session.answer(answers)
        self._write()

    def _take_note(self, events: Iterable[Event[Receipt]]) -> bool:
        """Act on what is no message and no answer; whether the session is over."""
        over = False
        unacknowledged: list[Receipt] = []
        for event in events:
            match event:
                case TimedOut(receipt) | Lost(receipt) | FailedToSend(receipt):
                    unacknowledged.append(receipt)
                case Bound(_, system_id, _):
                    self._centre.stats.binds += 1
                    self._mailbox = self._centre.mailbox(system_id)
                case BindRefused():
                    self._centre.stats.binds_refused += 1
                    over = True
                case MustClose() | PeerUnbinding():
                    over = True
                case _:
                    pass
        self._mailbox.put_back(unacknowledged)
        return over

    def _write(self) -> None:
        data = self._session.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _close(self) -> None:
        """Hang up: after the last answers where the peer reads, at once where it does not."""
        if self._transport is not None:
            if self._peer_reads:
                self._transport.close()
            else:
                self._transport.abort()
