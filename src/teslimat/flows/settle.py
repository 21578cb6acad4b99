"""Bring answers and receipts home: one transaction for whatever arrived while the last one was committed.

Answers go before receipts, each in the order of arrival. Every change of a recipient is a compare-and-set on
its state, every part's bit is cleared once, and the counters of an order change in the same transaction as its
recipients: so a receipt seen twice, early, late or contradicting another one leaves the report as it was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.block import BlockState, tenths_since
from teslimat.core.model import BlockKey, OrderChange, OrderHead, OrphanRow, QueueRow, SubmissionRow
from teslimat.core.outcomes import (
    ACCEPTED,
    ACCEPTED_LATE,
    LATER,
    REFUSED,
    UNKNOWN,
    Answer,
    Receipt,
)
from teslimat.core.ports import Transaction
from teslimat.core.ports.orders import SubmissionId
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, SUBMITTED, UNDELIVERED
from teslimat.flows.attempts import pause_ms
from teslimat.flows.notify import Change, record

UNCERTAIN: Final = int(Reason.UNCERTAIN)
_SAME_PHONE: Final = 10**9
"""The last nine digits tell phones apart however carriers write what stands before them."""


class Keeping(Struct, frozen=True):
    """How long things are remembered, in milliseconds."""

    orphan_ms: int = 600_000
    """An orphan matches only an answer recorded this soon after it arrived: carriers use ids again."""
    closed_ms: int = 3_600_000
    """A closed submission stays, so that duplicates are known as such."""
    open_ms: int = 3 * 86_400_000
    """A submission that no receipt ever closed; longer than any of its recipients can wait."""


class Settled(Struct):
    """What a batch came to."""

    delivered: int = 0
    undelivered: int = 0
    duplicates: int = 0
    """Receipts that came again."""
    contradictions: int = 0
    """Receipts that said something else than an earlier final one for the same part."""
    late: int = 0
    """Final receipts for a part whose recipient had ended otherwise: by another part, or by expiry."""
    orphans: int = 0
    requeued: int = 0
    freed: int = 0
    """Queue rows that may be claimed from now on, and could not be before."""
    uncertain: int = 0
    """Uncertain messages that the order's policy decided."""
    news: int = 0
    """Rows of the outbox that are to be told now."""
    doubts: list[tuple[BlockKey, int]] = []
    """Recipients whose message got no answer: it may have arrived."""


class _Tally:
    """What a batch changes of one order."""

    __slots__ = ("delivered", "head", "price_back", "reached_carrier", "revision", "uncertain", "undelivered")

    def __init__(self, head: OrderHead) -> None:
        self.head = head
        self.revision = head.revision + 1
        self.delivered = self.undelivered = self.price_back = self.uncertain = 0
        self.reached_carrier = False


class _Batch:
    """Everything that a batch touches, loaded and locked once."""

    def __init__(self, tx: Transaction, keeping: Keeping, now: int) -> None:
        self.tx = tx
        self.keeping = keeping
        self.now = now
        self.done = Settled()
        self.states: dict[BlockKey, BlockState] = {}
        self.open_before: dict[BlockKey, tuple[int, int]] = {}
        self.later: Counter[BlockKey] = Counter()
        self.changed: set[BlockKey] = set()
        self.ended: defaultdict[BlockKey, list[int]] = defaultdict(list)
        self.tallies: dict[int, _Tally] = {}
        self.prices: dict[BlockKey, list[int]] = {}
        self.codes: dict[tuple[int, str], int] = {}
        self.closed: dict[SubmissionId, tuple[int, int, SubmissionId]] = {}

    async def load(self, keys: Iterable[BlockKey], failing: set[BlockKey], codes: set[tuple[int, str]]) -> None:
        ordered = sorted(keys)
        self.states = await self.tx.load_states(ordered)
        self.open_before = {key: state.open_for_dispatch() for key, state in self.states.items()}
        heads = await self.tx.order_heads(sorted({order_id for order_id, _ in ordered}))
        self.tallies = {order_id: _Tally(head) for order_id, head in heads.items()}
        mixed = [key for key in ordered if key in failing and heads[key[0]].recipient_price is None]
        self.prices = await self.tx.recipient_prices(mixed)
        self.codes = await self.tx.code_numbers(sorted(codes))

    def fail(self, state: BlockState, position: int, reason: int, code: int) -> bool:
        """End a recipient as undelivered, and give its credits back; False if it was final already."""
        tally = self.tallies[state.order_id]
        if not state.fail(position, reason, code, tenths_since(tally.head.submit_at, self.now), tally.revision):
            return False
        self.ended[state.key].append(position)
        price = tally.head.recipient_price
        tally.undelivered += 1
        tally.price_back += self.prices[state.key][position] if price is None else price
        return True

    def close(self, key: SubmissionId, outcome: int) -> None:
        self.closed[key] = (outcome, self.now + self.keeping.closed_ms, key)


