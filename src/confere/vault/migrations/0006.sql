-- Version 6: the register of interviews.
--
-- An interview's row is what is known of it now. It has no history: what was wrong in it, or too much, is gone when
-- it is changed, and the events keep who changed which fields when. Lists are JSON.

ALTER TABLE interviews ADD COLUMN interviewers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE interviews ADD COLUMN interpreter TEXT NOT NULL DEFAULT '';
ALTER TABLE interviews ADD COLUMN languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE interviews ADD COLUMN consent TEXT NOT NULL DEFAULT '';
ALTER TABLE interviews ADD COLUMN version INTEGER NOT NULL DEFAULT 0;  -- of what is written in it; 0: nothing yet
ALTER TABLE interviews ADD COLUMN changed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE interviews ADD COLUMN changed_at TEXT NOT NULL DEFAULT '';
ALTER TABLE interviews ADD COLUMN nonce BLOB;                          -- of the commitment that its event tells

CREATE INDEX recordings_by_interview ON recordings (interview_id, part, id);

CREATE TRIGGER interviews_remain BEFORE DELETE ON interviews
  BEGIN SELECT RAISE(ABORT, 'an interview is never removed'); END;
-- What is written changes with its version; only with the last of its recordings it goes.
CREATE TRIGGER interviews_move_on BEFORE UPDATE OF
    id, site, date, participants, interviewers, interpreter, languages, consent, notes, version, changed_by, changed_at
  ON interviews
  WHEN (NEW.id <> OLD.id OR NEW.version <> OLD.version + 1) AND NOT (NEW.id = OLD.id
    AND EXISTS (SELECT 1 FROM recordings WHERE interview_id = OLD.id)
    AND NOT EXISTS (SELECT 1 FROM recordings WHERE interview_id = OLD.id
      AND id NOT IN (SELECT recording_id FROM destroyed)))
  BEGIN SELECT RAISE(ABORT, 'what is written of an interview has a version'); END;
-- A signed document says of which interview its recording is, and which part.
CREATE TRIGGER signed_recordings_stay BEFORE UPDATE OF interview_id, part ON recordings
  WHEN (NEW.interview_id, NEW.part) IS NOT (OLD.interview_id, OLD.part)
    AND EXISTS (SELECT 1 FROM sign_offs WHERE recording_id = OLD.id)
  BEGIN SELECT RAISE(ABORT, 'a signed recording stays in its interview'); END;
