-- Version 5: errors by kind and severity; new versions after a signature; dismissed checks; the word list; the identity
-- key; sampling plans.

ALTER TABLE revisions ADD COLUMN kind TEXT NOT NULL DEFAULT '';             -- of the error that a verifier found, or empty
ALTER TABLE revisions ADD COLUMN severity TEXT NOT NULL DEFAULT '';
-- 1, with the state 'corrected': signed without having been verified, because the study's plan did not draw it.
ALTER TABLE segments ADD COLUMN spared INTEGER NOT NULL DEFAULT 0;

-- That a signed version is to be followed by another one. The signed one stays what it was.
CREATE TABLE reopened (
  recording_id  TEXT NOT NULL,
  version       INTEGER NOT NULL,                 -- the signed one
  by            TEXT NOT NULL,
  at            TEXT NOT NULL,
  reason        TEXT NOT NULL,
  nonce         BLOB NOT NULL,                    -- of the commitment that its event tells
  PRIMARY KEY (recording_id, version),
  FOREIGN KEY (recording_id, version) REFERENCES sign_offs (recording_id, version)
) STRICT;
CREATE TRIGGER reopened_stays BEFORE UPDATE ON reopened BEGIN SELECT RAISE(ABORT, 'a new version is never edited'); END;
CREATE TRIGGER reopened_remains BEFORE DELETE ON reopened
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a new version is never removed'); END;
CREATE TRIGGER reopened_is_the_last BEFORE INSERT ON reopened
  WHEN NEW.version IS NOT (SELECT max(version) FROM sign_offs WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'only the last signed version is followed by another one'); END;
-- The recordings whose transcript is signed as it stands.
CREATE VIEW closed AS
  SELECT o.recording_id FROM sign_offs o WHERE NOT EXISTS (
    SELECT 1 FROM reopened r WHERE r.recording_id = o.recording_id AND r.version >= o.version);