async def settle(
    tx: Transaction, answers: Sequence[Answer], receipts: Sequence[Receipt], now: int, keeping: Keeping
) -> Settled:
    """Apply answers, then receipts, then the orphans that the answers name. now is in ms since 1970 UTC."""
    batch = _Batch(tx, keeping, now)
    await tx.insert_submissions(
        [
            SubmissionRow(
                carrier_id=a.carrier_id,
                message_id=a.message_id,
                order_id=a.order_id,
                block_no=a.block_no,
                position=a.position,
                part=a.part,
                number=a.number,
                outcome=0,
                forget_at=now + keeping.open_ms,
            )
            for a in answers
            if a.message_id
        ]
    )
    matched = await _take_orphans(tx, answers, now - keeping.orphan_ms)
    final = [receipt for receipt in (*receipts, *map(receipt_of, matched)) if receipt.outcome != SUBMITTED]
    named = await _submissions_named(tx, final)
    failing = {(a.order_id, a.block_no) for a in answers if a.fate == REFUSED}
    failing |= {(s.order_id, s.block_no) for r, s in zip(final, named, strict=True) if s and r.outcome == UNDELIVERED}
    codes = {(a.carrier_id, a.code) for a in answers if a.code and a.fate == REFUSED}
    codes |= {(r.carrier_id, r.code) for r in final if r.code and r.outcome == UNDELIVERED}
    keys = {(a.order_id, a.block_no) for a in answers} | {(s.order_id, s.block_no) for s in named if s}
    await batch.load(keys, failing, codes)
    _apply_answers(batch, answers)
    orphans = _apply_receipts(batch, final, named)
    await _write(batch, orphans)
    return batch.done


def receipt_of(orphan: OrphanRow) -> Receipt:
    """Give an orphan back its shape as a receipt."""
    return Receipt(
        carrier_id=orphan.carrier_id,
        message_ids=(orphan.message_id,),
        outcome=orphan.outcome,
        reason=orphan.reason,
        code=orphan.code,
        number=orphan.number,
        sender=orphan.sender,
        at=orphan.arrived_at,
    )


async def _take_orphans(tx: Transaction, answers: Sequence[Answer], since: int) -> list[OrphanRow]:
    """Take out the orphans that waited for one of these answers."""
    named = {(a.carrier_id, a.message_id): a.number for a in answers if a.message_id}
    found = await tx.find_orphans(list(named), since)
    matched = [orphan for orphan in found if means(orphan, named[orphan.carrier_id, orphan.message_id])]
    await tx.drop_orphans([orphan.id for orphan in matched])
    return matched


async def _submissions_named(tx: Transaction, receipts: Sequence[Receipt]) -> list[SubmissionRow | None]:
    """Find the submission that each receipt names: the first of its forms of id that is known and fits.

    Nearly always that is the first form there is, so the others are only looked up for the rest.
    """
    known = await tx.find_submissions(list({(r.carrier_id, r.message_ids[0]) for r in receipts}))
    named = [_first_fitting(r, r.message_ids[:1], known) for r in receipts]
    rest = {
        (r.carrier_id, message_id)
        for r, row in zip(receipts, named, strict=True)
        if row is None
        for message_id in r.message_ids[1:]
    }
    if rest:
        known = await tx.find_submissions(list(rest))
        named = [row or _first_fitting(r, r.message_ids[1:], known) for r, row in zip(receipts, named, strict=True)]
    return named


def _first_fitting(
    receipt: Receipt, message_ids: Sequence[str], known: dict[SubmissionId, SubmissionRow]
) -> SubmissionRow | None:
    for message_id in message_ids:
        row = known.get((receipt.carrier_id, message_id))
        if row is not None and means(receipt, row.number):
            return row
    return None


def means(told: Receipt | OrphanRow, number: int) -> bool:
    """Tell whether a receipt can be about this recipient, as far as it names one.

    Some carriers leave sender and recipient in the places that they had in the message.
    """
    if not told.number or not (told.number - number) % _SAME_PHONE:
        return True
    sender = told.sender.removeprefix("+")
    return sender.isascii() and sender.isdigit() and not (int(sender) - number) % _SAME_PHONE


def _apply_answers(batch: _Batch, answers: Sequence[Answer]) -> None:
    done = batch.done
    for answer in answers:
        fate = answer.fate
        key = (answer.order_id, answer.block_no)
        state = batch.states[key]
        tally = batch.tallies[answer.order_id]
        position = answer.position
        if fate == UNKNOWN:
            done.doubts.append((key, position))
            continue
        if fate == REFUSED and answer.reason != UNCERTAIN and state.is_answered(position, answer.part):
            continue  # a copy was refused of what the carrier has taken
        batch.changed.add(key)
        if fate in (ACCEPTED, ACCEPTED_LATE):
            tally.reached_carrier = True
            tenths = tenths_since(tally.head.submit_at, answer.at)
            state.record_answer(position, answer.part, tenths, tally.revision)
        elif fate == REFUSED:
            # Without a code it was not the carrier that refused; what is uncertain may have reached it.
            tally.reached_carrier = tally.reached_carrier or bool(answer.code) or answer.reason == UNCERTAIN
            if batch.fail(state, position, answer.reason, batch.codes.get((answer.carrier_id, answer.code), 0)):
                done.undelivered += 1
                tally.uncertain += answer.reason == UNCERTAIN
        elif state.requeue(position):
            done.requeued += 1
            if answer.reason == UNCERTAIN:
                tally.uncertain += 1
                tally.reached_carrier = True
            batch.later[key] += fate == LATER


