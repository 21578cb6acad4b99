"""Promises 1 and 7: the report adds up, and so do the credits, at every moment."""

from array import array

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from teslimat.core.errors import NOT_DUE
from teslimat.core.states import DELIVERED, UNDELIVERED
from teslimat.flows.report import read_report
from tests.simulation.gateway import INDEX, LIVES, Gateway, Placed


class TheReportAddsUp(Gateway):
    """Recounts everything after every step, from the file and through the pages."""

    @invariant()
    def counters_and_credits_equal_a_recount(self) -> None:
        self.run(self.house.check_sums())

    @precondition(lambda self: self.placed)
    @rule(which=INDEX, row_count=st.integers(1, 1_000))
    def somebody_reads_all_pages(self, which: int, row_count: int) -> None:
        order = self.placed[which % len(self.placed)]
        read = self.ask(self._read_all(order, max(row_count, len(order.recipients) // 20)))
        assert read in (None, NOT_DUE)

    async def _read_all(self, order: Placed, row_count: int) -> None:
        house = self.house
        recipients: list[str] = []
        states = b""
        for page_no in range(1, len(order.recipients) // row_count + 3):
            page = await read_report(house.store, house.clock, order.account_id, order.order_id, page_no, row_count)
            given = array("Q", page.numbers)
            assert len(given) == len(page.states) <= row_count
            assert all(0 <= position < len(given) and not given[position] for position in page.odd_numbers)
            recipients += [page.odd_numbers.get(i, str(number)) for i, number in enumerate(given)]
            states += page.states
        assert recipients == order.recipients
        counted = page.order
        assert counted.total == len(states) == counted.delivered + counted.undelivered + counted.waiting
        assert counted.delivered == states.count(DELIVERED)
        assert counted.undelivered == states.count(UNDELIVERED)


def test_promise_1_and_7_the_report_and_the_credits_add_up() -> None:
    run_state_machine_as_test(TheReportAddsUp, settings=LIVES)
