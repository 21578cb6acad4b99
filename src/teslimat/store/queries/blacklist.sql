-- name: add_to_blacklist
-- A number that is there already keeps the time at which it came.
INSERT INTO blacklisted VALUES ($1, $2, $3) ON CONFLICT (account_id, number) DO NOTHING;

-- name: remove_from_blacklist
-- No row comes back for a number that is not there.
DELETE FROM blacklisted WHERE account_id = $1 AND number = $2 RETURNING number;

-- name: blacklist_size
SELECT numbers FROM blacklist_size WHERE account_id = $1;

-- name: blacklisted
-- CROSS JOIN, for it is the few numbers asked for that should be gone through, not the list.
SELECT b.number FROM json_each($2) asked CROSS JOIN blacklisted b
WHERE b.account_id = $1 AND b.number = asked.value;

-- name: count_blacklisted
SELECT COUNT(*) FROM blacklisted WHERE account_id = $1 AND added_at >= $2 AND added_at < $3;

-- name: list_blacklisted
SELECT number FROM blacklisted WHERE account_id = $1 AND added_at >= $2 AND added_at < $3
ORDER BY added_at, number LIMIT $4 OFFSET $5;

-- name: list_blacklisted_from_the_end
SELECT number FROM blacklisted WHERE account_id = $1 AND added_at >= $2 AND added_at < $3
ORDER BY added_at DESC, number DESC LIMIT $4 OFFSET $5;
