"""A whole gateway without sockets: the real store and the real flows, a clock and a carrier that obey the test."""

from __future__ import annotations

import random
import tempfile
from collections import deque
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from teslimat.core.block import BlockState
from teslimat.core.consents import Consent
from teslimat.core.model import Account, Order
from teslimat.core.numbers import parse_all
from teslimat.core.outcomes import Answer, Fate, OutgoingPart, Receipt
from teslimat.core.ports import Transaction
from teslimat.core.reasons import Reason
from teslimat.core.states import DELIVERED, QUEUED, SUBMITTED, SUBMITTING, UNDELIVERED
from teslimat.flows.accounts import Credentials, new_account, new_credentials, open_account
from teslimat.flows.attempts import Attempts
from teslimat.flows.dispatch import Dispatcher
from teslimat.flows.place import MessageRequest, OrderRequest, Placing, place
from teslimat.flows.route import Routes
from teslimat.flows.settle import Keeping, Settled
from teslimat.flows.settler import Settler
from teslimat.flows.throttle import Throttle
from teslimat.flows.upkeep import Upkeep
from teslimat.store.migrate import migrate
from teslimat.store.sqlite import SqliteStore, run_inline

MONDAY = 1_790_000_000_000
DAY = 86_400_000
LIFETIME = 2 * DAY


class FakeClock:
    """A clock that stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.ms = MONDAY

    def now(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def advance(self, ms: int) -> None:
        self.ms += ms


class FakeLink:
    """A carrier as the port describes it; what it says to each part is up to the test."""

    def __init__(self, house: House, carrier_id: int) -> None:
        self.house = house
        self.carrier_id = carrier_id
        self.capacity = 50
        self.under_way: deque[OutgoingPart] = deque()
        self.seen: list[OutgoingPart] = []
        self.acknowledged: list[object] = []

    def room(self) -> int:
        return max(self.capacity - len(self.under_way), 0)

    def submit(self, parts: Sequence[OutgoingPart], write_before: float) -> None:
        del write_before
        self.under_way += parts
        self.house.handed += [(self.carrier_id, part) for part in parts]

    def withdraw(self) -> None:
        parts = list(self.under_way)
        self.under_way.clear()
        self.house.settler.answered([self.answer(part, Fate.NOT_SENT) for part in parts])

    def unanswered(self) -> int:
        return len(self.under_way)

    def acknowledge(self, tokens: Sequence[object]) -> None:
        self.acknowledged += tokens

    def answer(self, part: OutgoingPart, fate: Fate, message_id: str = "", reason: Reason = Reason.NONE) -> Answer:
        return Answer(*part[:5], self.carrier_id, fate, message_id, reason, "", self.house.clock.now())

    def take(self) -> OutgoingPart:
        """The carrier's side: the next part arrives there."""
        part = self.under_way.popleft()
        self.seen.append(part)
        return part

    def accept(self, part: OutgoingPart) -> str:
        message_id = self.new_id()
        self.house.settler.answered([self.answer(part, Fate.ACCEPTED, message_id)])
        return message_id

    def new_id(self) -> str:
        self.house.ids += 1
        return f"{self.carrier_id}-{self.house.ids}"

    def receipt(self, message_id: str, outcome: int, part: OutgoingPart | None = None) -> None:
        self.house.settler.received(self, [(self.written(message_id, outcome, part), message_id)])

    def written(self, message_id: str, outcome: int, part: OutgoingPart | None = None) -> Receipt:
        return Receipt(
            carrier_id=self.carrier_id,
            message_ids=(message_id,),
            outcome=outcome,
            reason=Reason.ABSENT_SUBSCRIBER if outcome == UNDELIVERED else Reason.NONE,
            code="001" if outcome == UNDELIVERED else "000",
            number=part.number if part else 0,
            sender=part.sender if part else "",
            at=self.house.clock.now(),
        )


