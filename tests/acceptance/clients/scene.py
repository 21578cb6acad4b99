"""What replays are played against, what they should see there, and what they should leave behind."""

import hmac
from array import array
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from teslimat.core.ports import Transaction
from teslimat.core.states import DELIVERED, UNDELIVERED
from teslimat.flows.accounts import Changes, change_account
from tests.acceptance.clients.wire import Answer, connected, request
from tests.acceptance.gateway import Gateway
from tests.simulation.house import DAY

DONE, LATER, NEXT = 300_000_000, 300_000_001, 300_000_002
"""The order that is over, the one that is scheduled, and the one that a replay places."""
CAME, CAME_TOO, LOST = "+905301234567", "+905301234568", "+905301234569"
BLOCKED, UNBLOCKED = "+905301110000", "+905302220000"
SCHEDULE, SCHEDULED_AT = "22/09/2026 09:30", 1_790_058_600_000
LOGIN, PASSWORD = "5301112233", "gizli+şifre"
LOGIN_ALLOWED: Final[Changes] = {
    "username": LOGIN,
    "password_hash": "$argon2id$v=19$m=8,t=1,p=1$J0XfYLcqHUhvVyqObMNdyw$AesFzilFkVeLPB+5izYvzHZXfhJzXAwpxUSlg7zxKlY",
}
"""Lets an account's clients show this login instead of a key."""

TEXT: Final = """Ayşe'ye "1+1" & <çay> %5: https://ay.se/ğ=1"""
SECOND: Final = "İkinci mesaj"


class Report(NamedTuple):
    """A report as a client shows it."""

    order_id: int
    status: int
    counters: tuple[int, ...]
    """Total, delivered, undelivered, waiting."""
    sender: str
    messages: tuple[tuple[str, int], ...]


class Refusal(NamedTuple):
    """A client saw that it did not succeed, and this code."""

    code: int


class Placed(NamedTuple):
    """An order that a replay left behind."""

    messages: tuple[tuple[str, str], ...]
    """Each text with each of its numbers."""
    at: int | None = None
    """When it is due, if it was scheduled; milliseconds since 1970."""
    registry_list: str | None = None
    """Where its recipients must have consented, if it is commercial."""


class Left(NamedTuple):
    """What a replay left behind."""

    placed: tuple[Placed, ...] = ()
    cancelled: bool = False
    blacklist: tuple[str, ...] = (BLOCKED,)


TO_BOTH: Final = ((TEXT, CAME), (TEXT, CAME_TOO))

SEES: Final[dict[str, Any]] = {
    **dict.fromkeys(["send", "send_later", "send_several", "send_commercial"], NEXT),
    **dict.fromkeys(["cancel", "block", "unblock"], True),
    "report": Report(DONE, 114, (3, 2, 1, 0), "ACME", ((CAME, 111), (CAME_TOO, 111), (LOST, 112))),
    "orders": (2, (DONE, LATER)),
    "balance": (0.0, 99_997),
    "senders": ("ACME", "ACME INFO"),
    "blacklist": (1, (BLOCKED,)),
}
"""What a client shows after each operation, if all that it needs is there."""

LEAVES: Final[dict[str, Left]] = {
    "send": Left((Placed(TO_BOTH),)),
    "send_commercial": Left((Placed(TO_BOTH, registry_list="BIREYSEL"),)),
    "send_later": Left((Placed(TO_BOTH, SCHEDULED_AT),)),
    "send_several": Left((Placed(((TEXT, CAME), (SECOND, CAME_TOO))),)),
    "cancel": Left(cancelled=True),
    "block": Left(blacklist=(BLOCKED, UNBLOCKED)),
    "unblock": Left(blacklist=()),
}
"""What each operation leaves at the gateway; the others leave nothing."""


_NO_CHANGES: Final[Changes] = {}


class Client(NamedTuple):
    """How a client writes its head, and how it reads an answer to an operation."""

    name: str
    head: str
    """Its header lines; HOST and LENGTH stand for what they are in that request."""
    reads: Callable[[str, Answer], object]
    """What it makes of the answer to an operation: the operation's result, or a Refusal."""
    settings: Changes = _NO_CHANGES
    """What its account needs."""


