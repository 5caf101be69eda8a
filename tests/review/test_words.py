"""The word list: its file, what is wrong in it, whom it touches, what is proposed for it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confere.domain import State
from confere.errors import BadWordList
from confere.review.drafted import DraftAndFinal, drafted
from confere.review.spoken import words
from confere.review.words import (
    Problem,
    ProblemKind,
    Proposal,
    WordEntry,
    WordStatus,
    changed,
    hotwords,
    problems,
    proposals,
    read_csv,
    touched,
    write_csv,
)
from confere.review.words.proposals import replacements
from confere.review.words.reach import alike
from review.scenes import Desk, a_segment

CIVIL = WordEntry("defesa civil", "civil defence", WordStatus.REQUIRED)
UBS = WordEntry("UBS", "", WordStatus.KEEP, "unidade básica de saúde")
PUSH = WordEntry("puxadinho", "push", WordStatus.FORBIDDEN)
LIST = (CIVIL, UBS, PUSH)

cells = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")) | st.sampled_from("\",; '"),
    max_size=60,  # composed, a character may become three
).map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()).lstrip("=+-@ "))
filled = cells.filter(bool)
entries = st.one_of(
    st.builds(WordEntry, filled, st.just(""), st.just(WordStatus.KEEP), cells),
    st.builds(
        WordEntry,
        filled,
        filled,
        st.sampled_from([WordStatus.REQUIRED, WordStatus.FORBIDDEN]),
        cells,
    ),
)


class TestTable:
    def test_written(self) -> None:
        """The file is plain CSV that a spreadsheet opens."""
        assert write_csv(LIST).decode() == (
            "source,target,status,note\r\n"
            "defesa civil,civil defence,required,\r\n"
            "UBS,,keep,unidade básica de saúde\r\n"
            "puxadinho,push,forbidden,\r\n"
        )

    @settings(deadline=None)
    @given(st.lists(entries), st.booleans())
    def test_round_trip(self, given_list: list[WordEntry], mark: bool) -> None:
        """What was written is read back, with or without a byte order mark."""
        data = write_csv(given_list)
        assert read_csv(b"\xef\xbb\xbf" * mark + data) == tuple(given_list)
        assert write_csv(read_csv(data)) == data

    def test_as_a_portuguese_spreadsheet_writes_it(self) -> None:
        """Semicolons, quotation marks, capitals, other order, empty lines and columns are read."""
        text = (
            'Status;Source;Target;Note;;\r\n"Required";"defesa civil"; civil defence ;;;\r\n;;;;;\r\n'
            'KEEP;UBS;UBS;"unidade básica de saúde";;\r\n forbidden;puxadinho;push\r\n'
        )
        assert read_csv(b"\xef\xbb\xbf" + text.encode()) == LIST

    def test_composed(self) -> None:
        """One spelling for one word, however its accents were typed."""
        [entry] = read_csv("source,target,status\na\u0301gua  fria,cold water,required\n".encode())
        assert entry.source == "água fria"

    @pytest.mark.parametrize(
        ("data", "line", "told"),
        [
            (b"", 1, "empty"),
            (b"source,target\n", 1, "'status'"),
            (b"source,target,status,colour\n", 1, "unknown"),
            (b"source,target,status,source\n", 1, "twice"),
            (b"source,target,status\n\na,b,wanted\n", 3, "status"),
            (b"source,target,status\n,b,required\n", 2, "source is empty"),
            (b"source,target,status\na,,required\n", 2, "needs a target"),
            (b"source,target,status\na,,forbidden\n", 2, "needs a target"),
            (b"source,target,status\na,b,keep\n", 2, "kept"),
            (b"source,target,status\na,b,required,,x\n", 2, "more than 3"),
            (b'source,target,status\na,b,required\n"a,b,keep\n', 3, "quotation"),
            (b"source,target,status\na,b,required\n\xe1gua,b,required\n", 3, "UTF-8"),
            (b"source,target,status\na\x00,b,required\n", 2, "control"),
            (b"source,target,status\na,=1+1,required\n", 2, "formula"),
            (b"source,target,status,note\na,b,required,@x\n", 2, "formula"),
            (b"source,target,status\na,%b,required\n" % (b"b" * 201), 2, "more than 200"),
        ],
    )
    def test_bad_files(self, data: bytes, line: int, told: str) -> None:
        """What is wrong is told with its line and without the words."""
        with pytest.raises(BadWordList) as raised:
            read_csv(data)
        assert raised.value.line == line
        assert f"line {line}: " in str(raised.value)
        assert told in str(raised.value)
        assert raised.value.hint

    @settings(deadline=None)
    @given(st.binary(max_size=80))
    def test_any_bytes(self, data: bytes) -> None:
        """Whatever the file holds, it is a list or a clear error."""
        try:
            read_csv(b"source,target,status\n" + data)
        except BadWordList as error:
            assert error.line >= 1


class TestProblems:
    def test_a_good_list(self) -> None:
        """Different words do not get in each other's way; nor do several forbidden translations."""
        forbidden = WordEntry("puxadinho", "annex", WordStatus.FORBIDDEN)
        wanted = WordEntry("puxadinho", "extension", WordStatus.REQUIRED)
        assert problems([*LIST, forbidden, wanted]) == ()

    @pytest.mark.parametrize(
        ("entry", "kind"),
        [
            (WordEntry("Defesa  Civil", "Civil defence", WordStatus.REQUIRED), "duplicate"),
            (WordEntry("defesa civil", "civil protection", WordStatus.REQUIRED), "contradiction"),
            (WordEntry("defesa civil", "civil defence", WordStatus.FORBIDDEN), "contradiction"),
            (WordEntry("defesa civil", "", WordStatus.KEEP), "contradiction"),
        ],
    )
    def test_two_of_one_word(self, entry: WordEntry, kind: str) -> None:
        """A repeated entry and one that cannot hold beside another are told with their places."""
        assert problems([UBS, CIVIL, entry]) == (Problem(ProblemKind(kind), 1, 2),)

    def test_a_kept_word_is_its_own_translation(self) -> None:
        """To keep a word and to require itself is the same; to forbid it is not."""
        same = WordEntry("ubs", "UBS", WordStatus.REQUIRED)
        against = WordEntry("UBS", "ubs", WordStatus.FORBIDDEN)
        assert problems([UBS, same]) == (Problem(ProblemKind.DUPLICATE, 0, 1),)
        assert problems([UBS, against]) == (Problem(ProblemKind.CONTRADICTION, 0, 1),)

    @settings(deadline=None)
    @given(st.lists(entries, max_size=8))
    def test_order_does_not_matter(self, given_list: list[WordEntry]) -> None:
        """A list read backwards has as many problems."""
        assert len(problems(given_list)) == len(problems(given_list[::-1]))


