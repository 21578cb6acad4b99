-- The first schema.
-- Times are milliseconds since 1970 UTC. States, reasons and codings are numbered in core and text.

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;

-- The last order id and the last message id given out.
INSERT INTO counter (name, value) VALUES ('order', 299999999), ('message', 0);

CREATE TABLE account (
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
    senders TEXT NOT NULL
);

CREATE TABLE carrier (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 255),
    name TEXT UNIQUE,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    system_id TEXT NOT NULL,
    password TEXT NOT NULL,
    submit_window INTEGER NOT NULL CHECK (submit_window > 0),
    parts_per_second INTEGER NOT NULL CHECK (parts_per_second >= 0),
    binds INTEGER NOT NULL CHECK (binds > 0),
    profile TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    CHECK ((name IS NULL) = removed)
);

CREATE TABLE customer_order (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    sender TEXT NOT NULL,
    suffix TEXT NOT NULL,
    texts BLOB NOT NULL,
    recipient_price BIGINT,
    commercial INTEGER NOT NULL CHECK (commercial IN (0, 1)),
    resend_uncertain INTEGER NOT NULL CHECK (resend_uncertain IN (0, 1)),
    scheduled INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
    submit_at BIGINT NOT NULL,
    send_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    first_message_id BIGINT NOT NULL,
    total BIGINT NOT NULL,
    delivered BIGINT NOT NULL CHECK (delivered >= 0),
    undelivered BIGINT NOT NULL CHECK (undelivered >= 0),
    waiting BIGINT NOT NULL CHECK (waiting >= 0),
    price BIGINT NOT NULL CHECK (price >= 0),
    queue_rows INTEGER NOT NULL,
    reached_carrier INTEGER NOT NULL CHECK (reached_carrier IN (0, 1)),
    cancelled_at BIGINT,
    uncertain BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    CHECK (total = delivered + undelivered + waiting),
    CHECK (cancelled_at IS NULL OR (waiting = 0 AND delivered = 0))
);

CREATE INDEX customer_order_by_date ON customer_order (account_id, submit_at, id);
CREATE INDEX customer_order_by_expiry ON customer_order (expires_at) WHERE waiting > 0;

CREATE TABLE block (
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    numbers BLOB NOT NULL,
    odd_numbers BLOB,
    texts BLOB,
    text_index BLOB,
    PRIMARY KEY (order_id, block_no)
) WITHOUT ROWID;

CREATE TABLE block_state (
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    states BLOB NOT NULL,
    reasons BLOB NOT NULL,
    parts_open BLOB NOT NULL,
    parts_answered BLOB NOT NULL,
    codes BLOB NOT NULL,
    carriers BLOB NOT NULL,
    submitted_at BLOB NOT NULL,
    finished_at BLOB NOT NULL,
    changed_rev BLOB NOT NULL,
    PRIMARY KEY (order_id, block_no)
) WITHOUT ROWID;

CREATE TABLE dispatch_queue (
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    carrier_id INTEGER NOT NULL,
    priority INTEGER NOT NULL CHECK (priority IN (0, 1)),
    due_at BIGINT NOT NULL,
    queued INTEGER NOT NULL CHECK (queued >= 0),
    owner TEXT,
    lease_until BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    PRIMARY KEY (order_id, block_no, carrier_id)
) WITHOUT ROWID;

CREATE INDEX dispatch_queue_by_due
    ON dispatch_queue (carrier_id, priority, due_at, order_id, block_no) WHERE queued > 0;
CREATE INDEX dispatch_queue_by_lease ON dispatch_queue (lease_until) WHERE owner IS NOT NULL;

CREATE TABLE submission (
    carrier_id INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    order_id BIGINT NOT NULL,
    block_no INTEGER NOT NULL,
    position INTEGER NOT NULL,
    part INTEGER NOT NULL,
    number BIGINT NOT NULL,
    outcome INTEGER NOT NULL,
    forget_at BIGINT NOT NULL,
    PRIMARY KEY (carrier_id, message_id)
) WITHOUT ROWID;

CREATE INDEX submission_by_end ON submission (forget_at);

CREATE TABLE orphan_receipt (
    id INTEGER PRIMARY KEY,
    carrier_id INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    outcome INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    code TEXT NOT NULL,
    number BIGINT NOT NULL,
    sender TEXT NOT NULL,
    arrived_at BIGINT NOT NULL
);

-- One row for each form of id under which the orphan may be looked up.
CREATE TABLE orphan_key (
    carrier_id INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    orphan_id BIGINT NOT NULL REFERENCES orphan_receipt (id),
    PRIMARY KEY (carrier_id, message_id, orphan_id)
) WITHOUT ROWID;
CREATE INDEX orphan_key_by_orphan ON orphan_key (orphan_id);

CREATE INDEX orphan_receipt_by_arrival ON orphan_receipt (arrived_at);
CREATE INDEX orphan_receipt_by_number ON orphan_receipt (carrier_id, number);

CREATE TABLE duplicate_key (
    account_id INTEGER NOT NULL,
    digest BLOB NOT NULL,
    armed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, digest)
) WITHOUT ROWID;

CREATE INDEX duplicate_key_by_time ON duplicate_key (armed_at);

CREATE TABLE carrier_code (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 65535),
    carrier_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    UNIQUE (carrier_id, code)
);