class Replay(NamedTuple):
    """One call of one client."""

    client: Client
    operation: str
    line: str
    """The first line of the request."""
    body: str
    sees: object
    leaves: Left
    about: str = ""

    def __str__(self) -> str:
        return f"{self.client.name} {self.about or self.operation}"


def replay(client: Client, operation: str, line: str, body: str, about: str = "", **expected: Any) -> Replay:
    """A call; what its client sees and leaves is usual for the operation, unless given as `sees` and `leaves`.

    A refused call leaves nothing.
    """
    sees = expected.get("sees", SEES.get(operation))
    usual = Left() if isinstance(sees, Refusal) else LEAVES.get(operation, Left())
    return Replay(client, operation, line, body, sees, expected.get("leaves", usual), about)


class Scene(NamedTuple):
    """A gateway with an account that has a past."""

    gateway: Gateway

    @property
    def address(self) -> tuple[str, int]:
        url = self.gateway.http.base_url
        return url.host, url.port or 80

    async def plays(self, replay: Replay) -> None:
        """Replay a call; the client must see what it needs, and leave at the gateway what it meant to."""
        house = self.gateway.house
        await change_account(house.store, await house.account(), **replay.client.settings)
        async with connected(*self.address) as line:
            answer = await line.ask(self.bytes_of(replay))
        seen = replay.client.reads(replay.operation, answer)
        left = await self.left(with_blacklist="blacklist" in replay.line)
        assert (seen, left) == (replay.sees, replay.leaves)

    def bytes_of(self, replay: Replay) -> bytes:
        """Write a request with the credentials and the address of this gateway."""
        who, (host, port) = self.gateway.house.credentials, self.address
        computed = hmac.new(who.secret.encode(), who.key.encode(), "sha256").hexdigest()
        words = {"API_KEY": who.key, "API_HASH": who.hash, "COMPUTED_HASH": computed, "LOGIN": LOGIN}
        line, body = replay.line, replay.body
        for word, value in {**words, "PASSWORD": PASSWORD}.items():
            line, body = line.replace(word, quote(value)), body.replace(word, value)
        return request(line, replay.client.head.replace("HOST", f"{host}:{port}"), body.encode())

    async def left(self, *, with_blacklist: bool = False) -> Left:
        """What there is beyond the past."""
        *_, later = past = [order for order in await self.gateway.house.orders() if order.id <= LATER]
        assert len(past) == 2
        new = [order.id for order in await self.gateway.house.orders() if order.id > LATER]
        left = Left(tuple([await self._placed(order_id) for order_id in new]), later.cancelled_at is not None)
        return left._replace(blacklist=await self._blacklist()) if with_blacklist else left

    async def _placed(self, order_id: int) -> Placed:
        order = await self.gateway.house.order(order_id)

        async def work(tx: Transaction) -> Placed:
            (sending,) = (await tx.read_sending([(order_id, 0)])).values()
            numbers = array("Q", sending.block.numbers)
            which = array("H", sending.block.text_index) or array("H", [0] * len(numbers))
            messages = [(sending.texts[i].body, f"+{n}") for n, i in zip(numbers, which, strict=True)]
            return Placed(tuple(messages), order.send_at if order.scheduled else None, order.registry_list)

        return await self.gateway.house.store.transact(work)

    async def _blacklist(self) -> tuple[str, ...]:
        answer = await self.gateway.ask("get-blacklist", {})
        return tuple(sorted(answer.json()["response"]["blacklist"]["number"]))

    async def live_through(self) -> None:
        """What happened before the replay: an order arrived but for one recipient, another waits for its day."""
        house = self.gateway.house
        assert await house.place([CAME, CAME_TOO, LOST], "Eski") == DONE
        while await house.dispatch():
            while house.link.under_way:
                part = house.link.take()
                outcome = UNDELIVERED if f"+{part.number}" == LOST else DELIVERED
                house.link.receipt(house.link.accept(part), outcome, part)
            await house.settle()
        assert await house.place([CAME], "Yarın", send_at=house.clock.now() + DAY) == LATER
        await house.join_registry(house.account_id)
        await change_account(house.store, await house.account(), senders=["ACME", "ACME INFO"])
        await self.gateway.ask("add-blacklist", {"blacklist": {"number": BLOCKED}})
