-- The catalog, version 1, which never changes: what came later is in migrations/. Times are ISO 8601 UTC texts, spans are milliseconds, digests lower-case hex.
-- What must never change is refused here too, so that no path through the software can change it.

CREATE TABLE interviews (
  id            TEXT PRIMARY KEY,
  site          TEXT NOT NULL DEFAULT '',
  date          TEXT NOT NULL DEFAULT '',
  participants  TEXT NOT NULL DEFAULT '[]',       -- JSON list of codes
  notes         TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE recordings (
  id             TEXT PRIMARY KEY,
  interview_id   TEXT NOT NULL REFERENCES interviews (id),
  part           INTEGER NOT NULL CHECK (part >= 1),
  name           TEXT NOT NULL,                   -- on the recorder; never leaves the vault
  size_bytes     INTEGER NOT NULL,
  sha256         TEXT NOT NULL,
  sealed_sha256  TEXT NOT NULL,
  duration_ms    INTEGER NOT NULL,
  recorded_at    TEXT NOT NULL,
  offloaded_at   TEXT NOT NULL,
  note           TEXT NOT NULL,                   -- the offload note, exactly as it was written
  duplicate_of   TEXT REFERENCES recordings (id), -- same content as an earlier recording
  trouble        TEXT NOT NULL DEFAULT ''         -- why drafting failed; empty if it did not
) STRICT;
CREATE INDEX recordings_by_content ON recordings (sha256);

CREATE TABLE drafts (
  recording_id  TEXT PRIMARY KEY REFERENCES recordings (id),
  draft         TEXT NOT NULL,                    -- the draft, whole, JSON
  drafted_at    TEXT NOT NULL,
  nonce         BLOB NOT NULL                     -- of the commitment that the draft's event tells
) STRICT;

CREATE TABLE segments (
  number        INTEGER PRIMARY KEY,              -- what the search index calls it; a copy must not renumber
  id            TEXT NOT NULL UNIQUE,
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  position      INTEGER NOT NULL,
  start_ms      INTEGER NOT NULL,
  end_ms        INTEGER NOT NULL CHECK (end_ms > start_ms),
  speaker       TEXT NOT NULL,
  language      TEXT NOT NULL,
  source        TEXT NOT NULL,
  target        TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('draft', 'edited', 'corrected', 'needs work', 'verified', 'locked')),
  version       INTEGER NOT NULL DEFAULT 0,
  target_stale  INTEGER NOT NULL DEFAULT 0 CHECK (target_stale IN (0, 1)),
  marks         TEXT NOT NULL DEFAULT '[]',       -- JSON list
  probability   REAL,
  UNIQUE (recording_id, position)
) STRICT;

CREATE TABLE revisions (
  number      INTEGER PRIMARY KEY,
  segment_id  TEXT NOT NULL REFERENCES segments (id),
  version     INTEGER NOT NULL,                   -- of the segment, after this revision
  by          TEXT NOT NULL,
  at          TEXT NOT NULL,
  decision    TEXT NOT NULL,
  before      TEXT NOT NULL,                      -- JSON object of the fields that changed
  after       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  nonce       BLOB NOT NULL,                      -- of the commitment that the decision's event tells
  UNIQUE (segment_id, version)
) STRICT;

CREATE TABLE played (
  number        INTEGER PRIMARY KEY,
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  by            TEXT NOT NULL,
  start_ms      INTEGER NOT NULL,
  end_ms        INTEGER NOT NULL CHECK (end_ms > start_ms),
  at            TEXT NOT NULL
) STRICT;
CREATE INDEX played_by_recording ON played (recording_id);

CREATE TABLE sign_offs (
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  version       INTEGER NOT NULL,
  signed        BLOB NOT NULL,                    -- the envelope, exactly as in signed-N.age
  at            TEXT NOT NULL,
  PRIMARY KEY (recording_id, version)
) STRICT;

CREATE TABLE events (
  number     INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  body       BLOB NOT NULL,                       -- canonical JSON
  key        TEXT NOT NULL,
  signature  BLOB NOT NULL,
  salt       BLOB NOT NULL,                       -- with it, the event gives its entry in the log
  what       TEXT NOT NULL,                       -- out of the body, to find it by
  recording  TEXT NOT NULL,                       -- likewise; empty for what is of none
  leaf       INTEGER UNIQUE                       -- its number in the log; NULL until it is there
) STRICT;
CREATE INDEX events_by_what ON events (what, number);
CREATE INDEX events_by_recording ON events (recording, number) WHERE recording <> '';
CREATE INDEX events_unsettled ON events (number) WHERE leaf IS NULL;

CREATE TABLE destroyed (
  recording_id  TEXT PRIMARY KEY REFERENCES recordings (id),
  at            TEXT NOT NULL,
  by            TEXT NOT NULL,
  reason        TEXT NOT NULL
) STRICT;

-- What was destroyed but may still be read off the pages of this file: empty but for a cut-off.
CREATE TABLE unwiped (
  recording_id  TEXT PRIMARY KEY REFERENCES destroyed (recording_id)
) STRICT;

