"""Whom a text may not reach, although the number is one: those on the blacklist, and those who gave no consent."""

import asyncio
from collections.abc import Iterable
from typing import Final

from teslimat.core.packing import Recipient
from teslimat.core.ports import Store
from teslimat.core.reasons import Reason

_SLICE: Final = 5_000
"""Numbers looked up between two turns of the event loop."""


async def screen(
    store: Store, account_id: int, brand_code: str | None, registry_list: str | None, recipients: Iterable[Recipient]
) -> dict[int, Reason]:
    """Tell which of these numbers may not be texted now, and why; registry_list is None if no consent is needed."""
    refused: dict[int, Reason] = {}
    blacklist = await store.has_blacklist(account_id)
    if registry_list is None and not blacklist:
        return refused
    unique = list(dict.fromkeys(recipient for recipient in recipients if isinstance(recipient, int)))
    for start in range(0, len(unique), _SLICE):
        if start:
            await asyncio.sleep(0)
        some = unique[start : start + _SLICE]
        if registry_list is not None:
            agreed = await store.consenting(int(brand_code), registry_list, some) if brand_code else set()
            refused.update((number, Reason.NO_CONSENT) for number in some if number not in agreed)
        if blacklist:
            refused.update(dict.fromkeys(await store.blacklisted(account_id, some), Reason.BLACKLISTED))
    return refused
