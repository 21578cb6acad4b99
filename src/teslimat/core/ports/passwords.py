"""The port behind which passwords are compared."""

from typing import Protocol


class Passwords(Protocol):
    """Compares passwords, which is slow on purpose."""

    async def matches(self, username: str, password: str, stored: str | None) -> bool:
        """Whether a password is the one whose hash is stored.

        Without a stored hash it is not, and finding that out takes as long. Raises Refused(UNAVAILABLE) while too
        many others wait to be compared.
        """
        ...