-- Where a word was said. The texts are not kept twice: the index reads them in `segments`. Marks of
-- vowels (Mn, Mc) are part of a word: without them Hindi and Bengali fall into single consonants.
CREATE VIRTUAL TABLE segment_index USING fts5 (
  source, target, content = 'segments', content_rowid = 'number',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
-- What is taken out of the index is taken out of its bytes too, not only marked as gone.
INSERT INTO segment_index (segment_index, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER segments_are_indexed AFTER INSERT ON segments BEGIN
  INSERT INTO segment_index (rowid, source, target) VALUES (NEW.number, NEW.source, NEW.target);
END;
CREATE TRIGGER changes_are_indexed AFTER UPDATE ON segments
  WHEN (NEW.number, NEW.source, NEW.target) IS NOT (OLD.number, OLD.source, OLD.target) BEGIN
  INSERT INTO segment_index (segment_index, rowid, source, target)
    VALUES ('delete', OLD.number, OLD.source, OLD.target);
  INSERT INTO segment_index (rowid, source, target) VALUES (NEW.number, NEW.source, NEW.target);
END;
CREATE TRIGGER destroyed_leave_the_index AFTER DELETE ON segments BEGIN
  INSERT INTO segment_index (segment_index, rowid, source, target)
    VALUES ('delete', OLD.number, OLD.source, OLD.target);
END;

-- Kept for ever, or until the recording is destroyed.
CREATE TRIGGER drafts_stay BEFORE UPDATE ON drafts BEGIN SELECT RAISE(ABORT, 'a draft is never edited'); END;
CREATE TRIGGER drafts_remain BEFORE DELETE ON drafts
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a draft is never removed'); END;
CREATE TRIGGER revisions_stay BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'a revision is never edited'); END;
CREATE TRIGGER revisions_remain BEFORE DELETE ON revisions
  WHEN NOT EXISTS (
    SELECT 1 FROM destroyed d JOIN segments s ON s.recording_id = d.recording_id WHERE s.id = OLD.segment_id)
  BEGIN SELECT RAISE(ABORT, 'a revision is never removed'); END;
CREATE TRIGGER played_stays BEFORE UPDATE ON played BEGIN SELECT RAISE(ABORT, 'played coverage is never edited'); END;
CREATE TRIGGER played_remains BEFORE DELETE ON played
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'played coverage is never removed'); END;
CREATE TRIGGER sign_offs_stay BEFORE UPDATE ON sign_offs BEGIN SELECT RAISE(ABORT, 'a sign-off is never edited'); END;
CREATE TRIGGER sign_offs_remain BEFORE DELETE ON sign_offs
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a sign-off is never removed'); END;
CREATE TRIGGER events_stay BEFORE UPDATE ON events
  WHEN OLD.leaf IS NOT NULL OR NEW.leaf IS NULL OR (NEW.number, NEW.id, NEW.body, NEW.key, NEW.signature, NEW.salt, NEW.what, NEW.recording)
    IS NOT (OLD.number, OLD.id, OLD.body, OLD.key, OLD.signature, OLD.salt, OLD.what, OLD.recording)
  BEGIN SELECT RAISE(ABORT, 'an event is never edited'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
CREATE TRIGGER segments_remain BEFORE DELETE ON segments
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a segment is never removed'); END;
CREATE TRIGGER destroyed_stay BEFORE UPDATE ON destroyed BEGIN SELECT RAISE(ABORT, 'a destruction is never edited'); END;
CREATE TRIGGER destroyed_remain BEFORE DELETE ON destroyed BEGIN SELECT RAISE(ABORT, 'a destruction is never removed'); END;
-- And then nothing of it comes back: a draft or a playback that was under way meanwhile is refused.
CREATE TRIGGER destroyed_takes_no_draft BEFORE INSERT ON drafts
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;
CREATE TRIGGER destroyed_takes_no_segment BEFORE INSERT ON segments
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;
CREATE TRIGGER destroyed_is_not_played BEFORE INSERT ON played
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;
CREATE TRIGGER destroyed_is_not_signed BEFORE INSERT ON sign_offs
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;

-- Nothing changes after the signature, and nothing is added to a revision's count without the revision.
CREATE TRIGGER locked_stays BEFORE UPDATE ON segments WHEN OLD.state = 'locked'
  BEGIN SELECT RAISE(ABORT, 'a signed segment never changes'); END;
CREATE TRIGGER locked_is_closed BEFORE INSERT ON revisions
  WHEN (SELECT state FROM segments WHERE id = NEW.segment_id) = 'locked'
  BEGIN SELECT RAISE(ABORT, 'a signed segment takes no revision'); END;
CREATE TRIGGER signed_is_closed BEFORE INSERT ON segments
  WHEN EXISTS (SELECT 1 FROM sign_offs WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript takes no segment'); END;
-- Every change of a segment has its revision, written first in the same transaction.
CREATE TRIGGER change_has_revision BEFORE UPDATE ON segments
  WHEN NOT EXISTS (SELECT 1 FROM revisions WHERE segment_id = NEW.id AND version = NEW.version)
    OR NEW.version <> OLD.version + 1
  BEGIN SELECT RAISE(ABORT, 'a segment changes only with a revision'); END;
-- Nobody verifies what they changed or accepted, whatever the software above says.
CREATE TRIGGER no_own_work BEFORE INSERT ON revisions
  WHEN NEW.decision = 'verify' AND EXISTS (
    SELECT 1 FROM revisions WHERE segment_id = NEW.segment_id AND by = NEW.by AND (after <> '{}' OR decision = 'accept'))
  BEGIN SELECT RAISE(ABORT, 'nobody verifies their own work'); END;
