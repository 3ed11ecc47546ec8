-- A random number of whoever adds a price: tells a repetition after a lost answer from another price with the same values.
-- Rows of version 1 have none.
ALTER TABLE prices ADD COLUMN nonce BIGINT;
CREATE UNIQUE INDEX prices_by_nonce ON prices (nonce);
