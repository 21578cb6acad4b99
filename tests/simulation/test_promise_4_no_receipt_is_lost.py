"""Promise 4: a receipt is acknowledged only after its effect is committed, or after it is kept for its answer."""

from hypothesis.stateful import invariant, run_state_machine_as_test

from teslimat.core.outcomes import Receipt
from teslimat.core.states import DELIVERED, SUBMITTED, UNDELIVERED
from tests.simulation.gateway import LIVES, Gateway

CLOSED_PARTS = "SELECT order_id, block_no, position, part, outcome FROM submission WHERE outcome > 0"
# A receipt that names a phone is about that phone, even where a carrier has used its id again.
PART_NAMED = """
    SELECT order_id, block_no, position, part, outcome FROM submission
    WHERE carrier_id = ?1 AND message_id = ?2 AND ?3 IN (0, number)
"""
ORPHANS_NAMED = "SELECT orphan_id FROM orphan_key WHERE carrier_id = ? AND message_id = ?"
ORPHANS_WITH_ANSWER = """
    SELECT r.id FROM orphan_receipt r JOIN orphan_key k ON k.orphan_id = r.id
    JOIN submission s ON s.carrier_id = k.carrier_id AND s.message_id = k.message_id
    WHERE r.arrived_at >= ? AND r.number IN (0, s.number)
"""


class NoReceiptIsLost(Gateway):
    """Looks up every acknowledged receipt in the file."""

    def receipts_were_acknowledged(self, receipts: list[Receipt]) -> None:
        for receipt in receipts:
            if receipt.outcome == SUBMITTED:
                continue
            named = (receipt.carrier_id, receipt.message_ids[0])
            rows = self.rows(PART_NAMED, *named, receipt.number)
            if not rows:
                assert self.rows(ORPHANS_NAMED, *named)
            for order_id, block_no, position, part, outcome in rows:
                assert outcome
                assert not self.states_of(order_id)[block_no].parts_open[position] >> part & 1

    @invariant()
    def a_closed_part_has_had_its_effect(self) -> None:
        blocks = {block.key: block for order in self.placed for block in self.states_of(order.order_id)}
        for order_id, block_no, position, part, outcome in self.rows(CLOSED_PARTS):
            block = blocks[order_id, block_no]
            assert not block.parts_open[position] >> part & 1
            if outcome == UNDELIVERED:
                assert block.states[position] >= DELIVERED

    @invariant()
    def nobody_is_delivered_of_whom_no_receipt_said_so(self) -> None:
        handed = {part[:4] for _, part in self.house.handed if part.number not in self.phones_told_of}
        blocks = {block.key: block for order in self.placed for block in self.states_of(order.order_id)}
        for order_id, block_no, position, part in handed - self.told_delivered:
            assert blocks[order_id, block_no].states[position] != DELIVERED, part

    @invariant()
    def nothing_waits_for_an_answer_that_has_come(self) -> None:
        since = self.house.clock.now() - self.house.keeping.orphan_ms
        assert not self.rows(ORPHANS_WITH_ANSWER, since)


def test_promise_4_no_receipt_is_lost() -> None:
    run_state_machine_as_test(NoReceiptIsLost, settings=LIVES)
