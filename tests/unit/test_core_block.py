"""A block's changing half: every change a compare-and-set, every column back as it was stored."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teslimat.core.block import BlockState, tenths_since
from teslimat.core.states import DELIVERED, MAY_FOLLOW, QUEUED, SUBMITTED, SUBMITTING, UNDELIVERED, State

KEY = (300_000_000, 0)
REASON, CODE, TENTHS, REVISION = 7, 40, 123, 5

WIDTHS = (1, 1, 1, 1, 2, 1, 4, 4, 4)
"""Bytes per recipient, by column."""

Change = Callable[[BlockState], object]


def block(state: int = QUEUED, *, parts: int = 1, size: int = 1) -> BlockState:
    open_parts = 0 if state >= DELIVERED else (1 << parts) - 1
    return BlockState(KEY, (bytes([state]) * size, b"", bytes([open_parts]) * size, b"", b"", b"", b"", b"", b""))


CHANGES: list[Change] = [
    lambda state: state.requeue(0),
    lambda state: state.record_answer(0, 0, TENTHS, REVISION),
    lambda state: state.record_answer(0, 1, TENTHS, REVISION),
    lambda state: state.deliver_part(0, 0, TENTHS, REVISION),
    lambda state: state.deliver_part(0, 1, TENTHS, REVISION),
    lambda state: state.fail(0, REASON, CODE, TENTHS, REVISION),
    lambda state: state.states[0] == QUEUED and state.mark_submitting(0, 9),
]


@given(st.lists(st.sampled_from(CHANGES), max_size=12), st.integers(1, 2))
def test_whatever_happens_in_whatever_order_states_follow_the_table(changes: list[Change], parts: int) -> None:
    state = block(parts=parts)
    for change in changes:
        old, before = state.states[0], state.packed()
        change(state)
        new = state.states[0]
        assert new == old or State(new) in MAY_FOLLOW[State(old)]
        assert old < DELIVERED or state.packed() == before
        assert (state.parts_open[0] == 0) == (new >= DELIVERED) == (state.finished_at[0] != 0)
        assert (state.reasons[0] != 0) == (new == UNDELIVERED)
        assert state.parts_answered[0] == 0 or new in (QUEUED, SUBMITTING)


@given(
    st.integers(1, 1_000).flatmap(
        lambda size: st.tuples(*[st.binary(min_size=size * width, max_size=size * width) for width in WIDTHS])
    )
)
def test_columns_come_back_as_they_were_stored(columns: tuple[bytes, ...]) -> None:
    states, reasons, parts_open, answered, codes, carriers, submitted, finished, changed = columns
    packed = (states, reasons, parts_open, answered, codes, carriers, submitted, finished, changed)
    again = BlockState(KEY, packed).packed()
    assert BlockState(KEY, again).packed() == again
    for stored, given_ in zip(again[1:], packed[1:], strict=True):
        assert stored == (given_ if any(given_) else b"")


def test_a_column_of_zeros_takes_no_space() -> None:
    assert [len(column) for column in block(size=1_000).packed()] == [1_000, 0, 1_000, 0, 0, 0, 0, 0, 0]


def test_only_a_queued_recipient_is_marked_submitting() -> None:
    for state in (SUBMITTING, SUBMITTED, DELIVERED, UNDELIVERED):
        with pytest.raises(ValueError, match="is not queued"):
            block(state).mark_submitting(0, 9)


def test_a_message_is_sent_again_without_the_parts_that_the_carrier_named() -> None:
    state = block(parts=3)
    assert state.mark_submitting(0, 9) == 0b111
    assert state.record_answer(0, 1, TENTHS, REVISION)
    assert state.requeue(0)
    assert state.mark_submitting(0, 9) == 0b101


def test_a_message_is_submitted_once_its_last_part_is_answered() -> None:
    state = block(SUBMITTING, parts=2)
    state.record_answer(0, 1, 1, REVISION)
    assert (state.states[0], state.submitted_at[0], state.changed_rev[0]) == (SUBMITTING, 0, 0)
    state.record_answer(0, 0, TENTHS, REVISION)
    assert (state.states[0], state.submitted_at[0], state.changed_rev[0]) == (SUBMITTED, TENTHS, REVISION)


def test_a_message_is_delivered_once_all_its_parts_are_each_counted_once() -> None:
    state = block(SUBMITTED, parts=2)
    assert not state.deliver_part(0, 0, TENTHS, REVISION)
    assert not state.deliver_part(0, 0, TENTHS, REVISION)
    assert state.deliver_part(0, 1, TENTHS, REVISION)
    assert not state.deliver_part(0, 1, TENTHS, REVISION)
    assert (state.states[0], state.finished_at[0]) == (DELIVERED, TENTHS)


def test_one_failed_part_fails_the_message_whatever_the_others_say_later() -> None:
    state = block(SUBMITTED, parts=2)
    assert state.fail(0, REASON, CODE, TENTHS, REVISION)
    assert not state.fail(0, REASON + 1, CODE, TENTHS, REVISION)
    assert not state.deliver_part(0, 0, TENTHS, REVISION)
    assert (state.states[0], state.reasons[0], state.codes[0]) == (UNDELIVERED, REASON, CODE)


def test_changing_one_recipient_leaves_its_neighbours() -> None:
    state = block(SUBMITTING, parts=2, size=3)
    state.record_answer(1, 0, TENTHS, REVISION)
    state.fail(1, REASON, CODE, TENTHS, REVISION)
    untouched = block(SUBMITTING, parts=2)
    for column, clean in zip(state.packed(), untouched.packed(), strict=True):
        width = len(column) // 3
        assert column[:width] == column[2 * width :] == (clean or bytes(width))


@given(st.integers(0, 2**41), st.integers(0, 2**41))
def test_a_moment_is_kept_to_the_tenth_of_a_second(submit_at: int, later: int) -> None:
    tenths = tenths_since(submit_at, submit_at + later)
    assert tenths == min(later // 100 + 1, 2**32 - 1)


def test_a_clock_that_stepped_back_gives_the_first_moment_since_0_is_not_yet() -> None:
    assert tenths_since(1_000, 0) == 1


def test_whoever_was_handed_a_message_last_stands_in_its_block() -> None:
    state = block(size=2)
    state.mark_submitting(0, 9)
    state.requeue(0)
    state.mark_submitting(0, 8)
    assert list(state.carriers) == [8, 0]


def test_a_part_is_answered_once_the_carrier_has_named_it() -> None:
    state = block(SUBMITTING, parts=2)
    state.record_answer(0, 1, TENTHS, REVISION)
    assert [state.is_answered(0, part) for part in (0, 1)] == [False, True]
    state.record_answer(0, 0, TENTHS, REVISION)
    assert [state.is_answered(0, part) for part in (0, 1)] == [True, True]
