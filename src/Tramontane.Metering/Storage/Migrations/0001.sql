-- {amount}: an exact decimal. {identity}: a growing number given by the database. {bytes}: a byte string.
-- Times are milliseconds since 1970 in UTC, truth values 0 and 1, *_pico are 10^-12 units of money.

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Counts the changes of keys and prices: other processes read them again when it has moved.
CREATE TABLE changes (
    id BIGINT NOT NULL PRIMARY KEY,
    counter BIGINT NOT NULL
);
INSERT INTO changes (id, counter) VALUES (1, 0);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    prepaid BIGINT NOT NULL,
    balance {amount} NOT NULL,
    reserved {amount} NOT NULL,
    free_tokens BIGINT NOT NULL,
    free_tokens_reserved BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
INSERT INTO accounts (id, name, prepaid, balance, reserved, free_tokens, free_tokens_reserved, created_at)
VALUES ('local', 'Local', 0, '0', '0', 0, 0, 0);

CREATE TABLE credits (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    amount {amount} NOT NULL,
    currency TEXT,
    free_tokens BIGINT NOT NULL,
    note TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX credits_by_account ON credits (account_id, at);

CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    display TEXT NOT NULL,
    hash {bytes} NOT NULL UNIQUE,
    previous_hash {bytes},
    previous_until BIGINT,
    scopes TEXT NOT NULL,
    requests_per_minute BIGINT,
    requests_per_day BIGINT,
    tokens_per_minute BIGINT,
    tokens_per_day BIGINT,
    concurrent_requests BIGINT,
    money_per_day {amount},
    money_per_month {amount},
    money_total {amount},
    created_at BIGINT NOT NULL,
    rotated_at BIGINT,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX keys_by_account ON keys (account_id);

-- What a key's windows hold: settled requests, and open ones with the most that they can take.
CREATE TABLE key_counters (
    key_id TEXT NOT NULL PRIMARY KEY REFERENCES keys (id),
    open_requests BIGINT NOT NULL DEFAULT 0,
    minute_start BIGINT NOT NULL DEFAULT 0,
    minute_requests BIGINT NOT NULL DEFAULT 0,
    minute_tokens BIGINT NOT NULL DEFAULT 0,
    day_start BIGINT NOT NULL DEFAULT 0,
    day_requests BIGINT NOT NULL DEFAULT 0,
    day_tokens BIGINT NOT NULL DEFAULT 0,
    day_cost {amount} NOT NULL DEFAULT '0',
    month_start BIGINT NOT NULL DEFAULT 0,
    month_cost {amount} NOT NULL DEFAULT '0',
    total_cost {amount} NOT NULL DEFAULT '0'
);

CREATE TABLE prices (
    id {identity},
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    currency TEXT NOT NULL,
    effective_from BIGINT NOT NULL,
    source TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    prompt_price {amount} NOT NULL,
    cached_price {amount} NOT NULL,
    completion_price {amount} NOT NULL
);

CREATE TABLE instances (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    started_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

CREATE TABLE open_requests (
    request_id TEXT NOT NULL PRIMARY KEY,
    nonce BIGINT NOT NULL,
    instance_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    key_id TEXT,
    model TEXT NOT NULL,
    dialect TEXT NOT NULL,
    price_id BIGINT,
    currency TEXT,
    prompt_tokens BIGINT NOT NULL,
    image_tokens BIGINT NOT NULL,
    max_completion_tokens BIGINT NOT NULL,
    reserved_pico BIGINT NOT NULL,
    from_credit BIGINT NOT NULL,
    is_free BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    window_at BIGINT NOT NULL
);

CREATE TABLE ledger (
    id {identity},
    request_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    key_id TEXT,
    model TEXT NOT NULL,
    dialect TEXT NOT NULL,
    outcome TEXT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    image_tokens BIGINT NOT NULL,
    price_id BIGINT,
    currency TEXT,
    prompt_pico BIGINT NOT NULL,
    cached_pico BIGINT NOT NULL,
    completion_pico BIGINT NOT NULL,
    is_free BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    first_token_at BIGINT,
    ended_at BIGINT NOT NULL
);
CREATE INDEX ledger_by_start ON ledger (started_at);
CREATE INDEX ledger_by_account ON ledger (account_id, started_at);
CREATE INDEX ledger_by_key ON ledger (key_id, started_at);
