"""Which carrier sends which block."""

from teslimat.core.ports import Transaction

NO_CARRIER = 0
"""The route of what was accepted while there was no carrier."""


class Routes:
    """The carriers in use; blocks go to them in turn."""

    def __init__(self) -> None:
        self.carrier_ids: tuple[int, ...] = ()
        self._turn = 0

    def choose(self, blocks: int) -> list[int]:
        """Choose a carrier for each of so many blocks; NO_CARRIER while there is none."""
        if not self.carrier_ids:
            return [NO_CARRIER] * blocks
        chosen = [self.carrier_ids[(self._turn + i) % len(self.carrier_ids)] for i in range(blocks)]
        self._turn = (self._turn + blocks) % len(self.carrier_ids)
        return chosen


async def reroute(tx: Transaction, routes: Routes, owner: str, limit: int) -> int:
    """Give blocks whose carrier is no longer, or was not yet, in use to one that is; how many."""
    rows = await tx.unrouted(routes.carrier_ids, owner, limit)
    for row, carrier_id in zip(rows, routes.choose(len(rows)), strict=True):
        await tx.move_row(row, carrier_id)
    return len(rows)
