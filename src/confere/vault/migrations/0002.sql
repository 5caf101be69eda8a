-- Version 2: what the translation memory is asked by. It keeps no pair: a pair is a segment whose two texts a second
-- person verified, and while it is in such a state it is found here.

CREATE VIEW verified_pairs AS
  SELECT number, source FROM segments WHERE state IN ('verified', 'locked');

-- Which three letters stand in which source text; where in it is not kept, nor how long it is: nothing asks for it.
CREATE VIRTUAL TABLE pair_index USING fts5 (
  source, content = 'verified_pairs', content_rowid = 'number', tokenize = 'trigram', detail = 'none', columnsize = 0
);
INSERT INTO pair_index (pair_index, rank) VALUES ('secure-delete', 1);
INSERT INTO pair_index (pair_index) VALUES ('rebuild');

CREATE TRIGGER pairs_are_indexed AFTER INSERT ON segments WHEN NEW.state IN ('verified', 'locked') BEGIN
  INSERT INTO pair_index (rowid, source) VALUES (NEW.number, NEW.source);
END;
CREATE TRIGGER pairs_come_and_go AFTER UPDATE ON segments
  WHEN (NEW.number, NEW.source, NEW.state IN ('verified', 'locked'))
    IS NOT (OLD.number, OLD.source, OLD.state IN ('verified', 'locked')) BEGIN
  INSERT INTO pair_index (pair_index, rowid, source)
    SELECT 'delete', OLD.number, OLD.source WHERE OLD.state IN ('verified', 'locked');
  INSERT INTO pair_index (rowid, source)
    SELECT NEW.number, NEW.source WHERE NEW.state IN ('verified', 'locked');
END;
CREATE TRIGGER destroyed_leave_the_pairs AFTER DELETE ON segments WHEN OLD.state IN ('verified', 'locked') BEGIN
  INSERT INTO pair_index (pair_index, rowid, source) VALUES ('delete', OLD.number, OLD.source);
END;

-- A text of a word or two has hardly any three letters, and those are everywhere: it is looked for by its length.
CREATE INDEX short_pairs ON segments (length(source), source, target, language, state)
  WHERE state IN ('verified', 'locked') AND length(source) <= 15;
