-- Version 7: what the machine is drafting, and how fast it was.
--
-- Both are told to people who wait; neither holds a word of a recording, and nothing is decided by them.

CREATE TABLE drafting (
  recording_id  TEXT PRIMARY KEY REFERENCES recordings (id),
  by            TEXT NOT NULL,     -- who has it drafted
  machine       TEXT NOT NULL,     -- the computer's name in its network
  process       INTEGER NOT NULL,  -- its number there: one that is gone has stopped
  stage         TEXT NOT NULL CHECK (stage IN ('transcribing', 'translating')),
  begun_at      TEXT NOT NULL,     -- the stage, not the draft
  seen_at       TEXT NOT NULL,
  done_ms       INTEGER NOT NULL,  -- of the recording, in this stage
  of_ms         INTEGER NOT NULL   -- 0 until it is decoded
) STRICT;

CREATE TABLE draft_speeds (
  number          INTEGER PRIMARY KEY,
  machine         TEXT NOT NULL,
  audio_ms        INTEGER NOT NULL,
  transcribed_ms  INTEGER NOT NULL,  -- how long that took
  translated_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_speeds_by_machine ON draft_speeds (machine, number);