def _apply_receipts(batch: _Batch, receipts: Sequence[Receipt], named: Sequence[SubmissionRow | None]) -> list[Receipt]:
    """Apply final receipts; those that nobody knows come back."""
    done = batch.done
    orphans = []
    for receipt, row in zip(receipts, named, strict=True):
        if row is None:
            orphans.append(receipt)
            continue
        key = (row.carrier_id, row.message_id)
        earlier = batch.closed[key][0] if key in batch.closed else row.outcome
        state = batch.states[row.order_id, row.block_no]
        outcome = receipt.outcome
        if earlier:
            # Final is final (promise 2): it is counted, and nothing else.
            done.duplicates += earlier == outcome
            done.contradictions += earlier != outcome
            continue
        batch.close(key, outcome)
        batch.changed.add(state.key)
        if state.states[row.position] > SUBMITTED:
            done.late += 1
        elif outcome == DELIVERED:
            tally = batch.tallies[row.order_id]
            tenths = tenths_since(tally.head.submit_at, receipt.at)
            if state.deliver_part(row.position, row.part, tenths, tally.revision):
                tally.delivered += 1
                done.delivered += 1
                batch.ended[state.key].append(row.position)
        elif batch.fail(state, row.position, receipt.reason, batch.codes.get((receipt.carrier_id, receipt.code), 0)):
            done.undelivered += 1
    return orphans


async def _write(batch: _Batch, orphans: list[Receipt]) -> None:
    tx, done = batch.tx, batch.done
    await _write_queue(batch)
    await tx.close_submissions(sorted(batch.closed.values(), key=lambda row: row[2]))
    await tx.insert_orphans(orphans)
    await tx.save_states([batch.states[key] for key in sorted(batch.changed)])
    refunds: defaultdict[int, int] = defaultdict(int)
    changes = []
    for order_id in sorted({order_id for order_id, _ in batch.changed}):
        tally = batch.tallies[order_id]
        refunds[tally.head.account_id] += tally.price_back
        done.uncertain += tally.uncertain
        changes.append(
            OrderChange(
                delivered=tally.delivered,
                undelivered=tally.undelivered,
                price_back=tally.price_back,
                reached_carrier=tally.reached_carrier,
                uncertain=tally.uncertain,
                revision=tally.revision,
                cancelled_at=None,
                id=order_id,
            )
        )
    await tx.change_orders(changes)
    await tx.give_credits([(credits_, account_id) for account_id, credits_ in sorted(refunds.items()) if credits_])
    done.orphans = len(orphans)
    done.news = await _record(batch)


async def _record(batch: _Batch) -> int:
    """Leave it to the couriers to tell who ended, and how."""
    accounts: defaultdict[int, list[BlockKey]] = defaultdict(list)
    for key in sorted(batch.ended):
        accounts[batch.tallies[key[0]].head.account_id].append(key)
    return sum(
        [
            await record(batch.tx, account_id, (_change(batch, key) for key in keys), batch.now)
            for account_id, keys in accounts.items()
        ]
    )


def _change(batch: _Batch, key: BlockKey) -> Change:
    positions, states = batch.ended[key], batch.states[key].states
    return Change(key, positions, bytes(states[position] for position in positions))


async def _write_queue(batch: _Batch) -> None:
    """Keep the queue true: a block leaves it when nothing of it is queued or on its way."""
    finished, changed = [], []
    for key in sorted(batch.changed):
        state = batch.states[key]
        before, after = batch.open_before[key], state.open_for_dispatch()
        if after == (0, 0):
            if before != (0, 0):
                finished.append(key)
        elif after[0] != before[0] or key in batch.later:
            changed.append(key)
    await batch.tx.drop_queue_rows(finished)
    if changed:
        await batch.tx.update_claims([_queue_row(batch, row) for row in await batch.tx.queue_rows(changed)])


def _queue_row(batch: _Batch, row: QueueRow) -> QueueRow:
    """Give a block's row as it is now; it pauses if the carrier wants all that is left of it later."""
    key = (row.order_id, row.block_no)
    queued = batch.states[key].open_for_dispatch()[0]
    if batch.later[key] < queued or not queued:
        return replace(row, queued=queued)
    again_at = batch.now + pause_ms(batch.tallies[row.order_id].head.send_at, batch.now)
    return replace(row, queued=queued, due_at=max(row.due_at, again_at))
