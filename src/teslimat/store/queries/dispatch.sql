-- name: claimable
-- One priority at a time, so that orders scheduled for later are never read on the way.
SELECT * FROM dispatch_queue
WHERE carrier_id = $1 AND priority = $2 AND queued > 0 AND due_at <= $3 AND (owner IS NULL OR owner = $4)
ORDER BY due_at, order_id, block_no
LIMIT $5;

-- name: update_claim
UPDATE dispatch_queue SET queued = $1, due_at = $2, owner = $3, lease_until = $4, epoch = $5
WHERE order_id = $6 AND block_no = $7 AND carrier_id = $8;

-- name: renew_leases
UPDATE dispatch_queue SET lease_until = $1 WHERE owner = $2;

-- name: expired_claims
SELECT * FROM dispatch_queue WHERE owner IS NOT NULL AND lease_until <= $1
ORDER BY order_id, block_no, carrier_id
LIMIT $2;

-- name: foreign_claims
SELECT * FROM dispatch_queue WHERE owner IS NOT NULL AND owner <> $1 ORDER BY order_id, block_no, carrier_id;

-- name: held_rows
SELECT * FROM dispatch_queue WHERE owner IS NOT NULL ORDER BY order_id, block_no, carrier_id;

-- name: routes_in_queue
SELECT DISTINCT carrier_id FROM dispatch_queue WHERE queued > 0;

-- name: free_rows_of_route
SELECT * FROM dispatch_queue WHERE carrier_id = $1 AND (owner IS NULL OR owner = $2) AND queued > 0
ORDER BY priority, due_at, order_id, block_no
LIMIT $3;

-- name: move_row
UPDATE dispatch_queue SET carrier_id = $1 WHERE order_id = $2 AND block_no = $3 AND carrier_id = $4;

-- name: read_sending
SELECT b.numbers, b.odd_numbers, b.texts, b.text_index,
    o.account_id, a.iys_code, o.registry_list, o.submit_at,
    o.sender, o.suffix, o.texts, o.send_at, o.expires_at, o.first_message_id, o.resend_uncertain
FROM block b JOIN customer_order o ON o.id = b.order_id JOIN account a ON a.id = o.account_id
WHERE b.order_id = $1 AND b.block_no = $2;

-- name: queue_rows
SELECT * FROM dispatch_queue WHERE order_id = $1 AND block_no = $2;

-- name: drop_queue_rows
DELETE FROM dispatch_queue WHERE order_id = $1 AND block_no = $2;

-- name: drop_unclaimed_rows
DELETE FROM dispatch_queue WHERE order_id = $1 AND epoch = 0;

-- name: next_due
SELECT due_at FROM dispatch_queue
WHERE carrier_id = $1 AND priority = $2 AND queued > 0 AND due_at > $3
ORDER BY due_at LIMIT 1;

-- name: queue_depth
SELECT carrier_id, SUM(queued) FROM dispatch_queue GROUP BY carrier_id;