CREATE TRIGGER signed_is_not_signed BEFORE INSERT ON sign_offs
  WHEN NEW.recording_id IN (SELECT recording_id FROM closed)
    OR NEW.version <> 1 + (SELECT count(*) FROM sign_offs WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript is not signed again'); END;

-- Nothing changes after the signature: only a new version leads on, and every segment goes that way by a revision.
DROP TRIGGER locked_stays;
DROP TRIGGER locked_is_closed;
DROP TRIGGER signed_is_closed;
DROP TRIGGER merged_is_closed;
DROP TRIGGER merged_stays;
CREATE TRIGGER locked_stays BEFORE UPDATE ON segments WHEN (OLD.state = 'locked' OR OLD.spared) AND NOT EXISTS (
    SELECT 1 FROM revisions WHERE segment_id = OLD.id AND version = NEW.version AND decision = 'reopen')
  BEGIN SELECT RAISE(ABORT, 'a signed segment never changes'); END;
CREATE TRIGGER locked_is_closed BEFORE INSERT ON revisions
  WHEN NEW.decision <> 'reopen' AND (SELECT state = 'locked' OR spared FROM segments WHERE id = NEW.segment_id)
  BEGIN SELECT RAISE(ABORT, 'a signed segment takes no revision'); END;
CREATE TRIGGER reopening_is_told BEFORE INSERT ON revisions
  WHEN NEW.decision = 'reopen' AND NOT EXISTS (
    SELECT 1 FROM segments s JOIN reopened r ON r.recording_id = s.recording_id
      WHERE s.id = NEW.segment_id AND (s.state = 'locked' OR s.spared))
  BEGIN SELECT RAISE(ABORT, 'a signed transcript takes no revision'); END;
CREATE TRIGGER signed_is_closed BEFORE INSERT ON segments
  WHEN NEW.recording_id IN (SELECT recording_id FROM closed)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript takes no segment'); END;
CREATE TRIGGER signed_takes_nothing BEFORE INSERT ON revisions
  WHEN (SELECT recording_id FROM segments WHERE id = NEW.segment_id) IN (SELECT recording_id FROM closed)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript takes no revision'); END;
CREATE TRIGGER signed_stays BEFORE UPDATE ON segments
  WHEN OLD.recording_id IN (SELECT recording_id FROM closed)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript never changes'); END;

-- A verification speaks for its segment again once a new version is begun.
DROP TRIGGER cleared_are_counted;
CREATE TRIGGER cleared_are_counted AFTER INSERT ON revisions WHEN NEW.decision NOT IN ('verify', 'reopen') BEGIN
  DELETE FROM verifications WHERE segment_id = NEW.segment_id;
END;
CREATE TRIGGER reopened_are_counted AFTER INSERT ON revisions WHEN NEW.decision = 'reopen' BEGIN
  INSERT INTO verifications (segment_id, recording_id, by)
    SELECT s.id, s.recording_id, r.by FROM segments s JOIN revisions r ON r.segment_id = s.id AND r.decision = 'verify'
      WHERE s.id = NEW.segment_id AND s.state = 'locked' ORDER BY r.version DESC LIMIT 1
    ON CONFLICT DO UPDATE SET by = excluded.by;
END;

-- That somebody looked at what a check saw and found it right as it stands; or, `withdrawn`, took that back.
CREATE TABLE dismissals (
  number        INTEGER PRIMARY KEY,
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  segment_id    TEXT NOT NULL,
  finding       TEXT NOT NULL,                    -- its key: another text, another finding
  message_id    TEXT NOT NULL,                    -- such as numbers.differ
  level         TEXT NOT NULL,
  message       TEXT NOT NULL,                    -- what the check said, in English
  withdrawn     INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
  by            TEXT NOT NULL,
  at            TEXT NOT NULL,
  reason        TEXT NOT NULL,
  nonce         BLOB NOT NULL                     -- of the commitment that its event tells
) STRICT;
CREATE INDEX dismissals_by_recording ON dismissals (recording_id, number);
CREATE TRIGGER dismissals_stay BEFORE UPDATE ON dismissals BEGIN SELECT RAISE(ABORT, 'a dismissal is never edited'); END;
CREATE TRIGGER dismissals_remain BEFORE DELETE ON dismissals
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a dismissal is never removed'); END;
CREATE TRIGGER signed_is_not_dismissed BEFORE INSERT ON dismissals
  WHEN NEW.recording_id IN (SELECT recording_id FROM closed)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript takes no dismissal'); END;
CREATE TRIGGER destroyed_is_not_dismissed BEFORE INSERT ON dismissals
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;

-- Every version of the study's word list; the last one is in force.
CREATE TABLE word_lists (
  number   INTEGER PRIMARY KEY,                   -- from 1
  entries  TEXT NOT NULL,                         -- JSON list of [source, target, status, note]
  by       TEXT NOT NULL,
  at       TEXT NOT NULL,
  nonce    BLOB NOT NULL                          -- of the commitment that its event tells
) STRICT;
CREATE TRIGGER word_lists_stay BEFORE UPDATE ON word_lists BEGIN SELECT RAISE(ABORT, 'a word list is never edited'); END;
CREATE TRIGGER word_lists_remain BEFORE DELETE ON word_lists BEGIN SELECT RAISE(ABORT, 'a word list is never removed'); END;

-- The identity key: real names and nicknames, each with the code that stands for it. What is removed is gone.
CREATE TABLE identities (
  name   TEXT PRIMARY KEY,
  code   TEXT NOT NULL,
  note   TEXT NOT NULL DEFAULT '',
  nonce  BLOB NOT NULL                            -- of its part in the commitment that an event tells
) STRICT, WITHOUT ROWID;

-- How much of a transcript is verified: the last plan holds for what is drafted from then on.
CREATE TABLE plans (
  number          INTEGER PRIMARY KEY,            -- from 1
  share_permille  INTEGER NOT NULL,               -- 1000: everything
  bound_permille  INTEGER NOT NULL,
  by              TEXT NOT NULL,
  at              TEXT NOT NULL
) STRICT;
-- What a recording was bound to before there was a draft of it; none: everything is verified.
CREATE TABLE draws (
  recording_id    TEXT PRIMARY KEY REFERENCES recordings (id),
  share_permille  INTEGER NOT NULL,
  bound_permille  INTEGER NOT NULL,
  commitment      TEXT NOT NULL,                  -- to the seed
  sealed          BLOB NOT NULL,                  -- the seed, an age file to those who may show it
  at              TEXT NOT NULL
) STRICT;
CREATE TABLE seeds (                              -- shown, once correction was done; lists are JSON, of segments by id
  recording_id    TEXT PRIMARY KEY REFERENCES draws (recording_id),
  seed            TEXT NOT NULL,                  -- hex
  after           INTEGER NOT NULL,               -- the number of the last revision then, of whatever transcript
  marked          TEXT NOT NULL,                  -- what is verified whatever was drawn
  drawn           TEXT NOT NULL,
  rest            TEXT NOT NULL,                  -- what need not be verified
  by              TEXT NOT NULL,
  at              TEXT NOT NULL
) STRICT;
CREATE TRIGGER plans_stay BEFORE UPDATE ON plans BEGIN SELECT RAISE(ABORT, 'a plan is never edited'); END;
CREATE TRIGGER plans_remain BEFORE DELETE ON plans BEGIN SELECT RAISE(ABORT, 'a plan is never removed'); END;
CREATE TRIGGER draws_stay BEFORE UPDATE ON draws BEGIN SELECT RAISE(ABORT, 'a draw is never edited'); END;
CREATE TRIGGER draws_remain BEFORE DELETE ON draws
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a draw is never removed'); END;
CREATE TRIGGER draws_come_first BEFORE INSERT ON draws
  WHEN EXISTS (SELECT 1 FROM drafts WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a draw is bound before there is a draft'); END;
CREATE TRIGGER seeds_stay BEFORE UPDATE ON seeds BEGIN SELECT RAISE(ABORT, 'a seed is never edited'); END;
CREATE TRIGGER seeds_remain BEFORE DELETE ON seeds
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a seed is never removed'); END;

-- What one decision in a long transcript asks: which segment bears a number, and who played its span.
CREATE INDEX segments_in_order ON segments (recording_id, coalesce(place, position), start_ms, position, id)
  WHERE merged_into IS NULL;
CREATE INDEX played_by_person ON played (recording_id, by, start_ms, end_ms);
DROP INDEX played_by_recording;
