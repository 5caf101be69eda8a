-- Version 3: segments are split, merged and named as being edited.
--
-- `position` is from now on what it was when the segment was made, and is never changed: the machine's draft counts
-- from 1, what is split off counts on. The number that people see is the rank by `place` (the position of the drafted
-- segment that it came from), then by time. So a split renumbers nothing that is stored, a corrected time moves no
-- segment past another sentence, and a transcript that was never split shows the numbers that it always had.

ALTER TABLE segments ADD COLUMN parent TEXT REFERENCES segments (id);       -- it was split off this one
ALTER TABLE segments ADD COLUMN place INTEGER;                              -- NULL: its own position
-- Set, with the state 'edited' and no text: it was merged into that one, and is shown and counted nowhere.
ALTER TABLE segments ADD COLUMN merged_into TEXT REFERENCES segments (id);
CREATE INDEX reshaped ON segments (recording_id) WHERE place IS NOT NULL OR merged_into IS NOT NULL;
CREATE INDEX segments_by_parent ON segments (parent) WHERE parent IS NOT NULL;
CREATE INDEX segments_by_merging ON segments (merged_into) WHERE merged_into IS NOT NULL;

-- Who has a segment open to edit it. It tells others and stops nobody; it is no record and has no event.
CREATE TABLE editing (
  segment_id  TEXT NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
  by          TEXT NOT NULL,
  at          TEXT NOT NULL,
  PRIMARY KEY (segment_id, by)
) STRICT;

CREATE TRIGGER origin_stays BEFORE UPDATE ON segments
  WHEN (NEW.number, NEW.id, NEW.recording_id, NEW.position, NEW.parent, NEW.place)
    IS NOT (OLD.number, OLD.id, OLD.recording_id, OLD.position, OLD.parent, OLD.place)
  BEGIN SELECT RAISE(ABORT, 'where a segment comes from never changes'); END;
-- After the draft was told, a segment comes only out of another one, by a revision of that one.
CREATE TRIGGER only_splits_add BEFORE INSERT ON segments
  WHEN NEW.parent IS NULL AND EXISTS (SELECT 1 FROM events WHERE recording = NEW.recording_id AND what = 'draft')
  BEGIN SELECT RAISE(ABORT, 'a draft takes no further segment'); END;
CREATE TRIGGER splits_have_a_revision BEFORE INSERT ON segments
  WHEN NEW.parent IS NOT NULL AND (NEW.version <> 0 OR NEW.state <> 'draft' OR NOT EXISTS (
    SELECT 1 FROM revisions r JOIN segments s ON s.id = r.segment_id
    WHERE r.segment_id = NEW.parent AND r.decision = 'split' AND json_extract(r.after, '$.part') = NEW.id
      AND s.recording_id = NEW.recording_id))
  BEGIN SELECT RAISE(ABORT, 'a segment is split off only with a revision'); END;
-- What was merged is not locked at the signature; it takes no revision after it either.
CREATE TRIGGER merged_is_closed BEFORE INSERT ON revisions
  WHEN EXISTS (SELECT 1 FROM segments s JOIN sign_offs o ON o.recording_id = s.recording_id
    WHERE s.id = NEW.segment_id AND s.merged_into IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript takes no revision'); END;
CREATE TRIGGER merged_stays BEFORE UPDATE ON segments
  WHEN OLD.merged_into IS NOT NULL AND EXISTS (SELECT 1 FROM sign_offs WHERE recording_id = OLD.recording_id)
  BEGIN SELECT RAISE(ABORT, 'a signed transcript never changes'); END;

-- Nobody verifies what they changed or accepted, nor what came out of it: a text that was split off or taken in
-- brings the people with it who had worked on it by then (`Transcript.story` is the same walk).
DROP TRIGGER no_own_work;
CREATE TRIGGER no_own_work BEFORE INSERT ON revisions WHEN NEW.decision = 'verify' AND EXISTS (
    WITH RECURSIVE origins (segment, until) AS (
      SELECT NEW.segment_id, 9223372036854775807
      UNION
      SELECT coalesce(json_extract(r.after, '$.parent'), json_extract(r.after, '$.joined')), r.number
        FROM origins o JOIN revisions r ON r.segment_id = o.segment AND r.number < o.until
        WHERE r.decision IN ('split', 'merge', 'undo')
          AND coalesce(json_extract(r.after, '$.parent'), json_extract(r.after, '$.joined')) IS NOT NULL
    )
    SELECT 1 FROM origins o JOIN revisions r ON r.segment_id = o.segment AND r.number < o.until
      WHERE r.by = NEW.by AND (r.after <> '{}' OR r.decision = 'accept'))
  BEGIN SELECT RAISE(ABORT, 'nobody verifies their own work'); END;
