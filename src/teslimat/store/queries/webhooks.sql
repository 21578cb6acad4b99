-- name: targets_to_tell
SELECT id FROM webhook_target WHERE account_id = $1 AND removed = 0 AND enabled = 1 ORDER BY id;

-- name: insert_news
INSERT INTO webhook_outbox (target_id, order_id, block_no, happened_at, positions, events, untold, waiting)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: news_after
SELECT id, target_id, order_id, block_no, happened_at, positions, events, untold
FROM webhook_outbox
WHERE target_id = $1 AND id > $2 AND waiting > 0
ORDER BY id
LIMIT $3;

-- name: save_untold
UPDATE webhook_outbox SET untold = $1, waiting = $2 WHERE id = $3;

-- name: lanes_in
SELECT * FROM webhook_retry WHERE target_id = $1 AND order_id = $2 AND block_no = $3;

-- name: lane_of
SELECT * FROM webhook_retry WHERE target_id = $1 AND order_id = $2 AND block_no = $3 AND position = $4;

-- name: due_lanes
SELECT * FROM webhook_retry WHERE target_id = $1 AND parked = 0 AND next_at <= $2 ORDER BY next_at LIMIT $3;

-- name: save_lane
INSERT INTO webhook_retry VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (target_id, order_id, block_no, position) DO UPDATE SET
    events = excluded.events, times = excluded.times, attempts = excluded.attempts,
    first_failed_at = excluded.first_failed_at, next_at = excluded.next_at, parked = excluded.parked;

-- name: drop_lane
DELETE FROM webhook_retry WHERE target_id = $1 AND order_id = $2 AND block_no = $3 AND position = $4;

-- name: insert_attempt
INSERT INTO webhook_attempt (
    target_id, order_id, block_no, position, event, attempt, at, status, duration_ms, error
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: attempts_of_target
SELECT target_id, order_id, block_no, position, event, attempt, at, status, duration_ms, error
FROM webhook_attempt
WHERE target_id = $1
ORDER BY id DESC
LIMIT $2;

-- name: failures_of_target
-- In the words of the index, which holds nothing else.
SELECT target_id, order_id, block_no, position, event, attempt, at, status, duration_ms, error
FROM webhook_attempt
WHERE target_id = $1 AND status NOT BETWEEN 200 AND 299
ORDER BY id DESC
LIMIT $2;

-- name: attempts_of_order
SELECT target_id, order_id, block_no, position, event, attempt, at, status, duration_ms, error
FROM webhook_attempt
WHERE order_id = $3 AND target_id = $1 AND ($4 = 0 OR status NOT BETWEEN 200 AND 299)
ORDER BY id DESC
LIMIT $2;

-- name: targets_with_news
SELECT t.id FROM webhook_target t
WHERE t.removed = 0 AND t.enabled = 1 AND (
    EXISTS (SELECT 1 FROM webhook_outbox o WHERE o.target_id = t.id AND o.waiting > 0)
    OR EXISTS (SELECT 1 FROM webhook_retry r WHERE r.target_id = t.id AND r.parked = 0 AND r.next_at <= $1)
)
ORDER BY t.id;

-- name: waiting_in_outbox
SELECT COALESCE(SUM(waiting), 0) FROM webhook_outbox WHERE waiting > 0;

-- name: waiting_in_lanes
SELECT COALESCE(SUM(CASE parked WHEN 0 THEN length(events) END), 0),
    COALESCE(SUM(CASE parked WHEN 1 THEN length(events) END), 0)
FROM webhook_retry;

-- name: forget_news
DELETE FROM webhook_outbox WHERE id IN (
    SELECT id FROM webhook_outbox WHERE waiting = 0 AND happened_at < $1 LIMIT $2
);

-- name: forget_attempts
DELETE FROM webhook_attempt WHERE id IN (SELECT id FROM webhook_attempt WHERE at < $1 ORDER BY at LIMIT $2);

-- name: forget_removed_news
-- CROSS JOIN, for SQLite then begins with the few targets that were removed.
DELETE FROM webhook_outbox WHERE id IN (
    SELECT o.id FROM webhook_target t CROSS JOIN webhook_outbox o
    WHERE t.removed = 1 AND o.target_id = t.id AND o.waiting > 0 LIMIT $1
);

-- name: forget_removed_lanes
DELETE FROM webhook_retry WHERE (target_id, order_id, block_no, position) IN (
    SELECT r.target_id, r.order_id, r.block_no, r.position
    FROM webhook_target t CROSS JOIN webhook_retry r
    WHERE t.removed = 1 AND r.target_id = t.id LIMIT $1
);

-- name: targets
SELECT id, account_id, url, secrets, concurrency, per_second, enabled
FROM webhook_target WHERE removed = 0 ORDER BY id;

-- name: insert_target
INSERT INTO webhook_target (account_id, url, secrets, concurrency, per_second, enabled)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id;

-- name: update_target
UPDATE webhook_target SET url = $1, secrets = $2, concurrency = $3, per_second = $4, enabled = $5
WHERE id = $6 AND removed = 0;

-- name: remove_target
UPDATE webhook_target SET removed = 1, secrets = $1 WHERE id = $2;

-- name: blocks_with_news
-- Both halves stop by themselves, each at an index of its own.
SELECT order_id, block_no FROM (
    SELECT DISTINCT order_id, block_no FROM webhook_outbox
    WHERE target_id = $1 AND (order_id, block_no) > ($2, $3) AND (order_id, block_no) <= ($4, $5)
        AND happened_at >= $6 AND happened_at < $7
    ORDER BY order_id, block_no LIMIT $8
)
UNION
SELECT order_id, block_no FROM (
    SELECT DISTINCT order_id, block_no FROM webhook_retry
    WHERE target_id = $1 AND (order_id, block_no) > ($2, $3) AND (order_id, block_no) <= ($4, $5)
    ORDER BY order_id, block_no LIMIT $8
)
ORDER BY 1, 2
LIMIT $8;

-- name: news_in
SELECT id, target_id, order_id, block_no, happened_at, positions, events, untold
FROM webhook_outbox WHERE target_id = $1 AND order_id = $2 AND block_no = $3 ORDER BY id;

-- name: lanes_after
SELECT * FROM webhook_retry
WHERE target_id = $1 AND (order_id, block_no, position) > ($2, $3, $4)
ORDER BY order_id, block_no, position
LIMIT $5;
