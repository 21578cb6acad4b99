-- name: expired_orders
SELECT id FROM customer_order WHERE waiting > 0 AND expires_at <= $1 ORDER BY expires_at LIMIT $2;

-- name: next_blocks
SELECT block_no, states, reasons, parts_open, parts_answered, codes, carriers, submitted_at, finished_at, changed_rev
FROM block_state WHERE order_id = $1 AND block_no > $2 ORDER BY block_no LIMIT $3;

-- name: lock_order
SELECT * FROM customer_order WHERE id = $1 AND account_id = $2;

-- name: forget_submissions
DELETE FROM submission WHERE (carrier_id, message_id) IN (
    SELECT carrier_id, message_id FROM submission WHERE forget_at < $1 LIMIT $2
);

-- name: old_orphans
SELECT id FROM orphan_receipt WHERE arrived_at < $1 ORDER BY arrived_at LIMIT $2;

-- name: forget_duplicates
DELETE FROM duplicate_key WHERE (account_id, digest) IN (
    SELECT account_id, digest FROM duplicate_key WHERE armed_at < $1 LIMIT $2
);
