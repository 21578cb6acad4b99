-- name: record_consent
-- What somebody said later counts, whenever it is told; of what they said at one time, what is told last.
INSERT INTO consent VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (brand_code, recipient, recipient_type, type) DO UPDATE
SET status = excluded.status, source = excluded.source, consent_at = excluded.consent_at
WHERE excluded.consent_at >= consent.consent_at;

-- name: consents_of
SELECT * FROM consent WHERE brand_code = $1 AND recipient = $2 ORDER BY recipient_type, type;

-- name: consenting
-- CROSS JOIN, for it is the few numbers asked for that should be gone through, not the registry.
SELECT asked.value FROM json_each($3) asked CROSS JOIN consent c
WHERE c.brand_code = $1 AND c.recipient = '+' || asked.value AND c.recipient_type = $2 AND c.type = 'MESAJ'
AND c.status = 'ONAY';
