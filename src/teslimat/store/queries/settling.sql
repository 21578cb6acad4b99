-- name: insert_submission
-- Carriers use ids again: the newer message is meant from now on.
INSERT INTO submission VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (carrier_id, message_id) DO UPDATE SET
    order_id = excluded.order_id, block_no = excluded.block_no, position = excluded.position,
    part = excluded.part, number = excluded.number, outcome = excluded.outcome, forget_at = excluded.forget_at;

-- name: find_submission
SELECT * FROM submission WHERE carrier_id = $1 AND message_id = $2;

-- name: close_submission
UPDATE submission SET outcome = $1, forget_at = $2 WHERE carrier_id = $3 AND message_id = $4;

-- name: insert_orphan
INSERT INTO orphan_receipt (carrier_id, message_id, outcome, reason, code, number, sender, arrived_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id;

-- name: insert_orphan_key
INSERT INTO orphan_key (carrier_id, message_id, orphan_id) VALUES ($1, $2, $3);

-- name: any_orphan
SELECT 1 FROM orphan_receipt WHERE arrived_at >= $1 LIMIT 1;

-- name: find_orphans
SELECT r.id, r.carrier_id, k.message_id, r.outcome, r.reason, r.code, r.number, r.sender, r.arrived_at
FROM orphan_key k JOIN orphan_receipt r ON r.id = k.orphan_id
WHERE k.carrier_id = $1 AND k.message_id = $2 AND r.arrived_at >= $3
ORDER BY r.id;

-- name: orphans_for
SELECT id, carrier_id, message_id, outcome, reason, code, number, sender, arrived_at
FROM orphan_receipt
WHERE carrier_id = $1 AND number = $2 AND sender = $3 AND arrived_at >= $4
ORDER BY id;

-- name: matchable_orphans
SELECT r.id, r.carrier_id, k.message_id, r.outcome, r.reason, r.code, r.number, r.sender, r.arrived_at
FROM orphan_receipt r
JOIN orphan_key k ON k.orphan_id = r.id
JOIN submission s ON s.carrier_id = k.carrier_id AND s.message_id = k.message_id
WHERE r.arrived_at >= $1
ORDER BY r.id
LIMIT $2;

-- name: drop_orphan_keys
DELETE FROM orphan_key WHERE orphan_id = $1;

-- name: drop_orphan
DELETE FROM orphan_receipt WHERE id = $1;

-- name: load_state
SELECT states, reasons, parts_open, parts_answered, codes, carriers, submitted_at, finished_at, changed_rev
FROM block_state WHERE order_id = $1 AND block_no = $2;

-- name: save_state
UPDATE block_state SET states = $1, reasons = $2, parts_open = $3, parts_answered = $4, codes = $5,
    carriers = $6, submitted_at = $7, finished_at = $8, changed_rev = $9
WHERE order_id = $10 AND block_no = $11;

-- name: block_texts
SELECT texts, text_index FROM block WHERE order_id = $1 AND block_no = $2;

-- name: order_head
SELECT id, account_id, submit_at, send_at, revision, recipient_price, waiting, resend_uncertain
FROM customer_order WHERE id = $1;

-- name: change_order
UPDATE customer_order SET
    delivered = delivered + $1,
    undelivered = undelivered + $2,
    waiting = waiting - $1 - $2,
    price = price - $3,
    reached_carrier = CASE WHEN $4 = 1 THEN 1 ELSE reached_carrier END,
    uncertain = uncertain + $5,
    revision = $6,
    cancelled_at = COALESCE(cancelled_at, $7)
WHERE id = $8;

-- name: give_credits
UPDATE account SET balance = balance + $1 WHERE id = $2;

-- name: find_code
SELECT id FROM carrier_code WHERE carrier_id = $1 AND code = $2;

-- name: insert_code
-- Nothing comes back when the dictionary is full. MAX stands alone in its query, where an index answers it.
INSERT INTO carrier_code (id, carrier_id, code)
SELECT COALESCE((SELECT MAX(id) FROM carrier_code), 0) + 1, $1, $2
WHERE NOT EXISTS (SELECT 1 FROM carrier_code WHERE id = 65535)
RETURNING id;
