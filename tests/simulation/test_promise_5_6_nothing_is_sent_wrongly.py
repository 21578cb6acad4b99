"""Promises 5 and 6: nobody is texted twice in silence, and cancelled stays cancelled."""

from hypothesis import settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from teslimat.core.reasons import Reason
from teslimat.core.states import QUEUED, SUBMITTING, UNDELIVERED
from tests.simulation.gateway import LIVES, Gateway


class NobodyIsTextedTwiceInSilence(Gateway):
    """Remembers what each part was answered when it was handed to a carrier again."""

    @invariant()
    def what_was_answered_is_never_sent_again(self) -> None:
        assert not self.sent_after_answer

    @invariant()
    def what_is_under_way_is_never_sent_beside_itself(self) -> None:
        assert not self.sent_while_under_way

    @invariant()
    def what_may_have_arrived_is_counted_when_it_is_sent_again(self) -> None:
        for order in self.orders():
            assert len(self.sent_again[order.id]) <= order.uncertain

    @invariant()
    def commercial_texts_are_never_sent_again_when_they_may_have_arrived(self) -> None:
        assert not any(self.sent_again[order.id] for order in self.orders() if order.registry_list)

    @invariant()
    def the_queue_holds_exactly_what_is_to_be_sent(self) -> None:
        queue = {(order_id, block_no): queued for order_id, block_no, queued in self.queue()}
        assert len(queue) == len(self.queue())
        for order in self.placed:
            for block in self.states_of(order.order_id):
                queued, submitting = block.states.count(QUEUED), block.states.count(SUBMITTING)
                assert queue.get(block.key) == (queued if queued or submitting else None)

    def queue(self) -> list[tuple[int, ...]]:
        return self.rows("SELECT order_id, block_no, queued FROM dispatch_queue")


class CancelledStaysCancelled(Gateway):
    """Watches what is handed to carriers, and what becomes of cancelled orders."""

    @invariant()
    def nothing_of_a_cancelled_order_is_handed_to_a_carrier(self) -> None:
        assert not self.sent_after_cancel

    @invariant()
    def nothing_of_a_cancelled_order_was_ever_handed_to_a_carrier(self) -> None:
        assert not {part.order_id for _, part in self.house.handed} & self.cancelled

    @invariant()
    def a_cancelled_order_has_cost_nothing_and_says_why(self) -> None:
        for order in self.orders():
            assert (order.cancelled_at is not None) == (order.id in self.cancelled)
            if order.id in self.cancelled:
                assert (order.undelivered, order.price) == (order.total, 0)
                for block in self.states_of(order.id):
                    assert set(block.states) == {UNDELIVERED}
                    assert set(block.reasons) <= {Reason.CANCELLED, Reason.INVALID_NUMBER}


def test_promise_5_nobody_is_texted_twice_in_silence() -> None:
    # What breaks this promise takes several accidents in a row, so it gets more lives than the others.
    run_state_machine_as_test(NobodyIsTextedTwiceInSilence, settings=settings(LIVES, max_examples=150))


def test_promise_6_cancelled_stays_cancelled() -> None:
    run_state_machine_as_test(CancelledStaysCancelled, settings=LIVES)
