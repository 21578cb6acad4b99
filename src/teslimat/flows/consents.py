"""The consent registry of a brand: record what people said, look up what somebody said last.

Consents belong to the brand, so accounts with the same brand code share them.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from teslimat.core.consents import Consent
from teslimat.core.errors import INVALID_VALUES, NO_SUBSCRIPTION, Refused
from teslimat.core.model import Account
from teslimat.core.ports import Store, Transaction

_CONSENTS_PER_TURN: Final = 500


def brand_of(account: Account) -> int:
    """The code of an account's brand; raises Refused(NO_SUBSCRIPTION) if it has none."""
    if account.iys_code is None:
        raise Refused(NO_SUBSCRIPTION)
    return int(account.iys_code)


async def record(store: Store, consents: Sequence[Consent]) -> None:
    """Record all of these or, if the store fails, none.

    Of what somebody said about a channel the latest counts, whenever it is told; of the same moment, what is told last.
    """

    async def work(tx: Transaction) -> None:
        for start in range(0, len(consents), _CONSENTS_PER_TURN):
            await tx.record_consents(consents[start : start + _CONSENTS_PER_TURN])
            await asyncio.sleep(0)

    await store.transact(work)


async def find(store: Store, brand_code: int, recipient: str, recipient_type: str, channel: str) -> Consent | None:
    """What somebody said last to a brand about a channel, None if they only spoke of others or on the other list.

    Raises Refused(INVALID_VALUES) for somebody who never said anything to the brand.
    """
    known = await store.consents_of(brand_code, recipient)
    if not known:
        raise Refused(INVALID_VALUES)
    said = (consent for consent in known if (consent.recipient_type, consent.type) == (recipient_type, channel))
    return next(said, None)
