-- name: group_parents
SELECT id, parent_id FROM contact_group WHERE account_id = $1 ORDER BY id;

-- name: groups
SELECT id, COALESCE(parent_id, 0), name, (SELECT COUNT(*) FROM contact_in_group WHERE group_id = contact_group.id)
FROM contact_group WHERE account_id = $1 ORDER BY id;

-- name: group_and_children
SELECT id, COALESCE(parent_id, 0), name, (SELECT COUNT(*) FROM contact_in_group WHERE group_id = contact_group.id)
FROM contact_group WHERE account_id = $1 AND (id = $2 OR parent_id = $2) ORDER BY id;

-- name: insert_group
INSERT INTO contact_group (account_id, parent_id, name) VALUES ($1, $2, $3) RETURNING id;

-- name: update_group
UPDATE contact_group SET parent_id = $1, name = $2 WHERE id = $3;

-- name: empty_group
DELETE FROM contact_in_group WHERE group_id = $1 AND contact_id IN (
    SELECT contact_id FROM contact_in_group WHERE group_id = $1 LIMIT $2
);

-- name: remove_group
DELETE FROM contact_group WHERE id = $1;

-- name: group_contacts
SELECT contact_id FROM contact_in_group WHERE group_id = $1 ORDER BY contact_id LIMIT $2 OFFSET $3;

-- name: find_contact
SELECT id, name, surname, email, gsm FROM contact WHERE id = $1 AND account_id = $2;

-- name: groups_of_contact
SELECT group_id FROM contact_in_group WHERE contact_id = $1 ORDER BY group_id;

-- name: values_of_contact
SELECT field_id, value FROM contact_value WHERE contact_id = $1 ORDER BY field_id;

-- name: insert_contact
INSERT INTO contact (account_id, name, surname, email, gsm, searchable) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: update_contact
UPDATE contact SET name = $1, surname = $2, email = $3, gsm = $4, searchable = $5 WHERE id = $6;

-- name: remove_contact
DELETE FROM contact WHERE id = $1;

-- name: insert_contact_in_group
INSERT INTO contact_in_group (group_id, contact_id) VALUES ($1, $2);

-- name: leave_groups
DELETE FROM contact_in_group WHERE contact_id = $1;

-- name: insert_contact_value
INSERT INTO contact_value (contact_id, field_id, value) VALUES ($1, $2, $3);

-- name: forget_values
DELETE FROM contact_value WHERE contact_id = $1;

-- name: contact_after
SELECT id FROM contact WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3;

-- name: contacts_like
-- INSTR takes every character for itself; on PostgreSQL it is STRPOS.
SELECT id FROM contact
WHERE account_id = $1 AND id > $2 AND id <= $3 AND (INSTR(searchable, $4) > 0 OR INSTR(searchable, $5) > 0)
ORDER BY id LIMIT $6;

-- name: custom_fields
SELECT id, name FROM custom_field WHERE account_id = $1 ORDER BY id;

-- name: insert_custom_field
INSERT INTO custom_field (account_id, name) VALUES ($1, $2) RETURNING id;
