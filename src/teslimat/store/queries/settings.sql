-- name: insert_account
INSERT INTO account (
    name, key, hash_digest, balance, credited, api_access, allow_ips, max_recipients, iys_code, senders,
    unit_price, in_lira, strict_iys, strict_seconds, int_order_ids, contacts, recipients_per_second,
    max_body, test_number, username, password_hash
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21
)
RETURNING id;

-- name: update_account
UPDATE account SET
    api_access = $1, allow_ips = $2, max_recipients = $3, iys_code = $4, senders = $5, unit_price = $6,
    in_lira = $7, strict_iys = $8, strict_seconds = $9, int_order_ids = $10, contacts = $11,
    recipients_per_second = $12, max_body = $13, test_number = $14, username = $15, password_hash = $16
WHERE id = $17;

-- name: lock_account
SELECT * FROM account WHERE id = $1;

-- name: add_credits
UPDATE account SET balance = balance + $1, credited = credited + $1 WHERE id = $2;

-- name: find_account
SELECT * FROM account WHERE key = $1;

-- name: find_account_by_username
SELECT * FROM account WHERE username = $1;

-- name: any_login
SELECT 1 FROM account WHERE username IS NOT NULL LIMIT 1;

-- name: accounts
SELECT * FROM account ORDER BY name;

-- name: largest_limits
SELECT COALESCE(MAX(max_body), 0), COALESCE(MAX(CASE WHEN max_body = 0 THEN max_recipients END), 0) FROM account;

-- name: insert_carrier
INSERT INTO carrier (name, host, port, system_id, password, submit_window, parts_per_second, binds, profile)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id;

-- name: update_carrier
UPDATE carrier SET host = $1, port = $2, system_id = $3, password = $4, submit_window = $5, parts_per_second = $6,
    binds = $7, profile = $8
WHERE id = $9;

-- name: remove_carrier
UPDATE carrier SET removed = 1, name = NULL WHERE id = $1;

-- name: carriers
SELECT id, name, host, port, system_id, password, submit_window, parts_per_second, binds, profile
FROM carrier WHERE removed = 0 ORDER BY id;
