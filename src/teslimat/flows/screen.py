"""Whom an order may not reach, although the number is one: found out before anything is stored or charged."""

import asyncio
from collections.abc import Iterable
from typing import Final

from teslimat.core.model import Account
from teslimat.core.ports import Store
from teslimat.core.reasons import Reason

TEST_SENDER: Final = "APITEST"
"""May be used before any sender is approved; it reaches the account's own test number and no other, for nothing."""

_SLICE: Final = 5_000
"""Numbers looked up between two turns of the event loop."""


async def screen(
    store: Store, account: Account, sender: str | None, registry_list: str | None, numbers: Iterable[int]
) -> dict[int, Reason]:
    """Tell why which of these numbers may not be texted: the blacklist, then the consent registry if it is asked."""
    unique = list(dict.fromkeys(numbers))
    if sender == TEST_SENDER:
        return {number: Reason.BARRED for number in unique if number != account.test_number}
    refused: dict[int, Reason] = {}
    for start in range(0, len(unique), _SLICE):
        if start:
            await asyncio.sleep(0)
        some = unique[start : start + _SLICE]
        if registry_list is not None and account.iys_code is not None:
            agreed = await store.consenting(int(account.iys_code), registry_list, some)
            refused.update((number, Reason.NO_CONSENT) for number in some if number not in agreed)
        refused.update(dict.fromkeys(await store.blacklisted(account.id, some), Reason.BLACKLISTED))
    return refused
