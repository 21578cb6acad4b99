"""Promise 8: another account's order is like one that never existed."""

from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from teslimat.core.errors import NO_SUCH_ORDER
from teslimat.flows.cancel import cancel
from teslimat.flows.report import list_orders, read_report
from tests.simulation.gateway import INDEX, LIVES, Gateway

NEVER = 299_999_999


class AnAccountSeesOnlyItsOwn(Gateway):
    """Lets each account ask for the other's orders."""

    @precondition(lambda self: self.placed)
    @rule(which=INDEX)
    def the_other_account_asks(self, which: int) -> None:
        order = self.placed[which % len(self.placed)]
        (stranger,) = set(self.accounts) - {order.account_id}
        house = self.house
        before = self.rows("SELECT * FROM customer_order"), self.rows("SELECT * FROM dispatch_queue")
        for order_id in (order.order_id, NEVER):
            assert self.ask(read_report(house.store, house.clock, stranger, order_id, 1, 1_000)) is NO_SUCH_ORDER
            assert self.ask(cancel(house.store, house.clock, stranger, order_id)) is NO_SUCH_ORDER
        assert before == (self.rows("SELECT * FROM customer_order"), self.rows("SELECT * FROM dispatch_queue"))

    @invariant()
    def each_account_lists_its_own_orders(self) -> None:
        for account_id in self.accounts:
            own = [order.order_id for order in self.placed if order.account_id == account_id]
            listed: list[int] = []
            for page in range(1, len(own) // 30 + 2):
                count, orders = self.run(list_orders(self.house.store, account_id, 0, 2**62, page))
                assert count == len(own)
                listed += [order.id for order in orders]
            assert listed == own


def test_promise_8_an_account_sees_only_its_own() -> None:
    run_state_machine_as_test(AnAccountSeesOnlyItsOwn, settings=LIVES)
