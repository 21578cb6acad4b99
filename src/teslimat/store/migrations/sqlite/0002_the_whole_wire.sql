-- What the rest of the v1 API needs: options of accounts, blacklist, consents, address book, outbox.
-- depends: 0001_initial

-- Made anew, for a CHECK over several columns can only be made with its table.
CREATE TABLE account_with_options (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    hash_digest BLOB NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    credited BIGINT NOT NULL CHECK (credited >= 0),
    api_access INTEGER NOT NULL CHECK (api_access IN (0, 1)),
    allow_ips TEXT NOT NULL,
    max_recipients BIGINT NOT NULL CHECK (max_recipients > 0),
    iys_code TEXT,
    senders TEXT NOT NULL,
    unit_price BIGINT NOT NULL DEFAULT 1 CHECK (unit_price > 0),
    in_lira INTEGER NOT NULL DEFAULT 0 CHECK (in_lira IN (0, 1)),
    strict_iys INTEGER NOT NULL DEFAULT 0 CHECK (strict_iys IN (0, 1)),
    strict_seconds INTEGER NOT NULL DEFAULT 0 CHECK (strict_seconds IN (0, 1)),
    int_order_ids INTEGER NOT NULL DEFAULT 0 CHECK (int_order_ids IN (0, 1)),
    contacts INTEGER NOT NULL DEFAULT 0 CHECK (contacts IN (0, 1)),
    recipients_per_second BIGINT NOT NULL DEFAULT 0 CHECK (recipients_per_second >= 0),
    max_body BIGINT NOT NULL DEFAULT 0 CHECK (max_body >= 0),
    test_number BIGINT,
    username TEXT UNIQUE,
    password_hash TEXT,
    CHECK ((username IS NULL) = (password_hash IS NULL))
);
INSERT INTO account_with_options (
    id, name, key, hash_digest, balance, credited, api_access, allow_ips, max_recipients, iys_code, senders
)
SELECT id, name, key, hash_digest, balance, credited, api_access, allow_ips, max_recipients, iys_code, senders
FROM account;
DROP TABLE account;
ALTER TABLE account_with_options RENAME TO account;

-- Which list was asked is asked again when an order has waited long; the old orders are those of individuals.
ALTER TABLE customer_order ADD COLUMN registry_list TEXT;
UPDATE customer_order SET registry_list = 'BIREYSEL' WHERE commercial = 1;
ALTER TABLE customer_order DROP COLUMN commercial;

CREATE TABLE blacklisted (
    account_id INTEGER NOT NULL REFERENCES account (id),
    number BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, number)
) WITHOUT ROWID;
CREATE INDEX blacklisted_by_time ON blacklisted (account_id, added_at, number);

-- Kept by triggers, for counting a million rows takes 40 ms, and every page of a list says how many there are.
CREATE TABLE blacklist_size (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    numbers BIGINT NOT NULL CHECK (numbers >= 0)
);
CREATE TRIGGER blacklist_grows AFTER INSERT ON blacklisted BEGIN
    INSERT INTO blacklist_size VALUES (NEW.account_id, 1)
    ON CONFLICT (account_id) DO UPDATE SET numbers = numbers + 1;
END;
CREATE TRIGGER blacklist_shrinks AFTER DELETE ON blacklisted BEGIN
    UPDATE blacklist_size SET numbers = numbers - 1 WHERE account_id = OLD.account_id;
END;

-- One row per brand, person and channel: what they said last.
CREATE TABLE consent (
    brand_code BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    recipient_type TEXT NOT NULL CHECK (recipient_type IN ('BIREYSEL', 'TACIR')),
    type TEXT NOT NULL CHECK (type IN ('MESAJ', 'EPOSTA', 'ARAMA')),
    status TEXT NOT NULL CHECK (status IN ('ONAY', 'RET')),
    source TEXT NOT NULL,
    consent_at BIGINT NOT NULL,
    PRIMARY KEY (brand_code, recipient, recipient_type, type)
) WITHOUT ROWID;

-- AUTOINCREMENT, for a client may remember the id of a group or a contact that was removed.
CREATE TABLE contact_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id),
    parent_id BIGINT REFERENCES contact_group (id),
    name TEXT NOT NULL CHECK (name <> '')
);
CREATE INDEX contact_group_by_account ON contact_group (account_id, parent_id, id);

CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    surname TEXT NOT NULL,
    email TEXT NOT NULL,
    gsm BIGINT NOT NULL CHECK (gsm >= 0),
    -- Name, address and number as a search compares them.
    searchable TEXT NOT NULL,
    CHECK (name <> '' OR surname <> '' OR email <> '' OR gsm > 0)
);
CREATE INDEX contact_by_account ON contact (account_id, id);

CREATE TABLE contact_in_group (
    group_id BIGINT NOT NULL REFERENCES contact_group (id),
    contact_id BIGINT NOT NULL REFERENCES contact (id),
    PRIMARY KEY (group_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX contact_in_group_by_contact ON contact_in_group (contact_id, group_id);

CREATE TABLE custom_field (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    name TEXT NOT NULL CHECK (name <> ''),
    UNIQUE (account_id, name)
);

CREATE TABLE contact_value (
    contact_id BIGINT NOT NULL REFERENCES contact (id),
    field_id BIGINT NOT NULL REFERENCES custom_field (id),
    value TEXT NOT NULL CHECK (value <> ''),
    PRIMARY KEY (contact_id, field_id)
) WITHOUT ROWID;

CREATE TABLE webhook_target (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    url TEXT NOT NULL,
    secrets BLOB NOT NULL,
    concurrency INTEGER NOT NULL CHECK (concurrency > 0),
    per_second INTEGER NOT NULL CHECK (per_second >= 0),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
);
CREATE INDEX webhook_target_by_account ON webhook_target (account_id) WHERE removed = 0;

-- What changed in one block in one batch: two octets of position and one of event for each recipient.
-- AUTOINCREMENT, for the order of ids is the order of events, also after rows were forgotten.
CREATE TABLE webhook_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target_id INTEGER NOT NULL REFERENCES webhook_target (id),
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    happened_at BIGINT NOT NULL,
    positions BLOB NOT NULL,
    events BLOB NOT NULL,
    -- One octet each: 1 while it is still to be told. Empty when nothing is.
    untold BLOB NOT NULL,
    waiting INTEGER NOT NULL CHECK (waiting >= 0),
    CHECK (length(positions) = 2 * length(events)),
    CHECK (length(untold) = CASE waiting WHEN 0 THEN 0 ELSE length(events) END)
);
-- Each holds all that its question needs: a receiver that is away for days leaves many rows.
CREATE INDEX webhook_outbox_untold ON webhook_outbox (target_id, id, waiting) WHERE waiting > 0;
CREATE INDEX webhook_outbox_told ON webhook_outbox (happened_at) WHERE waiting = 0;
CREATE INDEX webhook_outbox_by_block ON webhook_outbox (target_id, order_id, block_no, happened_at);

-- A message whose news did not get through: what waits for it, in order, and when to try again.
CREATE TABLE webhook_retry (
    target_id INTEGER NOT NULL REFERENCES webhook_target (id),
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    position INTEGER NOT NULL,
    events BLOB NOT NULL CHECK (length(events) > 0),
    -- Eight octets each: when it happened.
    times BLOB NOT NULL,
    -- Of the first of its events; 0 is none since the one before it got through.
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    first_failed_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    parked INTEGER NOT NULL CHECK (parked IN (0, 1)),
    PRIMARY KEY (target_id, order_id, block_no, position),
    CHECK (length(times) = 8 * length(events))
) WITHOUT ROWID;
CREATE INDEX webhook_retry_by_time ON webhook_retry (target_id, next_at) WHERE parked = 0;

CREATE TABLE webhook_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target_id INTEGER NOT NULL,
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    position INTEGER NOT NULL,
    event INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt > 0),
    at BIGINT NOT NULL,
    status INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX webhook_attempt_by_target ON webhook_attempt (target_id, id);
CREATE INDEX webhook_attempt_by_order ON webhook_attempt (order_id, id);
CREATE INDEX webhook_attempt_failed ON webhook_attempt (target_id, id) WHERE status NOT BETWEEN 200 AND 299;
-- Not by id: what was written while the clock was ahead must not stand in front of what is old.
CREATE INDEX webhook_attempt_by_time ON webhook_attempt (at);
