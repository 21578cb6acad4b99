"""Random lives of a gateway, for hypothesis to find the one in which a promise breaks.

The rules are what orders, carriers, operators, time and misfortune can do. Each promise adds its invariant in a
file of its own, and is tested on lives of its own.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from teslimat.core.block import BlockState
from teslimat.core.errors import DUPLICATE, NO_CREDIT, NO_RECIPIENT, NO_SUCH_ORDER, Refused, Verdict
from teslimat.core.model import Order
from teslimat.core.outcomes import Answer, Fate, OutgoingPart, Receipt
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, SUBMITTED, UNDELIVERED
from teslimat.flows.cancel import cancel
from tests.simulation.house import DAY, FakeLink, House, numbers

T = TypeVar("T")

LIVES = settings(
    max_examples=30,
    stateful_step_count=40,
    # A life writes a file; how fast that is says nothing about the promise.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

TEXTS = st.sampled_from(["Merhaba", "a" * 200, "Kod: 1234", "a" * 210, "ğ" * 320])
NUMBERS = st.lists(
    st.one_of(st.integers(0, 6).map(lambda i: f"0530 000 00 0{i}"), st.sampled_from(["", "0212 555 66 77", "x"])),
    min_size=1,
    max_size=5,
)
MESSAGES = st.lists(st.tuples(TEXTS, NUMBERS), min_size=1, max_size=3)
INDEX = st.integers(0, 2_000)
FATES = st.sampled_from([Fate.ACCEPTED] * 4 + [Fate.REFUSED, Fate.LATER, Fate.LATER, Fate.NOT_SENT, Fate.UNKNOWN])
OFTEN = st.sampled_from([True, True, True, False])
RARELY = st.sampled_from([False, False, False, True])
OUTCOMES = st.sampled_from([DELIVERED, DELIVERED, UNDELIVERED, SUBMITTED])

PartKey = tuple[int, int, int, int]
"""(order id, block, position, part)."""


class Known(Enum):
    """What the test knows about the last attempt to send a part."""

    UNDER_WAY = auto()
    ANSWERED = auto()
    """Accepted, and the gateway may have heard of it."""
    RECORDED = auto()
    """Accepted, and that is committed."""
    NOT_TAKEN = auto()
    IN_DOUBT = auto()


class Placed(NamedTuple):
    """An order that was accepted, and what its report must list."""

    account_id: int
    order_id: int
    recipients: list[str]


class Gateway(RuleBasedStateMachine):
    """A house, two carriers, two accounts, and all that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name) / "house.db", carriers=2)
        self.run(self.house.open())
        self.poor_id = self.run(self.house.open_account("poor", credits_=60))
        self.run(self.house.join_registry(self.house.account_id))
        self.accounts = [self.house.account_id, self.poor_id]
        self.placed: list[Placed] = []
        self.cancelled: set[int] = set()
        self.known: dict[PartKey, Known] = {}
        self.silent: list[tuple[FakeLink, OutgoingPart]] = []
        """Parts that the carrier may have taken though it did not answer in time."""
        self.lost: list[tuple[int, OutgoingPart]] = []
        """Parts that the carrier may have taken before a crash, with the carrier."""
        self.early: dict[PartKey, str] = {}
        """The ids of parts whose receipts came before their answers."""
        self.ids: list[tuple[int, str]] = []
        self.named: defaultdict[tuple[int, str], list[OutgoingPart]] = defaultdict(list)
        """Which parts a carrier's id has stood for, the latest last."""
        self.told_delivered: set[PartKey] = set()
        """Parts that a receipt has called delivered."""
        self.phones_told_of: set[int] = set()
        """Phones named by receipts whose id nobody knew: after a crash one may settle another message to them."""
        self.given: dict[int, Receipt] = {}
        """Receipts that are not acknowledged, by their tokens."""
        self.tokens = 0
        self.noted = 0
        self.sent_after_cancel: list[OutgoingPart] = []
        self.sent_after_answer: list[OutgoingPart] = []
        self.sent_while_under_way: list[OutgoingPart] = []
        self.sent_again: defaultdict[int, set[tuple[int, int, int]]] = defaultdict(set)
        """By order: attempts at recipients of whom an earlier attempt was in doubt (dispatch, block, position)."""

    def run(self, doing: Coroutine[object, object, T]) -> T:
        return self.loop.run_until_complete(doing)

    def ask(self, doing: Coroutine[object, object, T]) -> T | Verdict:
        """Do something that may be refused; then the verdict is the result."""
        try:
            return self.run(doing)
        except Refused as refused:
            return refused.verdict

    def teardown(self) -> None:
        self.run(self.house.close())
        self.loop.close()
        self.folder.cleanup()

    # orders

    @initialize(messages=MESSAGES)
    def there_is_an_order(self, messages: list[tuple[str, list[object]]]) -> None:
        self._place(self.house.account_id, messages, None, commercial=False)

    @rule(
        account=INDEX,
        messages=MESSAGES,
        later=st.sampled_from([None, None, 60_000, DAY]),
        commercial=st.booleans(),
    )
    def place_an_order(
        self, account: int, messages: list[tuple[str, list[object]]], later: int | None, commercial: bool
    ) -> None:
        account_id = self.accounts[account % 2]
        self._place(account_id, messages, later, commercial and account_id != self.poor_id)

    @precondition(lambda self: sum(len(order.recipients) > 100 for order in self.placed) < 2)
    @rule(count=st.integers(101, 2_500), first=st.integers(0, 3), later=st.sampled_from([None, 60_000]))
    def place_a_campaign(self, count: int, first: int, later: int | None) -> None:
        self._place(self.house.account_id, [("Kampanya", [*numbers(count, first), "kimse"])], later, commercial=False)

    def _place(
        self, account_id: int, messages: list[tuple[str, list[object]]], later: int | None, commercial: bool
    ) -> None:
        house = self.house
        before = self.run(house.account(account_id)).balance, len(self.run(house.orders()))
        (text, whom), *more = messages
        send_at = house.clock.now() + later if later else None
        order_id = self.ask(
            house.place(whom, text, more=more, send_at=send_at, commercial=commercial, account_id=account_id)
        )
        if isinstance(order_id, Verdict):
            assert order_id in (DUPLICATE, NO_CREDIT, NO_RECIPIENT)
            assert before == (self.run(house.account(account_id)).balance, len(self.run(house.orders())))
            return
        shown = [number for _, whom in messages for number in dict.fromkeys(map(_shown, whom))]
        self.placed.append(Placed(account_id, order_id, shown))

    @precondition(lambda self: self.placed)
    @rule(which=INDEX)
    def cancel_an_order(self, which: int) -> None:
        order = self.placed[which % len(self.placed)]
        verdict = self.ask(cancel(self.house.store, self.house.clock, order.account_id, order.order_id))
        assert verdict in (None, NO_SUCH_ORDER)
        if verdict is None:
            assert order.order_id not in self.cancelled
            self.cancelled.add(order.order_id)

    # carriers

    @rule(
        capacity=st.sampled_from([60, 1, 3, 1_500]),
        fates=st.lists(FATES, max_size=6),
        outcomes=st.lists(OUTCOMES, max_size=6),
        after_ms=st.sampled_from([0, 0, 1_000, 6_000]),
    )
    def send_what_is_due(self, capacity: int, fates: list[Fate], outcomes: list[int], after_ms: int) -> None:
        """The carriers answer some parts at once, and tell at once what became of some."""
        if after_ms:
            self.time_passes(after_ms)
        for link in self.house.links.values():
            link.capacity = capacity
        self.run(self.house.dispatch())
        self._note_what_was_handed()
        for fate in fates:
            for link in self._links_with_parts()[:1]:
                self._answer(link, link.take(), fate)
        for (carrier_id, message_id), outcome in zip(reversed(self.ids), outcomes, strict=False):
            link = self.house.links[carrier_id]
            self._give(link, link.written(message_id, outcome))
        if fates or outcomes:
            self.settle_what_has_come()

    def _note_what_was_handed(self) -> None:
        dispatch, self.noted = self.noted, len(self.house.handed)
        for _, part in self.house.handed[dispatch:]:
            order_id, block_no, position, _ = key = part[:4]
            known = self.known.get(key, Known.NOT_TAKEN)
            if order_id in self.cancelled:
                self.sent_after_cancel.append(part)
            if known is Known.RECORDED:
                self.sent_after_answer.append(part)
            if known is Known.UNDER_WAY:
                self.sent_while_under_way.append(part)
            if known in (Known.IN_DOUBT, Known.ANSWERED):
                self.sent_again[order_id].add((dispatch, block_no, position))
            self.known[key] = Known.UNDER_WAY

    @precondition(lambda self: self._links_with_parts())
    @rule(link=INDEX, which=INDEX, count=st.sampled_from([1, 2, 5, 500]), fate=FATES, use_again=RARELY, at_once=OFTEN)
    def a_carrier_answers(self, link: int, which: int, count: int, fate: Fate, use_again: bool, at_once: bool) -> None:
        links = self._links_with_parts()
        at = links[link % len(links)]
        for _ in range(min(count, len(at.under_way))):
            at.under_way.rotate(-(which % len(at.under_way)))
            self._answer(at, at.take(), fate, use_again=use_again and count == 1)
        if at_once:
            self.settle_what_has_come()

    @precondition(lambda self: self.silent)
    @rule(which=INDEX)
    def a_carrier_accepts_late(self, which: int) -> None:
        link, part = self.silent.pop(which % len(self.silent))
        self._answer(link, part, Fate.ACCEPTED_LATE)

    def _answer(self, link: FakeLink, part: OutgoingPart, fate: Fate, *, use_again: bool = False) -> None:
        message_id = ""
        if fate in (Fate.ACCEPTED, Fate.ACCEPTED_LATE):
            old = [message_id for carrier_id, message_id in self.ids if carrier_id == link.carrier_id]
            message_id = self.early.pop(part[:4], "") or (old[0] if old and use_again else link.new_id())
            self.ids.append((link.carrier_id, message_id))
            self.named[link.carrier_id, message_id].append(part)
            self._learn(part, Known.ANSWERED)
        elif fate is Fate.UNKNOWN:
            self.silent.append((link, part))
            self._learn(part, Known.IN_DOUBT)
        else:
            self._learn(part, Known.NOT_TAKEN)
        reason = Reason.CONTENT if fate is Fate.REFUSED else Reason.NONE
        self._hear([link.answer(part, fate, message_id, reason)])

    def _learn(self, part: OutgoingPart, known: Known) -> None:
        if self.known[part[:4]] not in (Known.ANSWERED, Known.RECORDED):
            self.known[part[:4]] = known

    def _hear(self, answers: Sequence[Answer]) -> None:
        self.house.settler.answered(answers)

    def _links_with_parts(self) -> list[FakeLink]:
        return [link for link in self.house.links.values() if link.under_way]

    @precondition(lambda self: self.ids)
    @rule(
        which=INDEX,
        count=st.sampled_from([1, 3, 500]),
        outcome=OUTCOMES,
        copies=st.integers(1, 2),
        names_the_phone=st.booleans(),
        at_once=OFTEN,
    )
    def receipts_come(
        self, which: int, count: int, outcome: int, copies: int, names_the_phone: bool, at_once: bool
    ) -> None:
        start = which % len(self.ids)
        for carrier_id, message_id in self.ids[start : start + count]:
            link = self.house.links[carrier_id]
            parts = self.named[carrier_id, message_id]
            part = parts[which % len(parts)] if names_the_phone else None
            for _ in range(copies):
                self._give(link, link.written(message_id, outcome, part))
        if at_once:
            self.settle_what_has_come()

    @precondition(lambda self: self._links_with_parts())
    @rule(which=INDEX, outcome=OUTCOMES)
    def a_receipt_comes_before_its_answer(self, which: int, outcome: int) -> None:
        link = self._links_with_parts()[0]
        part = link.under_way[which % len(link.under_way)]
        message_id = self.early.setdefault(part[:4], link.new_id())
        self.named[link.carrier_id, message_id].append(part)
        self._give(link, link.written(message_id, outcome, part))

    @rule(which=INDEX, outcome=OUTCOMES)
    def a_receipt_comes_with_an_id_that_nobody_knows(self, which: int, outcome: int) -> None:
        """It may be for what was sent before a crash; else it is for nothing of ours."""
        carrier_id, part = self.lost[which % len(self.lost)] if self.lost else (1, None)
        link = self.house.links[carrier_id]
        message_id = link.new_id()
        if part:
            self.named[carrier_id, message_id].append(part)
        self._give(link, link.written(message_id, outcome, part))

    def _give(self, link: FakeLink, receipt: Receipt) -> None:
        if receipt.outcome == DELIVERED:
            if (link.carrier_id, receipt.message_ids[0]) not in self.ids:
                self.phones_told_of.add(receipt.number)
            self.told_delivered |= {
                part[:4]
                for part in self.named[link.carrier_id, receipt.message_ids[0]]
                if receipt.number in (0, part.number)
            }
        self.tokens += 1
        self.given[self.tokens] = receipt
        self.house.settler.received(link, [(receipt, self.tokens)])

    # the gateway's own work

    @rule()
    def settle_what_has_come(self) -> None:
        self.run(self.house.settle())
        self._remember_as_recorded()
        acknowledged = [token for link in self.house.links.values() for token in link.acknowledged]
        for link in self.house.links.values():
            link.acknowledged.clear()
        self.receipts_were_acknowledged([self.given.pop(token) for token in acknowledged if isinstance(token, int)])

    def _remember_as_recorded(self) -> None:
        for key, known in self.known.items():
            if known is Known.ANSWERED:
                self.known[key] = Known.RECORDED

    def receipts_were_acknowledged(self, receipts: list[Receipt]) -> None:
        """Look at receipts of which the carrier will never tell again; promise 4 does."""

    @rule(ms=st.sampled_from([1_000, 100, 5_000, 60_000, 600_000, 3_600_000, DAY]))
    def time_passes(self, ms: int) -> None:
        self.house.clock.advance(ms)
        self.upkeep()

    @rule()
    def upkeep(self) -> None:
        self.run(self.house.upkeep.tick())

    # misfortune, and operators

    @rule(how=st.sampled_from(["at once", "between commit and acknowledgement", "cleanly"]))
    def the_process_ends_and_another_starts(self, how: str) -> None:
        if how == "cleanly":
            self.stop_cleanly()
            return
        if how == "between commit and acknowledgement":
            self.run(self.house.settle())
            self._remember_as_recorded()
        self.run(self.house.crash())
        self._start_again()

    def stop_cleanly(self) -> None:
        in_doubt = bool(self.silent) or Known.IN_DOUBT in self.known.values()
        for link in self.house.links.values():
            for part in link.under_way:
                self._learn(part, Known.NOT_TAKEN)
            link.withdraw()
        self.settle_what_has_come()
        uncertain = self.run(self.house.crash())
        assert not uncertain or in_doubt
        self._start_again()

    def _start_again(self) -> None:
        """Forget what a process knew; carriers tell again what was never acknowledged."""
        under_way = [(c, part) for c, part in self.house.handed if self.known[part[:4]] is Known.UNDER_WAY]
        self.lost += under_way + [(link.carrier_id, part) for link, part in self.silent]
        self.silent.clear()
        self.early.clear()
        for key, known in self.known.items():
            if known in (Known.UNDER_WAY, Known.ANSWERED):
                self.known[key] = Known.IN_DOUBT
        for token, receipt in self.given.items():
            link = self.house.links[receipt.carrier_id]
            self.house.settler.received(link, [(receipt, token)])

    @rule(carrier_ids=st.sampled_from([(1, 2), (1,), (2,), ()]))
    def the_operator_changes_carriers(self, carrier_ids: tuple[int, ...]) -> None:
        self.house.routes.carrier_ids = carrier_ids

    # for the promises

    def states_of(self, order_id: int) -> list[BlockState]:
        return self.run(self.house.blocks(order_id))

    def rows(self, query: str, *parameters: int | str) -> list[tuple[int, ...]]:
        """Look into the file, past all statements."""
        return self.house.store._reader.execute(query, parameters).fetchall()

    def orders(self) -> list[Order]:
        return self.run(self.house.orders())


def _shown(number: object) -> str:
    """How the report lists a recipient of these tests."""
    text = str(number).replace(" ", "")
    return text if text.startswith("90") else "90" + text[1:] if text.startswith("0530") else str(number)
