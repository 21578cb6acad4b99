-- name: read_report
-- The order and the blocks of one page come from one statement, so that what a reader sees adds up.
SELECT b.numbers, b.odd_numbers, s.states, o.*
FROM customer_order o
LEFT JOIN block b ON b.order_id = o.id AND b.block_no BETWEEN $3 AND $4
LEFT JOIN block_state s ON s.order_id = b.order_id AND s.block_no = b.block_no
WHERE o.id = $1 AND o.account_id = $2
ORDER BY b.block_no;

-- name: count_orders
SELECT COUNT(*) FROM customer_order WHERE account_id = $1 AND submit_at >= $2 AND submit_at < $3;

-- name: list_orders
SELECT * FROM customer_order WHERE account_id = $1 AND submit_at >= $2 AND submit_at < $3
ORDER BY id LIMIT $4 OFFSET $5;
