"""The statements that orders live by."""

from collections.abc import Iterable, Sequence

from teslimat.core.block import BlockState
from teslimat.core.model import (
    Block,
    BlockKey,
    Order,
    OrderChange,
    OrderHead,
    OrphanRow,
    QueueRow,
    Sending,
    SubmissionRow,
)
from teslimat.core.outcomes import Receipt
from teslimat.core.ports.orders import SubmissionId
from teslimat.store.rows import (
    block_row,
    odd_numbers_of,
    order_of,
    order_row,
    queue_row,
    texts_of,
)
from teslimat.store.statements.running import Running


class OrderSql(Running):
    """The ports of core.ports.orders."""

    # placing

    async def arm_duplicate(self, account_id: int, digest: bytes, now: int, window_ms: int) -> bool:
        row = self._run(self._sql["arm_duplicate"], (account_id, digest, now, now - window_ms)).fetchone()
        return row is not None

    async def take_credits(self, account_id: int, credits_: int) -> bool:
        return self._run(self._sql["take_credits"], (credits_, account_id)).fetchone() is not None

    async def allot_ids(self, recipients: int) -> tuple[int, int]:
        (order_id,) = self._run(self._sql["advance_counter"], (1, "order")).fetchone()
        (last_message_id,) = self._run(self._sql["advance_counter"], (recipients, "message")).fetchone()
        return order_id, last_message_id - recipients + 1

    async def insert_order(self, order: Order) -> None:
        self._run(self._sql["insert_order"], order_row(order))

    async def insert_blocks(self, blocks: Sequence[tuple[Block, BlockState]]) -> None:
        self._run_many(self._sql["insert_block"], [block_row(block) for block, _ in blocks])
        self._run_many(self._sql["insert_block_state"], [(*state.key, *state.packed()) for _, state in blocks])

    async def enqueue(self, rows: Sequence[QueueRow]) -> None:
        self._run_many(self._sql["enqueue"], [queue_row(row) for row in rows])

    # dispatching

    async def claimable(self, carrier_id: int, owner: str, now: int, limit: int) -> list[QueueRow]:
        statement = self._sql["claimable"]
        rows = self._run(statement, (carrier_id, 0, now, owner, limit)).fetchall()
        if len(rows) < limit:
            rows += self._run(statement, (carrier_id, 1, now, owner, limit - len(rows))).fetchall()
        return [QueueRow(*row) for row in rows]

    async def update_claims(self, rows: Sequence[QueueRow]) -> None:
        self._run_many(
            self._sql["update_claim"],
            [(r.queued, r.due_at, r.owner, r.lease_until, r.epoch, r.order_id, r.block_no, r.carrier_id) for r in rows],
        )

    async def renew_leases(self, owner: str, lease_until: int) -> None:
        self._run(self._sql["renew_leases"], (lease_until, owner))

    async def expired_claims(self, now: int, limit: int) -> list[QueueRow]:
        return self._queue_rows("expired_claims", now, limit)

    async def foreign_claims(self, owner: str) -> list[QueueRow]:
        return self._queue_rows("foreign_claims", owner)

    async def held_rows(self) -> list[QueueRow]:
        return self._queue_rows("held_rows")

    async def unrouted(self, carrier_ids: Sequence[int], owner: str, limit: int) -> list[QueueRow]:
        routes = [carrier for (carrier,) in self._run(self._sql["routes_in_queue"]) if carrier not in carrier_ids]
        found: list[QueueRow] = []
        for carrier in sorted(routes):
            found += self._queue_rows("free_rows_of_route", carrier, owner, limit - len(found))
        return found

    async def move_row(self, row: QueueRow, carrier_id: int) -> None:
        self._run(self._sql["move_row"], (carrier_id, row.order_id, row.block_no, row.carrier_id))

    async def read_sending(self, keys: Sequence[BlockKey]) -> dict[BlockKey, Sending]:
        found: dict[BlockKey, Sending] = {}
        for key in keys:
            row = self._run(self._sql["read_sending"], key).fetchone()
            numbers, odd, texts, index, account_id, brand_code, registry_list, submit_at, *rest = row
            sender, suffix, order_texts, send_at, expires_at, first_id, resend = rest
            found[key] = Sending(
                block=Block(*key, numbers, odd_numbers_of(odd), texts_of(texts) if texts else (), index or b""),
                account_id=account_id,
                brand_code=brand_code,
                registry_list=registry_list,
                submit_at=submit_at,
                sender=sender,
                suffix=suffix,
                texts=texts_of(texts or order_texts),
                send_at=send_at,
                expires_at=expires_at,
                first_message_id=first_id,
                resend_uncertain=bool(resend),
            )
        return found

    async def queue_rows(self, keys: Sequence[BlockKey]) -> list[QueueRow]:
        return [row for key in keys for row in self._queue_rows("queue_rows", *key)]

    async def drop_queue_rows(self, keys: Sequence[BlockKey]) -> None:
        self._run_many(self._sql["drop_queue_rows"], keys)

    async def drop_unclaimed_rows(self, order_id: int) -> int:
        return self._run(self._sql["drop_unclaimed_rows"], (order_id,)).rowcount

    def _queue_rows(self, statement: str, *parameters: int | str) -> list[QueueRow]:
        return [QueueRow(*row) for row in self._run(self._sql[statement], parameters)]

    # settling

    async def insert_submissions(self, rows: Sequence[SubmissionRow]) -> None:
        self._run_many(self._sql["insert_submission"], rows)

    async def find_submissions(self, ids: Sequence[SubmissionId]) -> dict[SubmissionId, SubmissionRow]:
        run, statement = self._run, self._sql["find_submission"]
        found = {}
        for key in ids:
            row = run(statement, key).fetchone()
            if row is not None:
                found[key] = SubmissionRow._make(row)
        return found

    async def close_submissions(self, rows: Sequence[tuple[int, int, SubmissionId]]) -> None:
        self._run_many(self._sql["close_submission"], [(outcome, forget_at, *key) for outcome, forget_at, key in rows])

    async def insert_orphans(self, receipts: Sequence[Receipt]) -> None:
        for r in receipts:
            fields = (r.carrier_id, r.message_ids[0], r.outcome, r.reason, r.code, r.number, r.sender, r.at)
            (orphan_id,) = self._run(self._sql["insert_orphan"], fields).fetchone()
            self._run_many(
                self._sql["insert_orphan_key"],
                [(r.carrier_id, message_id, orphan_id) for message_id in dict.fromkeys(r.message_ids)],
            )

    async def find_orphans(self, ids: Sequence[SubmissionId], since: int) -> list[OrphanRow]:
        if self._run(self._sql["any_orphan"], (since,)).fetchone() is None:
            return []
        run, statement = self._run, self._sql["find_orphans"]
        found = {row[0]: OrphanRow._make(row) for key in ids for row in run(statement, (*key, since))}
        return [found[orphan_id] for orphan_id in sorted(found)]

    async def orphans_for(self, carrier_id: int, number: int, sender: str, since: int) -> list[OrphanRow]:
        return [OrphanRow(*row) for row in self._run(self._sql["orphans_for"], (carrier_id, number, sender, since))]

    async def drop_orphans(self, ids: Sequence[int]) -> None:
        keys = [(orphan_id,) for orphan_id in ids]
        self._run_many(self._sql["drop_orphan_keys"], keys)
        self._run_many(self._sql["drop_orphan"], keys)

    async def matchable_orphans(self, since: int, limit: int) -> list[OrphanRow]:
        return [OrphanRow(*row) for row in self._run(self._sql["matchable_orphans"], (since, limit))]

    async def load_states(self, keys: Sequence[BlockKey]) -> dict[BlockKey, BlockState]:
        run, statement = self._run, self._sql["load_state"]
        return {key: BlockState(key, run(statement, key).fetchone()) for key in keys}

    async def save_states(self, states: Iterable[BlockState]) -> None:
        self._run_many(self._sql["save_state"], [(*state.packed(), *state.key) for state in states])

    async def recipient_prices(self, keys: Sequence[BlockKey]) -> dict[BlockKey, list[int]]:
        prices: dict[BlockKey, list[int]] = {}
        for key in keys:
            packed, index = self._run(self._sql["block_texts"], key).fetchone()
            by_text = [text.price for text in texts_of(packed)]
            prices[key] = [by_text[i] for i in memoryview(index).cast("H")]
        return prices

    async def order_heads(self, order_ids: Sequence[int]) -> dict[int, OrderHead]:
        run, statement = self._run, self._sql["order_head"]
        return {order_id: OrderHead._make(run(statement, (order_id,)).fetchone()) for order_id in order_ids}

    async def change_orders(self, changes: Sequence[OrderChange]) -> None:
        self._run_many(self._sql["change_order"], changes)

    async def give_credits(self, refunds: Sequence[tuple[int, int]]) -> None:
        self._run_many(self._sql["give_credits"], refunds)

    async def code_numbers(self, codes: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        numbers: dict[tuple[int, str], int] = {}
        for code in codes:
            row = self._run(self._sql["find_code"], code).fetchone()
            row = row or self._run(self._sql["insert_code"], code).fetchone()
            numbers[code] = row[0] if row else 0
        return numbers

    # cleaning

    async def expired_orders(self, now: int, limit: int) -> list[int]:
        return [order_id for (order_id,) in self._run(self._sql["expired_orders"], (now, limit))]

    async def blocks_after(self, order_id: int, after_block: int, limit: int) -> dict[BlockKey, BlockState]:
        rows = self._run(self._sql["next_blocks"], (order_id, after_block, limit))
        return {(order_id, row[0]): BlockState((order_id, row[0]), row[1:]) for row in rows}

    async def lock_order(self, account_id: int, order_id: int) -> Order | None:
        row = self._run(self._sql["lock_order"], (order_id, account_id)).fetchone()
        return order_of(row) if row else None

    async def forget_submissions(self, now: int, limit: int) -> int:
        return self._run(self._sql["forget_submissions"], (now, limit)).rowcount

    async def forget_orphans(self, arrived_before: int, limit: int) -> int:
        old = [orphan_id for (orphan_id,) in self._run(self._sql["old_orphans"], (arrived_before, limit))]
        await self.drop_orphans(old)
        return len(old)

    async def forget_duplicates(self, armed_before: int, limit: int) -> int:
        return self._run(self._sql["forget_duplicates"], (armed_before, limit)).rowcount
