"""The port behind which passwords are compared."""

from typing import Protocol


class Passwords(Protocol):
    """Compares passwords, which is slow on purpose."""

    async def matches(self, username: str, password: str, stored: str | None, address: str | None) -> bool:
        """Whether a password is the one whose hash is stored.

        Without a stored hash it is not, and finding that out takes as long. Raises Refused(UNAVAILABLE) while too
        many wait to be compared, of those that come from the same address or in all; a login that was right lately
        from there has a place of its own.
        """
        ...
