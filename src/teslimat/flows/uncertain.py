"""Decide about messages that may or may not have been sent (promise 5).

A recipient found submitting after a crash, after a lost session or after a time-out is uncertain. An orphan
receipt that fits exactly one such message names it after all; otherwise the order's policy speaks: send again,
or fail. Either way the decision is an answer like any other, and is settled like one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from teslimat.core.block import BlockState
from teslimat.core.model import BlockKey, QueueRow, Sending
from teslimat.core.outcomes import Answer, Fate
from teslimat.core.ports import Transaction
from teslimat.core.reasons import Reason
from teslimat.core.states import SUBMITTING
from teslimat.flows.settle import Keeping, Settled, settle

Addressee = tuple[int, int, str]
"""(carrier, number, sender without a plus sign): all that a receipt tells about a message besides its id."""


async def release_claims(tx: Transaction, rows: Sequence[QueueRow], now: int, keeping: Keeping) -> Settled:
    """Decide about all that was on its way in these rows, and let anyone claim them again."""
    states = await tx.load_states([(row.order_id, row.block_no) for row in rows])
    uncertain = [(key, position) for key, state in states.items() for position in submitting(state)]
    done = await decide(tx, uncertain, now, keeping)
    held = {(row.order_id, row.block_no, row.carrier_id) for row in rows}
    left = [row for row in await tx.queue_rows(list(states)) if (row.order_id, row.block_no, row.carrier_id) in held]
    await tx.update_claims([replace(row, owner=None, lease_until=0) for row in left])
    done.freed = len(left)
    return done


async def decide(tx: Transaction, recipients: Iterable[tuple[BlockKey, int]], now: int, keeping: Keeping) -> Settled:
    """Decide about these recipients, as far as they are still submitting."""
    asked = sorted(set(recipients))
    keys = sorted({key for key, _ in asked})
    states = await tx.load_states(keys)
    sendings = await tx.read_sending(keys)
    answers = []
    under_way: Counter[Addressee] = Counter()
    for key, position in asked:
        state, sending = states[key], sendings[key]
        if state.states[position] != SUBMITTING:
            continue
        answer = await _named_by_orphan(tx, state, sending, position, now, keeping, under_way)
        answers.append(answer or _by_policy(state, sending, position, now))
    return await settle(tx, answers, [], now, keeping)


def submitting(state: BlockState) -> list[int]:
    """Tell which recipients of a block are submitting."""
    found = []
    position = state.states.find(SUBMITTING)
    while position >= 0:
        found.append(position)
        position = state.states.find(SUBMITTING, position + 1)
    return found


def _by_policy(state: BlockState, sending: Sending, position: int, now: int) -> Answer:
    return Answer(
        order_id=state.order_id,
        block_no=state.block_no,
        position=position,
        part=0,
        number=number_at(sending, position),
        carrier_id=state.carriers[position],
        fate=Fate.NOT_SENT if sending.resend_uncertain else Fate.REFUSED,
        message_id="",
        reason=Reason.UNCERTAIN,
        code="",
        at=now,
    )


async def _named_by_orphan(
    tx: Transaction,
    state: BlockState,
    sending: Sending,
    position: int,
    now: int,
    keeping: Keeping,
    under_way: Counter[Addressee],
) -> Answer | None:
    """Give the answer that an orphan receipt stands for, if it can mean no other message than this one."""
    unanswered = state.parts_open[position] & ~state.parts_answered[position]
    if unanswered.bit_count() != 1:
        return None
    carrier_id = state.carriers[position]
    number = number_at(sending, position)
    sender = _told_sender(sending)
    orphans = await tx.orphans_for(carrier_id, number, sender, now - keeping.orphan_ms)
    if len({orphan.message_id for orphan in orphans}) != 1:
        return None
    if not under_way:
        under_way.update(await _addressees_under_way(tx))
    if under_way[carrier_id, number, sender] != 1:
        return None
    return Answer(
        order_id=state.order_id,
        block_no=state.block_no,
        position=position,
        part=unanswered.bit_length() - 1,
        number=number,
        carrier_id=carrier_id,
        fate=Fate.ACCEPTED,
        message_id=orphans[0].message_id,
        reason=Reason.NONE,
        code="",
        at=orphans[0].arrived_at,
    )


async def _addressees_under_way(tx: Transaction) -> Counter[Addressee]:
    """Count what is submitting by whom it is for; only blocks that someone holds can have such."""
    keys = sorted({(row.order_id, row.block_no) for row in await tx.held_rows()})
    states = await tx.load_states(keys)
    sendings = await tx.read_sending(keys)
    return Counter(
        (state.carriers[position], number_at(sendings[key], position), _told_sender(sendings[key]))
        for key, state in states.items()
        for position in submitting(state)
    )


def _told_sender(sending: Sending) -> str:
    return sending.sender.removeprefix("+")


def number_at(sending: Sending, position: int) -> int:
    """Give a recipient's number, E.164 without the plus sign."""
    return int.from_bytes(sending.block.numbers[8 * position : 8 * position + 8], "little")
