-- name: arm_duplicate
-- No row comes back when the digest was armed less than the window ago.
INSERT INTO duplicate_key (account_id, digest, armed_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id, digest) DO UPDATE SET armed_at = excluded.armed_at
WHERE duplicate_key.armed_at <= $4
RETURNING armed_at;

-- name: take_credits
-- No row comes back when the balance does not cover them.
UPDATE account SET balance = balance - $1 WHERE id = $2 AND balance >= $1 RETURNING balance;

-- name: advance_counter
UPDATE counter SET value = value + $1 WHERE name = $2 RETURNING value;

-- name: insert_order
INSERT INTO customer_order VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23
);

-- name: insert_block
INSERT INTO block VALUES ($1, $2, $3, $4, $5, $6);

-- name: insert_block_state
INSERT INTO block_state VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: enqueue
INSERT INTO dispatch_queue VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