class TestHotwords:
    def test_names_first(self) -> None:
        """Kept words come first, each word once, forbidden ones not at all."""
        again = WordEntry("ubs", "health post", WordStatus.REQUIRED)
        assert hotwords([CIVIL, PUSH, UBS, again]) == ("UBS", "defesa civil")


class TestTouched:
    def test_inflections(self) -> None:
        """A segment is touched by the plural and by other capitals."""
        entry = WordEntry("morador", "resident", WordStatus.REQUIRED)
        segments = [
            a_segment(0, source="Os Moradores, todos eles."),
            a_segment(1, source="A gente demorou."),
        ]
        assert [t.segment_id for t in touched([entry], segments)] == ["seg0"]

    def test_terms_stand_together(self) -> None:
        """A term of two words is found as a term, not as two words somewhere."""
        segments = [
            a_segment(0, source="Veio a defesa civil ontem."),
            a_segment(1, source="Em defesa da casa, um civil."),
        ]
        assert [t.segment_id for t in touched([CIVIL], segments)] == ["seg0"]

    def test_only_what_is_open(self) -> None:
        """Signed segments are left alone; verified ones are looked at again."""
        segments = [
            a_segment(n, source="A UBS fechou.", state=state)
            for n, state in enumerate((State.DRAFT, State.VERIFIED, State.LOCKED))
        ]
        assert [t.segment_id for t in touched([UBS], segments)] == ["seg0", "seg1"]

    def test_kept_words_in_the_translation(self) -> None:
        """A kept word counts where it stands in the translation too; a translated one does not."""
        segment = a_segment(0, source="O posto fechou.", target="The UBS closed: civil defence.")
        assert touched(LIST, [segment])[0].entries == (UBS,)

    @settings(deadline=None)
    @given(st.text(min_size=1))
    def test_a_word_touches_itself(self, source: str) -> None:
        """A segment that says exactly the entry's words is always touched."""
        entry = WordEntry(source, "x", WordStatus.REQUIRED)
        found = touched([entry], [a_segment(0, source=source)])
        assert bool(found) == bool(words(source))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("água", "águas"),
            ("pé", "pés"),
            ("mora", "moramos"),
            ("câmera", "cameras"),
            ("घर", "घर"),
        ],
    )
    def test_alike(self, one: str, other: str) -> None:
        """Inflections share a beginning."""
        assert alike(one, other) and alike(other, one)

    @pytest.mark.parametrize(
        ("one", "other"), [("só", "sol"), ("casa", "casamento"), ("não", "nau"), ("घर", "घरा")]
    )
    def test_unlike(self, one: str, other: str) -> None:
        """Short words and long endings do not."""
        assert not alike(one, other) and not alike(other, one)

    def test_changed_list(self) -> None:
        """What was added, taken off or altered is what may touch segments; a new note does not."""
        altered = WordEntry("defesa civil", "civil protection", WordStatus.REQUIRED)
        noted = WordEntry("UBS", "", WordStatus.KEEP, "another note")
        assert set(changed(LIST, [altered, noted])) == {CIVIL, altered, PUSH}
        assert changed(LIST, LIST[::-1]) == ()


