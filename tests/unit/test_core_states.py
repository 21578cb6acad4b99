"""The table of states, and the status that an order is said to have."""

from itertools import pairwise

import pytest

from teslimat.core.errors import CATALOGUE, INVALID_FIELDS
from teslimat.core.reasons import EXPLANATIONS, Reason
from teslimat.core.states import MAY_FOLLOW, OrderStatus, State, order_status


def test_nothing_follows_a_final_state() -> None:
    assert {state for state, next_ones in MAY_FOLLOW.items() if not next_ones} == {State.DELIVERED, State.UNDELIVERED}


def test_states_move_forward_with_one_exception() -> None:
    backward = {(old, new) for old, next_ones in MAY_FOLLOW.items() for new in next_ones if new <= old}
    assert backward == {(State.SUBMITTING, State.QUEUED)}


@pytest.mark.parametrize(
    ("waiting", "reached_carrier", "status"),
    [
        (1, False, OrderStatus.IN_PROGRESS),
        (1, True, OrderStatus.IN_PROGRESS),
        (0, True, OrderStatus.COMPLETED),
        (0, False, OrderStatus.NOT_DELIVERED),
    ],
)
def test_an_order_s_status(waiting: int, reached_carrier: bool, status: OrderStatus) -> None:
    assert order_status(waiting=waiting, reached_carrier=reached_carrier) == status


def test_every_reason_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Reason)
    assert all(explanation.english for explanation in EXPLANATIONS.values())


def test_what_is_stored_of_states_and_reasons_never_changes() -> None:
    assert [state.name for state in sorted(State)] == ["QUEUED", "SUBMITTING", "SUBMITTED", "DELIVERED", "UNDELIVERED"]
    assert [int(state) for state in sorted(State)] == [0, 1, 2, 3, 4]
    assert {name: int(reason) for name, reason in Reason.__members__.items()} == {
        "NONE": 0,
        "ABSENT_SUBSCRIBER": 1,
        "BARRED": 2,
        "INVALID_NUMBER": 3,
        "BLACKLISTED": 4,
        "NO_CONSENT": 5,
        "CONTENT": 6,
        "EXPIRED": 7,
        "REJECTED_PERMANENTLY": 8,
        "REJECTED_TEMPORARILY": 9,
        "CARRIER_UNREACHABLE": 10,
        "CANCELLED": 11,
        "UNCERTAIN": 12,
        "UNKNOWN": 13,
    }


def test_no_two_answers_share_a_code_but_the_two_about_values() -> None:
    codes = sorted(verdict.code for verdict in CATALOGUE)
    assert [code for code, next_code in pairwise(codes) if code == next_code] == [INVALID_FIELDS.code]
    assert len({verdict.message for verdict in CATALOGUE}) == len(CATALOGUE)
