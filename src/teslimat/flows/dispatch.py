"""Send what is queued: claim rows, mark recipients submitting, commit, and only then write to the carrier.

One dispatcher per carrier. It marks no more than the carrier takes at once, so that after a crash few messages
are uncertain and a new small order never waits behind a campaign.
"""

import asyncio
import contextlib
from array import array
from typing import Final

import structlog
from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.block import BlockState
from teslimat.core.clock import Clock
from teslimat.core.model import BlockKey, QueueRow, Sending, Text
from teslimat.core.outcomes import Answer, Fate, OutgoingPart
from teslimat.core.ports import CarrierLink, Inbox, Store, StoreUnavailable, Transaction
from teslimat.core.states import QUEUED
from teslimat.flows.attempts import Attempts, pause_ms
from teslimat.flows.screen import screen
from teslimat.text.coding import Coding
from teslimat.text.parts import split
from teslimat.text.payload import REFERENCE_OFFSET, data_coding, has_header, payload

LEASE_MS: Final = 30_000
_WRITE_WITHIN_MS: Final = 20_000
"""Well inside the lease, so that a stale worker never writes; what expires sooner is not sent at all."""
_SCREENED_FOR_MS: Final = 60_000
"""How long what blacklist and consent registry said at acceptance is good for."""
_SCREENED_AT_ONCE: Final = 8
_ROWS_PER_CLAIM: Final = 256
_REMEMBERED_BLOCKS: Final = 64
_RETRY_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 1.0
"""A clock may be set forward, and whoever should have rung may have gone."""

log = structlog.get_logger(__name__)


class _Encoded(Struct, frozen=True):
    """A text as it goes to a carrier, with concatenation reference 0."""

    data_coding: int
    has_header: bool
    payloads: tuple[bytes, ...]


class Outgoing(Struct):
    """What is to be known of a block while it is being sent."""

    sending: Sending
    numbers: "array[int]"
    text_index: "array[int] | None"
    encoded: dict[int, _Encoded]
    screened_at: int
    """When blacklist and consent registry were last asked about it."""
    next_position: int = 0
    """Where to go on: a recipient that the carrier wants later must not hold up those behind it."""
    unwanted: frozenset[int] = frozenset()
    """Positions that may not be sent to any more."""
    began_at: int = 0
    """When the block was last begun from its first recipient; what is left over at its end is not sent at once."""