def heard(number: int, draft: str, final: str, target: str = "It rained.") -> DraftAndFinal:
    """Return a segment whose source text was corrected."""
    return DraftAndFinal(f"seg{number}", "pt", draft, target, final, target)


def told(number: int, source: str, draft: str, final: str) -> DraftAndFinal:
    """Return a segment whose translation was corrected."""
    return DraftAndFinal(f"seg{number}", "pt", source, draft, source, final)


class TestProposals:
    def test_a_misheard_name(self) -> None:
        """A name put right in three segments is proposed, as people write it."""
        found = proposals(
            [
                heard(0, "Eu moro em guarda puava.", "Eu moro em Guarapuava."),
                heard(1, "Guarda puava é longe.", "Guarapuava é longe."),
                heard(2, "Fui a guarda puava, sim.", "Fui a Guarapuava, sim."),
                heard(3, "Choveu muito.", "Choveu muito."),
            ]
        )
        entry = WordEntry("Guarapuava", "", WordStatus.REQUIRED)
        segments = ("seg0", "seg1", "seg2")
        assert found == (Proposal("source", "guarda puava", "guarapuava", entry, segments),)

    def test_a_name_that_stays_is_kept(self) -> None:
        """A word that stands in every translation as it is said is proposed as one to keep."""
        segments = [
            heard(n, f"Em pelém, {n}.", f"Em Belém, {n}.", f"In Belém, {n}.") for n in range(3)
        ]
        assert proposals(segments)[0].entry == WordEntry("Belém", "", WordStatus.KEEP)
        assert proposals(segments, [WordEntry("belém", "", WordStatus.KEEP)]) == ()

    def test_twice_is_not_recurring(self) -> None:
        """Two segments are not enough, nor is one segment three times."""
        twice = [heard(n, f"Em pelém {n}.", f"Em Belém {n}.") for n in range(2)]
        assert proposals(twice) == ()
        assert proposals([heard(0, "Pelém e pelém e pelém.", "Belém e Belém e Belém.")]) == ()

    def test_small_words_are_not_proposed(self) -> None:
        """A word that mostly stays as it was drafted is no mistake of the engine's."""
        right = [heard(n, f"A casa de tia {n}.", f"A casa da tia {n}.") for n in range(3)]
        stays = [heard(n, f"Perto de casa {n}.", f"Perto de casa {n}.") for n in range(10, 14)]
        assert [p.after for p in proposals(right)] == ["da"]
        assert proposals(right + stays) == ()

    def test_a_wrong_translation_of_a_term(self) -> None:
        """The same other translation of one term is proposed as required for that term."""
        segments = [
            told(0, "A defesa civil veio.", "The civil guard came.", "The civil defence came."),
            told(1, "Cadê a defesa civil?", "Where is the civil guard?", "Where is civil defence?"),
            told(2, "Foi a Defesa Civil?", "Was it the civil guard?", "Was it the civil defence?"),
            told(3, "A guarda veio.", "The guard came.", "The guard came."),
        ]  # fmt: skip
        [found] = proposals(segments)
        assert (found.side, found.before, found.after) == ("target", "guard", "defence")
        assert found.entry.source == "defesa civil"
        assert (found.entry.target, found.entry.status) == ("defence", WordStatus.REQUIRED)
        assert proposals(segments, [found.entry]) == ()

    def test_a_translation_without_a_common_term(self) -> None:
        """The same change for different words is a matter of taste, and proposes nothing."""
        segments = [
            told(0, "Choveu ontem.", "It was big.", "It was large."),
            told(1, "Nada disso aqui.", "Not big.", "Not large."),
            told(2, "Quem sabe?", "Big?", "Large?"),
        ]
        assert proposals(segments) == ()

    def test_case_and_punctuation_are_no_corrections(self) -> None:
        """A capital or a comma that was put right is not a word."""
        segments = [heard(n, f"belém {n}", f"Belém, {n}!") for n in range(3)]
        assert proposals(segments) == ()

    @settings(deadline=None)
    @given(st.text(), st.text())
    def test_replacements(self, draft: str, final: str) -> None:
        """A replacement takes words of the draft away for words of the final text; none if equal."""
        old, new = words(draft), words(final)
        assert replacements(old, old) == frozenset()
        for before, after in replacements(old, new):
            assert before != after and 1 <= len(before) <= 4 and 1 <= len(after) <= 4
            assert set(before) <= set(old) and set(after) <= set(new)

    @settings(deadline=None)
    @given(st.permutations(range(6)))
    def test_order_of_segments_does_not_matter(self, order: list[int]) -> None:
        """The proposals are the same in whatever order the segments come."""
        segments = [heard(n, f"Em pelém {n}.", f"Em Belém {n}.") for n in range(3)]
        segments += [heard(n, f"Em otinga {n}.", f"Em Utinga {n}.") for n in range(3, 6)]
        found = proposals([segments[n] for n in order])
        assert {(p.entry.source, frozenset(p.segments)) for p in found} == {
            ("Belém", frozenset({"seg0", "seg1", "seg2"})),
            ("Utinga", frozenset({"seg3", "seg4", "seg5"})),
        }


