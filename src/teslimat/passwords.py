"""Passwords of old clients: hashed with argon2, compared in threads, a few at a time.

Comparing takes about 20 ms of a core, on purpose. So that a client that logs in with every request is served like the
others, what was right is remembered for a few minutes, by a digest that is worth nothing outside this process. What was
wrong never is.

Nobody keeps others out by guessing: an address has few places among those that wait, and a username that was right
lately from an address has a place of its own there, whatever else waits.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from teslimat.core.clock import Clock
from teslimat.core.errors import UNAVAILABLE, Refused
from teslimat.core.networks import read_address

AT_ONCE: Final = 2
MOST_WAITING: Final = 50
MOST_OF_AN_ORIGIN: Final = 4
"""Comparisons that wait or are under way for one address; for one network, if it is IPv6."""
MOST_REMEMBERED: Final = 1_000
REMEMBERED_SECONDS: Final = 300
NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbCBoZQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""No known password has this hash; a username that does not exist costs a comparison with it."""
_DIGEST_SIZE: Final = 32

T = TypeVar("T")

# OWASP's figures for argon2id on a server that has other things to do.
_argon2: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


def hash_password(password: str) -> str:
    """Give what is stored of a password; it takes a while."""
    return _argon2.hash(_octets(password))


class Argon2Passwords:
    """The port core.ports.passwords.Passwords."""

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._key = random_bytes(_DIGEST_SIZE)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._under_way: dict[bytes, asyncio.Task[bool]] = {}
        self._right_until: dict[bytes, float] = {}
        self._known: dict[bytes, None] = {}
        """Usernames that were right lately, each with where it came from."""
        self._of_origin: Counter[bytes] = Counter()
        """How many of the places for all are taken from where."""
        self._in_own_place: set[bytes] = set()
        """Those of the known whose own place is taken."""

    def close(self) -> None:
        """Compare no more; whoever still waits is told that it was cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def matches(self, username: str, password: str, stored: str | None, address: str | None) -> bool:
        """Compare a password; see the port. Who asks the same at the same time shares the answer."""
        proof = self._digest(username, password, stored or NOBODY)
        if self._right_until.get(proof, 0) > self._clock.monotonic():
            return True
        comparing = self._under_way.get(proof)
        if comparing is None:
            origin = _origin(address)
            login = self._digest(username, origin)
            place = self._enter(login, self._digest(origin))
            comparing = asyncio.create_task(self._compare(proof, login, place, password, stored or NOBODY))
            self._under_way[proof] = comparing
        return await asyncio.shield(comparing)

    def _enter(self, login: bytes, origin: bytes) -> bytes:
        """Take a place among those that wait: one for all, or the login's own. Raises Refused(UNAVAILABLE)."""
        if self._of_origin[origin] < MOST_OF_AN_ORIGIN and self._of_origin.total() < AT_ONCE + MOST_WAITING:
            self._of_origin[origin] += 1
            return origin
        if login in self._known and login not in self._in_own_place:
            self._in_own_place.add(login)
            return login
        raise Refused(UNAVAILABLE, retry_after_s=1)

    def _leave(self, place: bytes) -> None:
        if place in self._in_own_place:
            self._in_own_place.remove(place)
        elif self._of_origin[place] > 1:
            self._of_origin[place] -= 1
        else:
            del self._of_origin[place]

    async def _compare(self, proof: bytes, login: bytes, place: bytes, password: str, stored: str) -> bool:
        try:
            right = await asyncio.get_running_loop().run_in_executor(self._threads, _is_right, password, stored)
        finally:
            del self._under_way[proof]
            self._leave(place)
        if right:
            _renew(self._right_until, proof, self._clock.monotonic() + REMEMBERED_SECONDS)
            _renew(self._known, login, None)
        return right

    def _digest(self, *parts: str) -> bytes:
        """Tell these parts from all others, in this process; no other can tell what they were."""
        digest = blake2b(key=self._key, digest_size=_DIGEST_SIZE)
        for part in map(_octets, parts):
            digest.update(b"%d:" % len(part))
            digest.update(part)
        return digest.digest()


def _renew(remembered: dict[bytes, T], key: bytes, value: T) -> None:
    """Remember what is newest last, and forget what is oldest if it is one too many."""
    remembered.pop(key, None)
    if len(remembered) >= MOST_REMEMBERED:
        del remembered[next(iter(remembered))]
    remembered[key] = value


def _origin(address: str | None) -> str:
    """Whence a caller comes: an IPv4 address, or an IPv6 network of 64 bits, of which one caller has every address."""
    known = read_address(address or "")
    return known.packed[:8].hex() if known else ""


def _is_right(password: str, stored: str) -> bool:
    try:
        return _argon2.verify(stored, _octets(password))
    except VerifyMismatchError:
        return False


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
