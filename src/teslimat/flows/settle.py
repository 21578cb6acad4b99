"""Bring answers and receipts home: one transaction for whatever arrived while the last one was committed.

Answers go before receipts, each in the order of arrival. Every change of a recipient is a compare-and-set on
its state, every part's bit is cleared once, and the counters of an order change in the same transaction as its
recipients: so a receipt seen twice, early, late or contradicting another one leaves the report as it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from teslimat.core.block import BlockState, tenths_since
from teslimat.core.model import BlockKey, OrderChange, OrderHead, OrphanRow, SubmissionRow
from teslimat.core.outcomes import Answer, Fate, Receipt
from teslimat.core.ports import SubmissionId, Transaction
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, SUBMITTED, UNDELIVERED

ACCEPTED: Final = int(Fate.ACCEPTED)
REFUSED: Final = int(Fate.REFUSED)
LATER: Final = int(Fate.LATER)
NOT_SENT: Final = int(Fate.NOT_SENT)
UNKNOWN: Final = int(Fate.UNKNOWN)
UNCERTAIN: Final = int(Reason.UNCERTAIN)


class Keeping(Struct, frozen=True):
    """How long things are remembered, in milliseconds."""

    orphan_ms: int = 600_000
    """An orphan matches only an answer recorded this soon after it arrived: carriers use ids again."""
    closed_ms: int = 3_600_000
    """A closed submission stays, so that duplicates are known as such."""
    open_ms: int = 3 * 86_400_000
    """A submission that no receipt ever closed; longer than any of its recipients can wait."""
    later_ms: int = 1_000
    """The pause before a message is sent again that the carrier did not want now."""


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
        self.later: set[BlockKey] = set()
        self.changed: set[BlockKey] = set()
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
    accepted = [answer for answer in answers if answer.fate == ACCEPTED and answer.message_id]
    await tx.insert_submissions(
        [
            SubmissionRow(
                a.carrier_id, a.message_id, a.order_id, a.block_no, a.position, a.part, 0, now + keeping.open_ms
            )
            for a in accepted
        ]
    )
    matched = await tx.take_orphans([(a.carrier_id, a.message_id) for a in accepted], now - keeping.orphan_ms)
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


async def _submissions_named(tx: Transaction, receipts: Sequence[Receipt]) -> list[SubmissionRow | None]:
    """Find the submission that each receipt names: the first of its forms of id that is known.

    Nearly always that is the first form there is, so the others are only looked up for the rest.
    """
    known = await tx.find_submissions(list({(r.carrier_id, r.message_ids[0]) for r in receipts}))
    if any((r.carrier_id, r.message_ids[0]) not in known for r in receipts):
        others = {
            (r.carrier_id, message_id)
            for r in receipts
            if (r.carrier_id, r.message_ids[0]) not in known
            for message_id in r.message_ids[1:]
        }
        known |= await tx.find_submissions(list(others))
    return [
        next((row for message_id in r.message_ids if (row := known.get((r.carrier_id, message_id)))), None)
        for r in receipts
    ]


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
        batch.changed.add(key)
        if fate == ACCEPTED:
            tally.reached_carrier = True
            tenths = tenths_since(tally.head.submit_at, answer.at)
            state.record_answer(position, answer.part, tenths, tally.revision)
        elif fate == REFUSED:
            tally.reached_carrier = True
            if batch.fail(state, position, answer.reason, batch.codes.get((answer.carrier_id, answer.code), 0)):
                done.undelivered += 1
                tally.uncertain += answer.reason == UNCERTAIN
        elif state.requeue(position):
            done.requeued += 1
            tally.uncertain += answer.reason == UNCERTAIN
            if fate == LATER:
                batch.later.add(key)


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
        not_before = batch.now + batch.keeping.later_ms
        await batch.tx.update_claims(
            [
                replace(
                    row,
                    queued=batch.states[row.order_id, row.block_no].open_for_dispatch()[0],
                    due_at=max(row.due_at, not_before) if (row.order_id, row.block_no) in batch.later else row.due_at,
                )
                for row in await batch.tx.queue_rows(changed)
            ]
        )