class Dispatcher:
    """Feeds one carrier."""

    def __init__(
        self, store: Store, clock: Clock, link: CarrierLink, inbox: Inbox, attempts: Attempts, owner: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._link = link
        self._inbox = inbox
        self._attempts = attempts
        self._owner = owner
        self._bell = asyncio.Event()
        self._stopping = False
        self._blocks: dict[BlockKey, Outgoing] = {}
        self._looked_at = 0

    def ring(self) -> None:
        """Say that there may be something to do: a new order, room at the carrier, a time that has come."""
        self._bell.set()

    def stop(self) -> None:
        """Claim nothing any more; run returns once what it is doing is done."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Send until stopped."""
        while not self._stopping:
            self._bell.clear()
            try:
                if not await self.step():
                    await self._wait()
            except StoreUnavailable:
                log.exception("claiming failed; trying again", carrier=self._link.carrier_id)
                await asyncio.sleep(_RETRY_SECONDS)

    async def step(self) -> int:
        """Claim, mark, commit and hand over as much as the carrier takes now; how many parts."""
        room = self._link.room()
        if room <= 0:
            return 0
        write_before = self._clock.monotonic() + _WRITE_WITHIN_MS / 1000
        try:
            parts = await self._store.transact(lambda tx: self._mark(tx, room))
        except StoreUnavailable:
            # What was read may have been an order of the same commit: it never was, and another will get its id.
            self._blocks.clear()
            raise
        self._attempts.begin(parts)
        self._link.submit(parts, write_before)
        return len(parts)

    async def _wait(self) -> None:
        """Wait for the bell, or for what becomes due after it was last looked for."""
        due = await self._store.next_due(self._link.carrier_id, self._looked_at) if self._link.room() else None
        seconds = _LONGEST_WAIT_SECONDS
        if due is not None:
            seconds = min(seconds, max(0, due - self._clock.now()) / 1000)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _mark(self, tx: Transaction, room: int) -> list[OutgoingPart]:
        now = self._looked_at = self._clock.now()
        rows = await tx.claimable(self._link.carrier_id, self._owner, now, min(room, _ROWS_PER_CLAIM))
        if len(self._blocks) > _REMEMBERED_BLOCKS:
            # Whatever is to be sent next keeps its place; the others are read again when they are claimable.
            wanted = {(row.order_id, row.block_no) for row in rows}
            self._blocks = {key: outgoing for key, outgoing in self._blocks.items() if key in wanted}
        parts: list[OutgoingPart] = []
        claims, states = [], []
        screened = 0
        for row in rows:
            if len(parts) >= room:
                break
            key = (row.order_id, row.block_no)
            outgoing = self._blocks.get(key) or await self._remember(tx, key)
            if outgoing.sending.expires_at <= now + _WRITE_WITHIN_MS:
                # Expiry will end it; until then it must not stand in front of others.
                claims.append(replace(row, due_at=outgoing.sending.expires_at + LEASE_MS))
                del self._blocks[key]
                self.ring()
                continue
            state = (await tx.load_states([key]))[key]
            if now - outgoing.screened_at > _SCREENED_FOR_MS:
                if screened == _SCREENED_AT_ONCE:
                    self.ring()
                    break
                screened += 1
                await self._screen_again(state, outgoing, now)
            if not outgoing.next_position:
                outgoing.began_at = now
            _mark_block(state, outgoing, self._link.carrier_id, room, parts)
            states.append(state)
            claims.append(self._claimed(row, state, outgoing, now))
        await tx.update_claims(claims)
        await tx.save_states(states)
        for claim in claims:
            if not claim.queued:
                self._blocks.pop((claim.order_id, claim.block_no), None)
        return parts

    def _claimed(self, row: QueueRow, state: BlockState, outgoing: Outgoing, now: int) -> QueueRow:
        queued, due_at = state.states.count(QUEUED), row.due_at
        if queued and state.states.find(QUEUED, outgoing.next_position) < 0:
            # At the end of the block; what is queued in front was sent before, and not taken.
            outgoing.next_position = 0
            due_at = max(due_at, outgoing.began_at + pause_ms(outgoing.sending.send_at, now))
        return replace(
            row,
            queued=queued,
            due_at=due_at,
            owner=self._owner,
            lease_until=now + LEASE_MS,
            epoch=row.epoch + (row.owner != self._owner),
        )

    async def _remember(self, tx: Transaction, key: BlockKey) -> Outgoing:
        sending = (await tx.read_sending([key]))[key]
        index = sending.block.text_index
        outgoing = self._blocks[key] = Outgoing(
            sending=sending,
            numbers=array("Q", sending.block.numbers),
            text_index=array("H", index) if index else None,
            encoded={},
            screened_at=sending.submit_at,
        )
        return outgoing

    async def _screen_again(self, state: BlockState, outgoing: Outgoing, now: int) -> None:
        """End what may not be sent any more: somebody may have asked for no more texts since they were asked about.

        Of a message whose first parts have left the others follow.
        """
        sending, numbers = outgoing.sending, outgoing.numbers
        refused = await screen(self._store, sending.account_id, sending.brand_code, sending.registry_list, numbers)
        ended = [
            Answer(*state.key, position, 0, number, self._link.carrier_id, Fate.REFUSED, "", refused[number], "", now)
            for position, number in enumerate(numbers)
            if number in refused and state.states[position] == QUEUED and not state.parts_answered[position]
        ]
        outgoing.unwanted = frozenset(answer.position for answer in ended)
        outgoing.screened_at = now
        self._inbox.answered(ended)


def _mark_block(state: BlockState, outgoing: Outgoing, carrier_id: int, room: int, parts: list[OutgoingPart]) -> None:
    """Mark queued recipients submitting, and append what is to be sent, until there are room parts or more."""
    sending = outgoing.sending
    order_id, block_no = state.order_id, state.block_no
    sender, first_message_id = sending.sender, sending.first_message_id + 1000 * block_no
    numbers, index, encoded = outgoing.numbers, outgoing.text_index, outgoing.encoded
    find = state.states.find
    while len(parts) < room:
        position = find(QUEUED, outgoing.next_position)
        if position < 0:
            break
        outgoing.next_position = position + 1
        if position in outgoing.unwanted:
            continue
        wanted = state.mark_submitting(position, carrier_id)
        text_no = index[position] if index else 0
        text = encoded.get(text_no)
        if text is None:
            text = encoded[text_no] = _encode(sending.texts[text_no], sending.suffix)
        if wanted == 1 and len(text.payloads) == 1:
            parts.append(
                OutgoingPart(
                    order_id, block_no, position, 0, numbers[position], sender,
                    text.data_coding, text.has_header, text.payloads[0],
                )
            )  # fmt: skip
        else:
            # The same reference at every attempt, so that a phone joins parts of both.
            reference = (first_message_id + position) & 0xFF
            for part, body in enumerate(text.payloads):
                if wanted >> part & 1:
                    whole = b"%b%c%b" % (body[:REFERENCE_OFFSET], reference, body[REFERENCE_OFFSET + 1 :])
                    parts.append(
                        OutgoingPart(
                            order_id, block_no, position, part, numbers[position], sender,
                            text.data_coding, text.has_header, whole,
                        )
                    )  # fmt: skip


def _encode(text: Text, suffix: str) -> _Encoded:
    coding = Coding(text.coding)
    pieces = split(text.body + suffix, coding)
    total = len(pieces)
    return _Encoded(
        data_coding=data_coding(coding),
        has_header=has_header(coding, total),
        payloads=tuple(
            payload(piece, coding, total=total, number=number, reference=0) for number, piece in enumerate(pieces, 1)
        ),
    )
