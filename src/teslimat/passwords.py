"""Passwords of old clients: hashed with argon2, compared in threads, a few at a time.

Comparing takes about 20 ms of a core, on purpose. So that a client that logs in with every request is served like the
others, what was right is remembered for a few minutes, by a digest that is worth nothing outside this process. What was
wrong never is.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from teslimat.core.clock import Clock
from teslimat.core.errors import UNAVAILABLE, Refused

AT_ONCE: Final = 2
MOST_WAITING: Final = 50
MOST_REMEMBERED: Final = 1_000
REMEMBERED_SECONDS: Final = 300
NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbCBoZQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""No known password has this hash; a username that does not exist costs a comparison with it."""
_DIGEST_SIZE: Final = 32

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

    def close(self) -> None:
        """Compare no more; whoever still waits is told that it was cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def matches(self, username: str, password: str, stored: str | None) -> bool:
        """Compare a password; see the port. Who asks the same at the same time shares the answer."""
        proof = self._proof(username, password, stored or NOBODY)
        if self._right_until.get(proof, 0) > self._clock.monotonic():
            return True
        comparing = self._under_way.get(proof)
        if comparing is None:
            if len(self._under_way) >= AT_ONCE + MOST_WAITING:
                raise Refused(UNAVAILABLE, retry_after_s=1)
            comparing = asyncio.create_task(self._compare(proof, password, stored or NOBODY))
            self._under_way[proof] = comparing
        return await asyncio.shield(comparing)

    async def _compare(self, proof: bytes, password: str, stored: str) -> bool:
        try:
            right = await asyncio.get_running_loop().run_in_executor(self._threads, _is_right, password, stored)
        finally:
            del self._under_way[proof]
        if right:
            self._remember(proof)
        return right

    def _remember(self, proof: bytes) -> None:
        self._right_until.pop(proof, None)
        if len(self._right_until) >= MOST_REMEMBERED:
            del self._right_until[next(iter(self._right_until))]
        self._right_until[proof] = self._clock.monotonic() + REMEMBERED_SECONDS

    def _proof(self, *parts: str) -> bytes:
        """Tell this attempt from all others; a password that is changed makes another one of it."""
        digest = blake2b(key=self._key, digest_size=_DIGEST_SIZE)
        for part in map(_octets, parts):
            digest.update(b"%d:" % len(part))
            digest.update(part)
        return digest.digest()


def _is_right(password: str, stored: str) -> bool:
    try:
        return _argon2.verify(stored, _octets(password))
    except VerifyMismatchError:
        return False


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
