-- Version 8: what the machine has drafted of a recording, window by window, before the draft is whole.
--
-- A window holds words of the recording: it goes with the draft's end, and with the recording.

CREATE TABLE windows (
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  number        INTEGER NOT NULL,  -- from 1
  plan          TEXT NOT NULL,     -- digest of what all windows of one draft have in common
  answer        TEXT NOT NULL,     -- JSON: sentences, translations, what the next window begins with
  PRIMARY KEY (recording_id, number)
) STRICT;
CREATE TRIGGER windows_stay BEFORE UPDATE ON windows BEGIN SELECT RAISE(ABORT, 'a window is never edited'); END;
CREATE TRIGGER destroyed_takes_no_window BEFORE INSERT ON windows
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;
CREATE TRIGGER drafted_takes_no_window BEFORE INSERT ON windows
  WHEN EXISTS (SELECT 1 FROM drafts WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording has a draft already'); END;

-- Both stages work on one window after the other, so there is one measure of how far a draft is.
DROP TABLE drafting;
CREATE TABLE drafting (
  recording_id  TEXT PRIMARY KEY REFERENCES recordings (id),
  by            TEXT NOT NULL,     -- who has it drafted
  machine       TEXT NOT NULL,     -- the computer's name in its network
  process       INTEGER NOT NULL,  -- its number there: one that is gone has stopped
  seen_at       TEXT NOT NULL,
  done_ms       INTEGER NOT NULL,  -- of the recording
  of_ms         INTEGER NOT NULL,  -- 0 where its header does not tell
  fresh_ms      INTEGER NOT NULL,  -- of those done, since this process began ...
  took_ms       INTEGER NOT NULL   -- ... and how long they took
) STRICT;

DROP TABLE draft_speeds;
CREATE TABLE draft_speeds (
  number    INTEGER PRIMARY KEY,
  machine   TEXT NOT NULL,
  model     TEXT NOT NULL,         -- digest of the speech model: another one has another speed
  audio_ms  INTEGER NOT NULL,
  took_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_speeds_by_machine ON draft_speeds (machine, number);
