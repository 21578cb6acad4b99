"""The message centre behind all connections: it takes messages, decides, and keeps receipts. Pure."""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

import msgspec

from teslimat.carriers.simulator.mailbox import Mailbox
from teslimat.carriers.simulator.outcomes import BY_NAME, Outcome, Reply, Timing
from teslimat.carriers.simulator.receipts import FAILURES, Plan, Receipt
from teslimat.carriers.simulator.script import Script
from teslimat.carriers.simulator.stats import Stats
from teslimat.smpp.pdus import Message
from teslimat.smpp.status import Status

RETRY_SECONDS: Final = 1.0
"""After this long a receipt is sent again that was answered with an error that may pass."""

_MAX_ADDRESS_OCTETS: Final = 20
_LATER: Final = frozenset({Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL})
_NEVER_AGAIN: Final = frozenset({Status.ESME_RX_P_APPN, Status.ESME_RX_R_APPN})
_RECEIPT_WANTED: Final = 0x03
_ON_FAILURE_ONLY: Final = 0x02

Answer = tuple[int, int, bytes]
"""Sequence number, status, message id."""


class Verdict(NamedTuple):
    """What becomes of the submit_sm of one read."""

    answers: list[Answer]
    late_answers: list[Answer]
    hang_up: bool
    """Close the connection once ``answers`` are written; later submit_sm were not looked at."""


class Centre:
    """Takes messages, counts them, and keeps a mailbox of receipts for each system_id."""

    def __init__(self, script: Script, random: Random, first_id: int) -> None:
        self.stats = Stats()
        self.kept: deque[Message] = deque(maxlen=script.keep_texts)
        self.mailboxes: dict[str, Mailbox] = {}
        self._script = script
        self._random = random
        self._next_id = first_id
        self._outcome_of = script.outcomes().of
        self._seen: set[int] = set()
        self._tries: dict[int, int] = {}
        self._plans = {name: outcome.receipts for name, outcome in BY_NAME.items()}
        self._failure_plans = {name: _failures(plans) for name, plans in self._plans.items()}

    def mailbox(self, system_id: str) -> Mailbox:
        """The mailbox of whoever binds by this name."""
        if system_id not in self.mailboxes:
            self.mailboxes[system_id] = Mailbox(self._random.shuffle if self._script.reorder else None)
        return self.mailboxes[system_id]

    def take(self, submits: Sequence[Message], mailbox: Mailbox, now: float, date: str) -> Verdict:
        """Decide about the submit_sm of one read. ``now`` is monotonic; ``date`` is what receipts call it."""
        stats, outcome_of, every = self.stats, self._outcome_of, self._script.disconnect_every
        id_format = self._script.answer_ids.value
        answers: list[Answer] = []
        late_answers: list[Answer] = []
        hang_up = False
        for submit in submits:
            recipient = submit.destination.removeprefix("+")
            if refusal := _refusal(recipient, submit.source):
                stats.refused += 1
                answers.append((submit.sequence, refusal, b""))
                continue
            outcome = outcome_of(recipient)
            key = hash((submit.source, recipient, submit.short_message, submit.tlvs))
            replies = outcome.replies
            reply = replies[0] if len(replies) == 1 else self._next_reply(key, replies)
            message_id = b""
            if reply.taken:
                message_id = (id_format % self._next_id).encode()
                self._accept(submit, key, outcome, mailbox, now, date)
                hang_up = every > 0 and (stats.messages + stats.copies) % every == 0
            elif reply.status in _LATER:
                stats.throttled += 1
            elif reply.status:
                stats.refused += 1
            if hang_up or reply.timing is Timing.HANG_UP:
                stats.hang_ups += 1
                stats.unanswered += 1
                hang_up = True
                break
            if reply.timing is Timing.AT_ONCE:
                answers.append((submit.sequence, reply.status, message_id))
            elif reply.timing is Timing.LATE:
                late_answers.append((submit.sequence, reply.status, message_id))
            else:
                stats.unanswered += 1
        if self._script.reorder:
            self._random.shuffle(answers)
        return Verdict(answers, late_answers, hang_up)

    def acknowledge(self, receipt: Receipt, status: int, mailbox: Mailbox, now: float) -> None:
        """Take the answer to a receipt: what follows it becomes due, or the receipt itself again."""
        if status == Status.ESME_ROK:
            self.stats.receipts_acknowledged += 1
            following = receipt.plans[1:]
            if following:
                self._put(receipt._replace(plans=following), mailbox, now)
            return
        self.stats.receipts_refused += 1
        if status not in _NEVER_AGAIN:
            mailbox.put(receipt, now + RETRY_SECONDS)

    def snapshot(self, connections: int) -> Stats:
        """The counts of this moment."""
        waiting = sum(len(mailbox) for mailbox in self.mailboxes.values())
        outcomes = dict(self.stats.outcomes)
        return msgspec.structs.replace(self.stats, connections=connections, receipts_waiting=waiting, outcomes=outcomes)

    def _next_reply(self, key: int, replies: tuple[Reply, ...]) -> Reply:
        tries = self._tries.pop(key, 0)
        if tries + 1 < len(replies):
            self._tries[key] = tries + 1
        return replies[tries]

    def _accept(self, submit: Message, key: int, outcome: Outcome, mailbox: Mailbox, now: float, date: str) -> None:
        stats, name = self.stats, outcome.name
        if key in self._seen:
            stats.copies += 1
        else:
            self._seen.add(key)
            stats.messages += 1
            stats.outcomes[name] = stats.outcomes.get(name, 0) + 1
        if self._script.keep_texts:
            self.kept.append(submit)
        wanted = submit.registered_delivery & _RECEIPT_WANTED
        plans = (self._failure_plans if wanted == _ON_FAILURE_ONLY else self._plans)[name]
        if wanted and plans:
            script = self._script
            due = now + script.delay
            if script.jitter:
                due += script.jitter * self._random.random()
            source, destination = submit.source.encode("latin-1"), submit.destination.encode("latin-1")
            message_id = script.receipt_ids.value % self._next_id
            self._put(Receipt(message_id, destination, source, date, plans), mailbox, due)
        self._next_id += 1

    def _put(self, receipt: Receipt, mailbox: Mailbox, due: float) -> None:
        plan = receipt.plans[0]
        due += plan.late * self._script.late
        for _ in range(plan.copies):
            mailbox.put(receipt, due)


def _refusal(recipient: str, sender: str) -> int:
    """The status for an address that no receipt could carry; 0 if there is nothing to say against them."""
    if not recipient.isdecimal() or len(recipient) >= _MAX_ADDRESS_OCTETS:
        return Status.ESME_RINVDSTADR
    return Status.ESME_RINVSRCADR if len(sender) > _MAX_ADDRESS_OCTETS else Status.ESME_ROK


def _failures(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """What is left for those who want to hear of failures only (SMPP 3.4 §5.2.17)."""
    return tuple(plan for plan in plans if plan.state in FAILURES)
