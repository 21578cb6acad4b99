"""The statements of the outbox."""

from collections.abc import Sequence
from typing import Any

import msgspec

from teslimat.core.model import BlockKey
from teslimat.core.news import AttemptRow, Lane, MessageKey, OutboxRow
from teslimat.core.webhooks import Secret, Target
from teslimat.store.rows import Value
from teslimat.store.statements.running import Running

_encoder = msgspec.msgpack.Encoder()
_secrets = msgspec.msgpack.Decoder(tuple[Secret, ...])
_PARKED = Lane.__struct_fields__.index("parked")


class WebhookSql(Running):
    """The port core.ports.webhooks.WebhookStatements."""

    async def targets_to_tell(self, account_id: int) -> list[int]:
        return [target_id for (target_id,) in self._run(self._sql["targets_to_tell"], (account_id,))]

    async def insert_news(self, rows: Sequence[OutboxRow]) -> None:
        self._run_many(
            self._sql["insert_news"],
            [
                (r.target_id, r.order_id, r.block_no, r.happened_at, r.positions, r.events, r.untold, r.waiting)
                for r in rows
            ],
        )

    async def news_after(self, target_id: int, after_id: int, limit: int) -> list[OutboxRow]:
        return self._news("news_after", target_id, after_id, limit)

    async def save_untold(self, rows: Sequence[OutboxRow]) -> None:
        self._run_many(self._sql["save_untold"], [(row.untold, row.waiting, row.id) for row in rows])

    async def lanes_in(self, target_id: int, block: BlockKey) -> dict[int, Lane]:
        return {lane.position: lane for lane in self._lanes("lanes_in", target_id, *block)}

    async def lane_of(self, target_id: int, message: MessageKey) -> Lane | None:
        found = self._lanes("lane_of", target_id, *message)
        return found[0] if found else None

    async def due_lanes(self, target_id: int, now: int, limit: int) -> list[Lane]:
        return self._lanes("due_lanes", target_id, now, limit)

    async def save_lanes(self, lanes: Sequence[Lane]) -> None:
        self._run_many(self._sql["save_lane"], [msgspec.structs.astuple(lane) for lane in lanes])

    async def drop_lane(self, target_id: int, message: MessageKey) -> None:
        self._run(self._sql["drop_lane"], (target_id, *message))

    async def insert_attempts(self, rows: Sequence[AttemptRow]) -> None:
        self._run_many(self._sql["insert_attempt"], rows)

    # what the gateway forgets

    async def forget_news(self, happened_before: int, limit: int) -> int:
        return self._run(self._sql["forget_news"], (happened_before, limit)).rowcount

    async def forget_attempts(self, before: int, limit: int) -> int:
        return self._run(self._sql["forget_attempts"], (before, limit)).rowcount

    async def forget_removed(self, limit: int) -> int:
        news = self._run(self._sql["forget_removed_news"], (limit,)).rowcount
        return news + self._run(self._sql["forget_removed_lanes"], (limit,)).rowcount

    # what an operator changes

    async def targets(self) -> list[Target]:
        return [target_of(row) for row in self._run(self._sql["targets"])]

    async def insert_target(self, target: Target) -> int:
        row = (target.account_id, *_target_settings(target))
        (new_id,) = self._run(self._sql["insert_target"], row).fetchone()
        return int(new_id)

    async def update_target(self, target: Target) -> None:
        self._run(self._sql["update_target"], (*_target_settings(target), target.id))

    async def remove_target(self, target_id: int) -> None:
        self._run(self._sql["remove_target"], (_encoder.encode(()), target_id))

    # replaying

    async def news_in(self, target_id: int, block: BlockKey) -> list[OutboxRow]:
        return self._news("news_in", target_id, *block)

    async def lanes_after(self, target_id: int, message: MessageKey, limit: int) -> list[Lane]:
        return self._lanes("lanes_after", target_id, *message, limit)

    def _news(self, statement: str, *parameters: int) -> list[OutboxRow]:
        return [OutboxRow(*row) for row in self._run(self._sql[statement], parameters)]

    def _lanes(self, statement: str, *parameters: int) -> list[Lane]:
        rows: list[list[Any]] = [list(row) for row in self._run(self._sql[statement], parameters)]
        for row in rows:
            row[_PARKED] = row[_PARKED] == 1
        return [Lane(*row) for row in rows]


def _target_settings(target: Target) -> tuple[Value, ...]:
    secrets = _encoder.encode(target.secrets)
    return target.url, secrets, target.concurrency, target.per_second, target.enabled


def target_of(row: Sequence[Any]) -> Target:
    """Read a row of webhook_target."""
    target_id, account_id, url, secrets, concurrency, per_second, enabled = row
    return Target(target_id, account_id, url, _secrets.decode(secrets), concurrency, per_second, enabled == 1)
