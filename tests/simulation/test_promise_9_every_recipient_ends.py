"""Promise 9: every recipient ends, whatever carriers say or fail to say."""

from pathlib import Path

from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.gateway import LIVES, Gateway
from tests.simulation.house import DAY, LIFETIME, House, numbers


class EveryRecipientEnds(Gateway):
    """Looks at what is open after upkeep, and lets the last order expire at the end of each life."""

    def upkeep(self) -> None:
        super().upkeep()
        self.nothing_waits_beyond_its_time()

    def nothing_waits_beyond_its_time(self) -> None:
        now = self.house.clock.now()
        assert not any(order.waiting for order in self.orders() if order.expires_at <= now)

    def teardown(self) -> None:
        try:
            self.house.clock.advance(DAY + LIFETIME)
            self.upkeep()
            assert all(order.waiting == 0 for order in self.orders())
            assert not self.rows("SELECT * FROM dispatch_queue")
            self.run(self.house.check_sums())
        finally:
            super().teardown()


def test_promise_9_every_recipient_ends() -> None:
    run_state_machine_as_test(EveryRecipientEnds, settings=LIVES)


async def test_promise_9_an_order_of_many_blocks_ends_as_a_whole(tmp_path: Path) -> None:
    house = await House(tmp_path / "house.db").open()
    order_id = await house.place(numbers(33_001))
    house.clock.advance(LIFETIME)
    await house.upkeep.tick()
    order = await house.order(order_id)
    assert (order.undelivered, order.waiting, order.price) == (33_001, 0, 0)
    await house.check_sums()
    await house.close()
