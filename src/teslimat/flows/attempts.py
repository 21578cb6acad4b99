"""When a message may be sent again: once each of its parts has its fate, and after a pause if the carrier said so.

A message of several parts leaves the state submitting only when each part has its fate. Otherwise a part that the
carrier wants later would send a sibling again that is still under way.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from teslimat.core.outcomes import ACCEPTED, ACCEPTED_LATE, REFUSED, Answer, OutgoingPart

Recipient = tuple[int, int, int]
"""(order id, block, position)."""

_LEAST_PAUSE_MS: Final = 1_000
_LONGEST_PAUSE_MS: Final = 600_000


def pause_ms(send_at: int, now: int) -> int:
    """How long to wait before a carrier is asked again for what it did not want now: a tenth of the order's age."""
    return min(max(_LEAST_PAUSE_MS, (now - send_at) // 10), _LONGEST_PAUSE_MS)


class Attempts:
    """The open attempts to send messages of several parts."""

    def __init__(self) -> None:
        self._pending: dict[Recipient, int] = {}
        self._held: dict[Recipient, dict[int, Answer]] = {}

    def begin(self, parts: Sequence[OutgoingPart]) -> None:
        """Remember the parts that were just marked; parts of one recipient stand together."""
        for previous, part in pairwise(parts):
            if previous[:3] == part[:3]:
                who = part[:3]
                self._pending[who] = self._pending.get(who, 0) | 1 << previous.part | 1 << part.part

    def decided(self, answers: Sequence[Answer]) -> Sequence[Answer]:
        """Those answers that can be settled now, and what earlier ones were held back for.

        Accepted and refused parts are settled at once. Of the others, one stands for all of its message once
        no part is open any more: the one that asks for most care. A late acceptance belongs to an attempt that
        is over, so it says nothing about what is open; but there is no doubt any more about the part that it names.
        """
        if not self._pending:
            return answers
        settled = []
        for answer in answers:
            who = answer[:3]
            pending = self._pending.get(who)
            if pending is None or answer.fate == ACCEPTED_LATE:
                settled.append(answer)
                self._held.get(who, {}).pop(answer.part, None)
                continue
            if answer.fate in (ACCEPTED, REFUSED):
                settled.append(answer)
            else:
                self._held.setdefault(who, {})[answer.part] = answer
            pending &= ~(1 << answer.part)
            if pending:
                self._pending[who] = pending
            else:
                del self._pending[who]
                if held := self._held.pop(who, None):
                    settled.append(max(held.values(), key=lambda answer: answer.fate))
        return settled
