-- Version 4: who has taken what, comments, and what the queue is counted from.

-- Who has taken a recording, or was given it. The events keep the story; this is only how it stands.
CREATE TABLE assignments (
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  name          TEXT NOT NULL,
  by            TEXT NOT NULL,                    -- who gave it to them; themselves, if they took it
  at            TEXT NOT NULL,
  due           TEXT NOT NULL DEFAULT '',         -- a day, ISO 8601, or empty
  PRIMARY KEY (recording_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignments_by_name ON assignments (name, due);
CREATE TRIGGER destroyed_is_not_taken BEFORE INSERT ON assignments
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;
CREATE TRIGGER signed_is_nobodys AFTER INSERT ON sign_offs BEGIN
  DELETE FROM assignments WHERE recording_id = NEW.recording_id;
END;

CREATE TABLE comments (
  number        INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  segment_id    TEXT NOT NULL,
  by            TEXT NOT NULL,
  at            TEXT NOT NULL,
  addressed     TEXT NOT NULL,                    -- JSON list of names, sorted
  text          TEXT NOT NULL,
  nonce         BLOB NOT NULL                     -- of the commitment that the comment's event tells
) STRICT;
CREATE INDEX comments_by_recording ON comments (recording_id, number);
CREATE TABLE resolved (
  comment_id    TEXT PRIMARY KEY REFERENCES comments (id),
  by            TEXT NOT NULL,
  at            TEXT NOT NULL
) STRICT;
CREATE TRIGGER comments_stay BEFORE UPDATE ON comments BEGIN SELECT RAISE(ABORT, 'a comment is never edited'); END;
CREATE TRIGGER comments_remain BEFORE DELETE ON comments
  WHEN NOT EXISTS (SELECT 1 FROM destroyed WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a comment is never removed'); END;
CREATE TRIGGER resolved_stays BEFORE UPDATE ON resolved BEGIN SELECT RAISE(ABORT, 'a comment is resolved once'); END;
CREATE TRIGGER resolved_remains BEFORE DELETE ON resolved
  WHEN NOT EXISTS (
    SELECT 1 FROM destroyed d JOIN comments c ON c.recording_id = d.recording_id WHERE c.id = OLD.comment_id)
  BEGIN SELECT RAISE(ABORT, 'a comment stays resolved'); END;
CREATE TRIGGER destroyed_takes_no_comment BEFORE INSERT ON comments
  WHEN EXISTS (SELECT 1 FROM destroyed WHERE recording_id = NEW.recording_id)
  BEGIN SELECT RAISE(ABORT, 'this recording was destroyed'); END;

-- What follows is counted along, so that the queue need not read every segment and revision. It can be made
-- anew from them at any time, and nothing but the queue is decided by it.

-- How many segments stand in which state; what was merged into another is counted nowhere. A recording has its row from the draft on.
CREATE TABLE progress (
  recording_id  TEXT PRIMARY KEY REFERENCES recordings (id),
  draft         INTEGER NOT NULL DEFAULT 0,
  edited        INTEGER NOT NULL DEFAULT 0,
  corrected     INTEGER NOT NULL DEFAULT 0,
  needs_work    INTEGER NOT NULL DEFAULT 0,
  verified      INTEGER NOT NULL DEFAULT 0,
  locked        INTEGER NOT NULL DEFAULT 0,
  stale         INTEGER NOT NULL DEFAULT 0,       -- of the corrected, those whose translation is older than its source
  languages     TEXT NOT NULL DEFAULT '',         -- of the segments, a space between two
  latest        TEXT NOT NULL                     -- when it was drafted, or something last decided in it
) STRICT, WITHOUT ROWID;
-- Who worked on any segment of a recording: they cannot sign it.
CREATE TABLE workers (
  name          TEXT NOT NULL,
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  PRIMARY KEY (name, recording_id)
) STRICT, WITHOUT ROWID;
-- Whose verification of a segment holds, until it is cleared or the transcript is signed.
CREATE TABLE verifications (
  segment_id    TEXT PRIMARY KEY,
  recording_id  TEXT NOT NULL REFERENCES recordings (id),
  by            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX verifications_by ON verifications (by, recording_id);
-- What the queue reads of a recording, in its order: the rows themselves hold the long offload notes.
CREATE INDEX recordings_in_queue ON recordings (offloaded_at, interview_id, part, id, duration_ms, trouble, duplicate_of)
  WHERE duplicate_of IS NULL;

INSERT INTO progress (recording_id, latest, languages, draft, edited, corrected, needs_work, verified, locked, stale)
  SELECT d.recording_id,
    max(d.drafted_at, coalesce((SELECT max(r.at) FROM revisions r JOIN segments s ON s.id = r.segment_id
                                WHERE s.recording_id = d.recording_id), '')),
    coalesce((SELECT group_concat(language, ' ') FROM
      (SELECT DISTINCT language FROM segments WHERE recording_id = d.recording_id AND merged_into IS NULL ORDER BY language)), ''),
    count(*) FILTER (WHERE s.state = 'draft'), count(*) FILTER (WHERE s.state = 'edited'),
    count(*) FILTER (WHERE s.state = 'corrected'), count(*) FILTER (WHERE s.state = 'needs work'),
    count(*) FILTER (WHERE s.state = 'verified'), count(*) FILTER (WHERE s.state = 'locked'),
    count(*) FILTER (WHERE s.state = 'corrected' AND s.target_stale)
  FROM drafts d LEFT JOIN segments s ON s.recording_id = d.recording_id AND s.merged_into IS NULL GROUP BY d.recording_id;
INSERT INTO workers (name, recording_id)
  SELECT DISTINCT r.by, s.recording_id FROM revisions r JOIN segments s ON s.id = r.segment_id
    WHERE r.after <> '{}' OR r.decision = 'accept';
INSERT INTO verifications (segment_id, recording_id, by)
  SELECT s.id, s.recording_id, r.by FROM segments s JOIN revisions r ON r.segment_id = s.id AND r.version = s.version
    WHERE s.state = 'verified' AND s.merged_into IS NULL;

CREATE TRIGGER drafts_are_counted AFTER INSERT ON drafts BEGIN
  INSERT INTO progress (recording_id, latest) VALUES (NEW.recording_id, NEW.drafted_at);
END;
CREATE TRIGGER segments_are_counted AFTER INSERT ON segments BEGIN
  UPDATE progress SET
    draft = draft + (NEW.state = 'draft'), edited = edited + (NEW.state = 'edited'),
    corrected = corrected + (NEW.state = 'corrected'), needs_work = needs_work + (NEW.state = 'needs work'),
    verified = verified + (NEW.state = 'verified'), locked = locked + (NEW.state = 'locked'),
    stale = stale + (NEW.state = 'corrected' AND NEW.target_stale),
    languages = CASE WHEN instr(' ' || languages || ' ', ' ' || NEW.language || ' ') THEN languages
      ELSE trim(languages || ' ' || NEW.language) END
  WHERE recording_id = NEW.recording_id;
END;
CREATE TRIGGER states_are_counted AFTER UPDATE ON segments
  WHEN (NEW.state, NEW.target_stale, NEW.merged_into) IS NOT (OLD.state, OLD.target_stale, OLD.merged_into) BEGIN
  UPDATE progress SET
    draft = draft - (OLD.state = 'draft'), edited = edited - (OLD.state = 'edited'),
    corrected = corrected - (OLD.state = 'corrected'), needs_work = needs_work - (OLD.state = 'needs work'),
    verified = verified - (OLD.state = 'verified'), locked = locked - (OLD.state = 'locked'),
    stale = stale - (OLD.state = 'corrected' AND OLD.target_stale)
  WHERE recording_id = OLD.recording_id AND OLD.merged_into IS NULL;
  UPDATE progress SET
    draft = draft + (NEW.state = 'draft'), edited = edited + (NEW.state = 'edited'),
    corrected = corrected + (NEW.state = 'corrected'), needs_work = needs_work + (NEW.state = 'needs work'),
    verified = verified + (NEW.state = 'verified'), locked = locked + (NEW.state = 'locked'),
    stale = stale + (NEW.state = 'corrected' AND NEW.target_stale)
  WHERE recording_id = NEW.recording_id AND NEW.merged_into IS NULL;
END;
CREATE TRIGGER languages_are_counted AFTER UPDATE ON segments
  WHEN (NEW.language, NEW.merged_into) IS NOT (OLD.language, OLD.merged_into) BEGIN
  UPDATE progress SET languages = coalesce((SELECT group_concat(language, ' ') FROM (SELECT DISTINCT language
      FROM segments WHERE recording_id = NEW.recording_id AND merged_into IS NULL ORDER BY language)), '')
    WHERE recording_id = NEW.recording_id;
END;
CREATE TRIGGER decisions_are_counted AFTER INSERT ON revisions BEGIN
  UPDATE progress SET latest = max(latest, NEW.at)
    WHERE recording_id = (SELECT recording_id FROM segments WHERE id = NEW.segment_id);
END;
CREATE TRIGGER cleared_are_counted AFTER INSERT ON revisions WHEN NEW.decision <> 'verify' BEGIN
  DELETE FROM verifications WHERE segment_id = NEW.segment_id;
END;
CREATE TRIGGER work_is_counted AFTER INSERT ON revisions WHEN NEW.after <> '{}' OR NEW.decision = 'accept' BEGIN
  INSERT INTO workers (name, recording_id)
    SELECT NEW.by, recording_id FROM segments WHERE id = NEW.segment_id
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER verifications_are_counted AFTER INSERT ON revisions WHEN NEW.decision = 'verify' BEGIN
  INSERT INTO verifications (segment_id, recording_id, by)
    SELECT id, recording_id, NEW.by FROM segments WHERE id = NEW.segment_id
    ON CONFLICT DO UPDATE SET by = excluded.by;
END;