class House:
    """Store, flows, and accounts: acme, which most tests use, and those that a test opens."""

    def __init__(self, path: Path, *, carriers: int = 1, seed: int = 1) -> None:
        self.path = path
        self.clock = FakeClock()
        self.random = random.Random(seed)
        self.told = Settled()
        self.attempts = Attempts()
        self.keeping = Keeping()
        self.carrier_ids = tuple(range(1, carriers + 1))
        self.routes = Routes()
        self.routes.carrier_ids = self.carrier_ids
        self.throttle = Throttle()
        self.owners = 0
        self.ids = 0
        self.handed: list[tuple[int, OutgoingPart]] = []
        """Every part that was ever handed to a carrier, with the carrier."""

    async def open(self) -> House:
        self.path.write_bytes(_new_database())
        self.start()
        self.credentials = new_credentials(self.random.randbytes)
        self.account_id = await self.open_account("acme", self.credentials)
        return self

    async def open_account(self, name: str, credentials: Credentials | None = None, *, credits_: int = 100_000) -> int:
        given = credentials or new_credentials(self.random.randbytes)
        return await open_account(self.store, new_account(name, given, credits_=credits_, senders=["ACME"]))

    async def join_registry(self, account_id: int) -> None:
        """Give an account a consent registry code, without which it may not send commercial texts."""
        account = replace(await self.account(account_id), iys_code="681294")
        await self.store.transact(lambda tx: tx.update_account(account))

    async def agree(self, account: Account, whom: Sequence[object], registry_list: str = "BIREYSEL") -> None:
        """Record that these recipients want the texts of an account's brand."""
        consents = [
            Consent(
                int(account.iys_code or 0), f"+{number}", registry_list, "MESAJ", "ONAY", "HS_WEB", self.clock.now()
            )
            for number in parse_all(whom)
            if number is not None
        ]
        await self.store.transact(lambda tx: tx.record_consents(consents))

    def start(self) -> None:
        """Start as a new process would, on the same file."""
        self.owners += 1
        self.store = SqliteStore(self.path, run_inline)
        self.attempts = Attempts()
        self.settler = Settler(self.store, self.clock, self.attempts, self.keeping, self.tell)
        self.links = {carrier_id: FakeLink(self, carrier_id) for carrier_id in self.carrier_ids}
        owner = f"process {self.owners}"
        self.dispatchers = {
            carrier_id: Dispatcher(self.store, self.clock, link, self.settler, self.attempts, owner)
            for carrier_id, link in self.links.items()
        }
        self.upkeep = Upkeep(self.store, self.clock, self.routes, self.keeping, owner, 5_000, self.tell)
        self.placing = Placing(
            self.store, self.clock, " B186", LIFETIME, self.routes.choose, lambda: None, self.throttle
        )

    async def crash(self) -> int:
        """Lose everything that is not in the file; how many messages are uncertain then."""
        await self.store.close()
        self.start()
        return await self.upkeep.take_over()

    async def close(self) -> None:
        await self.store.close()

    def tell(self, done: Settled) -> None:
        for name in ("delivered", "undelivered", "duplicates", "contradictions", "late", "orphans", "uncertain"):
            setattr(self.told, name, getattr(self.told, name) + getattr(done, name))
        self.upkeep.doubt(done.doubts)

    @property
    def link(self) -> FakeLink:
        return self.links[1]

    async def account(self, account_id: int | None = None) -> Account:
        wanted = account_id or self.account_id
        (account,) = [a for a in await self.store.accounts() if a.id == wanted]
        return account

    async def place(
        self,
        numbers: Sequence[object],
        text: str = "Merhaba",
        *,
        send_at: int | None = None,
        commercial: bool = False,
        more: Sequence[tuple[str, Sequence[object]]] = (),
        account_id: int | None = None,
        sender: str = "ACME",
    ) -> int:
        messages = [MessageRequest(body, list(whom)) for body, whom in ((text, numbers), *more)]
        account = await self.account(account_id)
        if commercial:
            await self.agree(account, [number for message in messages for number in message.numbers])
        registry_list = "BIREYSEL" if commercial else None
        return await place(self.placing, account, OrderRequest(sender, send_at, registry_list, messages))

    async def dispatch(self) -> int:
        return sum([await self.dispatchers[carrier_id].step() for carrier_id in self.routes.carrier_ids])

    async def settle(self) -> None:
        while self.settler._answers or self.settler._receipts:
            await self.settler.step()

    async def order(self, order_id: int) -> Order:
        (order,) = [order for order in await self.orders() if order.id == order_id]
        return order

    async def orders(self) -> list[Order]:
        """All orders of all accounts."""
        lists = [await self.store.list_orders(a.id, 0, 2**62, 1_000_000, 0) for a in await self.store.accounts()]
        return [order for _, orders in lists for order in orders]

    async def blocks(self, order_id: int) -> list[BlockState]:
        async def work(tx: Transaction) -> list[BlockState]:
            return list((await tx.blocks_after(order_id, -1, 10_000)).values())

        return await self.store.transact(work)

    async def states(self, order_id: int) -> bytes:
        return b"".join([bytes(block.states) for block in await self.blocks(order_id)])

    async def check_sums(self) -> None:
        """Promises 1 and 7, recounted from the recipients up."""
        spent = dict.fromkeys([account.id for account in await self.store.accounts()], 0)
        for order in await self.orders():
            states = await self.states(order.id)
            assert order.total == len(states) == order.delivered + order.undelivered + order.waiting
            assert order.delivered == states.count(DELIVERED)
            assert order.undelivered == states.count(UNDELIVERED)
            assert order.waiting == sum(states.count(s) for s in (QUEUED, SUBMITTING, SUBMITTED))
            assert order.price == await self._recounted_price(order)
            spent[order.account_id] += order.price
        for account in await self.store.accounts():
            assert account.balance + spent[account.id] == account.credited

    async def _recounted_price(self, order: Order) -> int:
        blocks = await self.blocks(order.id)
        if order.recipient_price is not None:
            return order.recipient_price * sum(state != UNDELIVERED for block in blocks for state in block.states)
        prices = await self.store.transact(lambda tx: tx.recipient_prices([block.key for block in blocks]))
        return sum(
            price
            for block in blocks
            for price, state in zip(prices[block.key], block.states, strict=True)
            if state != UNDELIVERED
        )


@cache
def _new_database() -> bytes:
    """An empty database, migrated once for all houses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        migrate(path)
        return path.read_bytes()


def numbers(count: int, first: int = 0) -> list[object]:
    return [f"90530{first + i:07d}" for i in range(count)]
