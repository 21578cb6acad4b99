"""The changing half of a block: one packed column per fact, one slot per recipient.

All changes to a recipient go through here, by compare-and-set on its state.
"""

import sys
from array import array
from typing import Final

from teslimat.core.model import BlockKey
from teslimat.core.states import DELIVERED, QUEUED, SUBMITTED, SUBMITTING, UNDELIVERED, may_follow

if sys.byteorder != "little":  # pragma: no cover - no supported machine is
    raise ImportError("blocks are stored little-endian; this machine is not")

_ZEROS: Final = bytes(4 * 1000)

PackedState = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""The columns as stored, in the order of BlockState's attributes; an empty one is all zeros."""


class BlockState:
    """What has become of up to 1,000 recipients.

    submitted_at and finished_at are tenths of a second since the order's submit_at, plus 1; 0 is "not yet".
    parts_open has bit i set while part i has no final receipt; parts_answered has bit i set once the carrier
    named part i, as long as others are unanswered. changed_rev is the order's revision at a
    recipient's last change that a report can show.
    """

    __slots__ = (
        "block_no",
        "carriers",
        "changed_rev",
        "codes",
        "finished_at",
        "order_id",
        "parts_answered",
        "parts_open",
        "reasons",
        "states",
        "submitted_at",
    )

    def __init__(self, key: BlockKey, packed: PackedState) -> None:
        self.order_id, self.block_no = key
        states, reasons, parts_open, parts_answered, codes, carriers, submitted, finished, changed = packed
        size = len(states)
        self.states = bytearray(states)
        self.reasons = bytearray(reasons or size)
        self.parts_open = bytearray(parts_open or size)
        self.parts_answered = bytearray(parts_answered or size)
        self.codes = array("H", codes or bytes(2 * size))
        self.carriers = bytearray(carriers or size)
        self.submitted_at = array("I", submitted or bytes(4 * size))
        self.finished_at = array("I", finished or bytes(4 * size))
        self.changed_rev = array("I", changed or bytes(4 * size))

    @property
    def key(self) -> BlockKey:
        """Which block this is."""
        return self.order_id, self.block_no

    def packed(self) -> PackedState:
        """The columns as they are stored: a column of zeros takes no space."""
        return (
            bytes(self.states),
            _thin(bytes(self.reasons)),
            _thin(bytes(self.parts_open)),
            _thin(bytes(self.parts_answered)),
            _thin(self.codes.tobytes()),
            _thin(bytes(self.carriers)),
            _thin(self.submitted_at.tobytes()),
            _thin(self.finished_at.tobytes()),
            _thin(self.changed_rev.tobytes()),
        )

    def open_for_dispatch(self) -> tuple[int, int]:
        """How many recipients are queued, and how many are submitting."""
        return self.states.count(QUEUED), self.states.count(SUBMITTING)

    def mark_submitting(self, position: int, carrier_id: int) -> int:
        """Queued → submitting, before the network is touched; the bits of the parts that are to be sent.

        Raises ValueError if the recipient is not queued.
        """
        if not may_follow(self.states[position], SUBMITTING):
            raise ValueError(f"recipient {position} of block {self.key} is not queued")
        self.states[position] = SUBMITTING
        self.carriers[position] = carrier_id
        return self.parts_open[position] & ~self.parts_answered[position]

    def requeue(self, position: int) -> bool:
        """Submitting → queued: it is to be sent again. False if it is not submitting."""
        if not may_follow(self.states[position], QUEUED):
            return False
        self.states[position] = QUEUED
        return True

    def record_answer(self, position: int, part: int, tenths: int, revision: int) -> bool:
        """Note that the carrier named a part; with the last one the recipient is submitted.

        A part put back in the queue counts as well: a late answer proves that it must not be sent again.
        False if the recipient is final already.
        """
        state = self.states[position]
        if not may_follow(state, SUBMITTED):
            return state == SUBMITTED
        answered = self.parts_answered[position] | 1 << part
        if self.parts_open[position] & ~answered:
            self.parts_answered[position] = answered
            return True
        # Submitted says that all parts are answered, so a finished column of bits is zeros again.
        self.parts_answered[position] = 0
        self.states[position] = SUBMITTED
        self.submitted_at[position] = tenths
        self.changed_rev[position] = revision
        return True

    def is_answered(self, position: int, part: int) -> bool:
        """Tell whether the carrier has named a part."""
        return self.states[position] == SUBMITTED or bool(self.parts_answered[position] >> part & 1)

    def deliver_part(self, position: int, part: int, tenths: int, revision: int) -> bool:
        """Clear a part's bit, once; True when that was the last one and the recipient is now delivered."""
        if not may_follow(self.states[position], DELIVERED):
            return False
        left = self.parts_open[position] & ~(1 << part)
        self.parts_open[position] = left
        if left:
            return False
        self.parts_answered[position] = 0
        self.states[position] = DELIVERED
        self.finished_at[position] = tenths
        self.changed_rev[position] = revision
        return True

    def fail(self, position: int, reason: int, code: int, tenths: int, revision: int) -> bool:
        """End a recipient as undelivered, once; False if it is final already."""
        if not may_follow(self.states[position], UNDELIVERED):
            return False
        self.states[position] = UNDELIVERED
        self.reasons[position] = reason
        self.codes[position] = code
        self.parts_open[position] = 0
        self.parts_answered[position] = 0
        self.finished_at[position] = tenths
        self.changed_rev[position] = revision
        return True


def tenths_since(submit_at: int, now: int) -> int:
    """The stored form of a moment: tenths of a second since submit_at (both in ms), plus 1."""
    return min(max(now - submit_at, 0) // 100 + 1, 0xFFFFFFFF)


def _thin(column: bytes) -> bytes:
    return b"" if column == _ZEROS[: len(column)] else column