class TestDrafted:
    def test_draft_and_final(self) -> None:
        """The draft is what stood before the first change, whatever was typed in between."""
        desk = Desk(a_segment(0, source="Pelem.", target="Pelem."), a_segment(1))
        desk.correct("seg0", source="Belem.", finish=False)
        desk.correct("seg0", source="Belém.", target="Belém.")
        first, second = drafted(desk.transcript)
        texts = ("Pelem.", "Pelem.", "Belém.", "Belém.")
        assert first == DraftAndFinal("seg0", "pt", *texts, shown=("seg0",))
        assert first.source_changed and first.target_changed
        assert not second.source_changed and not second.target_changed


class TestSpokenWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Sim — não, d’água!", ["sim", "não", "d'água"]),
            ("guarda-chuva - 'eu' 2,5", ["guarda-chuva", "eu", "2", "5"]),
            ("Ela [laughter] riu [unclear: muito? 00:01]", ["ela", "riu"]),
            ("हिन्दी में, বাংলা।", ["हिन्दी", "में", "বাংলা"]),
            (" [pause 5s] … ", []),
        ],
    )
    def test_words(self, text: str, expected: list[str]) -> None:
        """Words are what is said: no punctuation, no marks, whole in every script."""
        assert words(text) == expected

    @settings(deadline=None)
    @given(st.text())
    def test_words_of_words(self, text: str) -> None:
        """Reading the words of words changes nothing."""
        assert words(" ".join(words(text))) == words(text)


def test_the_list_to_begin_with() -> None:
    """It is read, nothing in it gets in the way of anything else, and it is written back the same."""
    data = (Path(__file__).parents[2] / "config" / "words.pt-en.csv").read_bytes()
    listed = read_csv(data)
    assert len(listed) > 30
    assert problems(listed) == ()
    assert read_csv(write_csv(listed)) == listed
