"""Promise 2: a recipient goes from waiting to delivered or undelivered once."""

from hypothesis.stateful import invariant, run_state_machine_as_test

from teslimat.core.states import DELIVERED, MAY_FOLLOW, State
from tests.simulation.gateway import LIVES, Gateway


class FinalIsFinal(Gateway):
    """Remembers every recipient that ever was final."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: dict[tuple[int, int, int], tuple[int, ...]] = {}
        self.before: dict[tuple[int, int], bytes] = {}

    @invariant()
    def states_follow_the_table(self) -> None:
        for order in self.placed:
            for block in self.states_of(order.order_id):
                states = bytes(block.states)
                before = self.before.get(block.key, states)
                if before != states:
                    for old, new in set(zip(before, states, strict=True)):
                        # Between two looks of this test a recipient may have gone through several states.
                        assert old == new or _reachable(State(old), State(new))
                self.before[block.key] = states

    @invariant()
    def what_has_ended_never_changes(self) -> None:
        for order in self.placed:
            for block in self.states_of(order.order_id):
                for position, state in enumerate(block.states):
                    if state >= DELIVERED:
                        end = (state, block.reasons[position], block.codes[position], block.finished_at[position])
                        assert self.ended.setdefault((*block.key, position), end) == end
                    else:
                        assert (*block.key, position) not in self.ended


def _reachable(old: State, new: State) -> bool:
    seen, todo = {old}, [old]
    while todo:
        todo += MAY_FOLLOW[todo.pop()] - seen
        seen |= set(todo)
    return new in seen


def test_promise_2_final_is_final() -> None:
    run_state_machine_as_test(FinalIsFinal, settings=LIVES)
