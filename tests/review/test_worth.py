"""What the machine was worth: counts, sums, intervals, time, the plot and what is written of it."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from confere.domain import EngineRecord, Revision
from confere.errors import BadValue
from confere.review.drafted import DraftAndFinal, drafted
from confere.review.worth import (
    Facts,
    Figures,
    Model,
    Models,
    Point,
    Sampled,
    TimeSpent,
    Worth,
    by_models,
    combined,
    coreq,
    coreq_text,
    figures,
    measure,
    methods,
    paragraph,
    plot,
    scores,
    time_spent,
)
from review.scenes import DURATION_MS, SPEECH, TRANSLATION, a_verified_desk

LANGUAGES: tuple[Literal["en", "pt"], ...] = ("en", "pt")

SAID = ["a", "água", "chegou", "na", "porta", "da", "casa", "the", "door", "3", "né"]
sentences = st.lists(st.sampled_from(SAID)).map(" ".join)
pairs = st.lists(st.tuples(sentences, sentences), max_size=12)


def a_segment(number: int, draft: str, final: str, language: str = "pt") -> DraftAndFinal:
    """Return a segment with the same change in both texts."""
    return DraftAndFinal(f"seg{number}", language, draft, draft, final, final)


def a_worth(*texts: tuple[str, str], name: str = "t1", **given_fields: Any) -> Worth:
    """Return the worth of a transcript with these drafts and final texts."""
    fields: dict[str, Any] = {
        "transcript": name,
        "audio_ms": DURATION_MS,
        "speech": SPEECH,
        "translation": TRANSLATION,
        "target_language": "en",
    }
    segments = [a_segment(n, *both) for n, both in enumerate(texts)]
    return measure(segments, **fields | given_fields)


WATER = ("A água chegou na porta.", "A água já chegou à porta, né?")
SAME = ("Choveu a noite toda.", "Choveu a noite toda.")


class TestScores:
    def test_word_errors(self) -> None:
        """Two words are missing and one is wrong, of seven."""
        found = scores.word_errors(*WATER)
        assert found == scores.WordErrors(hits=4, substitutions=1, deletions=2, insertions=0)
        assert (found.errors, found.reference) == (3, 7)

    def test_writing_is_no_error(self) -> None:
        """Capitals, punctuation, accents' bytes and marks are not words."""
        found = scores.word_errors("agua a\u0301gua d'água", "Agua: [laughter] «ÁGUA» — d’água!")
        assert (found.errors, found.reference) == (0, 3)

    @pytest.mark.parametrize(
        ("draft", "final", "expected"),
        [
            ("", "", (0, 0, 0, 0)),
            ("Sim.", "Sim.", (1, 0, 0, 0)),
            ("obrigado", "", (0, 0, 0, 1)),
            ("", "sim", (0, 0, 1, 0)),
        ],
    )
    def test_empty_texts(self, draft: str, final: str, expected: tuple[int, ...]) -> None:
        """Words over silence are insertions, speech without words deletions."""
        assert scores.word_errors(draft, final) == expected

    @settings(deadline=None)
    @given(pairs)
    def test_sums_are_the_libraries_own_figures(self, texts: list[tuple[str, str]]) -> None:
        """Summed counts give what jiwer and sacrebleu say of the whole corpus."""
        texts = [(draft, final) for draft, final in texts if final]
        if not texts:
            return
        drafts, finals = map(list, zip(*texts, strict=True))
        found = figures(a_worth(*texts), resamples=1)
        assert found.word_error_rate.value == pytest.approx(100 * jiwer.wer(finals, drafts))
        assert found.chrf.value == pytest.approx(CHRF().corpus_score(drafts, [finals]).score)
        assert found.edit_rate.value == pytest.approx(TER().corpus_score(drafts, [finals]).score)

    @settings(max_examples=300, deadline=None)
    @given(sentences, sentences)
    def test_short_ways_give_the_libraries_counts(self, draft: str, final: str) -> None:
        """What is set aside at both ends, and shifts that cannot help, change no count."""
        if final:
            [expected] = CHRF()._extract_corpus_statistics([draft], [[final]])
            assert scores.chrf_counts(draft, final) == tuple(expected)
        found = TER().sentence_score(draft, [final])
        assert scores.edits(draft, final) == (found.num_edits, found.ref_length)

    @pytest.mark.parametrize(
        ("draft", "final", "expected"),
        [
            ("b a", "a b", 1),  # one shift, though two words differ
            ("a b c d e", "d e a b c", 1),
            ("a b c", "a x c", 1),
            ("x a b", "a b y", 2),
            ("", "a b", 2),
            ("a b", "", 2),
        ],
    )
    def test_edits(self, draft: str, final: str, expected: int) -> None:
        """A phrase that stands elsewhere is one edit."""
        assert scores.edits(draft, final).edits == expected

    def test_signatures(self) -> None:
        """The settings that sacrebleu wants reported are those that are used."""
        chrf, ter = scores.signatures()
        assert chrf.startswith("chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
        assert ter.startswith("TER|nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:")

    def test_imported_when_needed(self) -> None:
        """Importing the stage loads neither library, so that no command starts slower."""
        code = (
            "import sys, confere.review.worth; "
            "print([n for n in ('jiwer', 'sacrebleu', 'numpy') if n in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.decode().strip() == "[]"


class TestMeasure:
    def test_a_transcript(self) -> None:
        """Shares and rates of two segments, one of them changed."""
        found = figures(a_worth(WATER, SAME))
        assert found.word_error_rate.value == pytest.approx(100 * 3 / 11)
        assert found.word_error_rate.n == 2
        assert (found.source_changed.count, found.source_changed.of) == (1, 2)
        assert found.target_changed.percent == 50
        assert found.chrf.value is not None and 0 < found.chrf.value < 100

    def test_untouched(self) -> None:
        """A draft that stayed as it was is perfect."""
        found = figures(a_worth(SAME, SAME))
        assert found.word_error_rate.value == found.edit_rate.value == 0
        assert found.chrf.value == pytest.approx(100)
        assert found.source_changed.count == 0

    def test_no_speech(self) -> None:
        """Without any text nothing is measured, and nothing is divided by nothing."""
        worth = a_worth(("", ""), (" ", ""))
        assert worth.segments == () and worth.words() == scores.WordErrors()
        found = figures(worth)
        assert found.word_error_rate.value is None and found.word_error_rate.n == 0
        assert found.chrf.value is found.edit_rate.value is found.source_changed.percent is None

    def test_invented_text_only(self) -> None:
        """Words over silence are counted although there is no rate to give."""
        worth = a_worth(("Legendas pela comunidade.", ""), ("Obrigado.", ""))
        assert worth.words().insertions == 4
        assert figures(worth).word_error_rate.value is None
        assert figures(worth).source_changed.count == 2

    def test_speech_in_the_target_language(self) -> None:
        """English stays out of the translation's figures, where it would count as perfect."""
        english = a_segment(0, "What happened than?", "What happened then?", "en")
        segments = [english, a_segment(1, *SAME)]
        given_fields = {"audio_ms": 1, "speech": SPEECH, "translation": TRANSLATION}
        worth = measure(segments, transcript="t", target_language="en", **given_fields)  # type: ignore[arg-type]
        found = figures(worth)
        assert (found.chrf.n, found.target_changed.of, found.word_error_rate.n) == (1, 1, 2)
        assert worth.words("en") == scores.WordErrors(2, 1, 0, 0)
        assert worth.words("pt").errors == 0

    def test_from_revisions(self) -> None:
        """A transcript that went through correction and verification is measured by its draft."""
        transcript = a_verified_desk().transcript
        worth = measure(
            drafted(transcript),
            transcript=transcript.recording.id,
            audio_ms=DURATION_MS,
            speech=transcript.speech,
            translation=transcript.translation,
            target_language="en",
        )
        found = figures(worth)
        assert found.word_error_rate.value == 0
        assert (found.target_changed.count, found.source_changed.count) == (1, 0)
        assert found.edit_rate.value is not None and found.edit_rate.value > 0

    def test_practice(self) -> None:
        """One practice model makes everything that is summed with it practice."""
        worth = a_worth(WATER, speech=replace(SPEECH, practice=True))
        assert worth.practice
        assert combined([a_worth(SAME), worth]).practice
        assert not combined([a_worth(SAME)]).practice


class TestCombined:
    @settings(deadline=None)
    @given(pairs, pairs)
    def test_counts_are_summed(
        self, one: list[tuple[str, str]], other: list[tuple[str, str]]
    ) -> None:
        """Two transcripts together are one with the segments of both, not the mean of two rates."""
        together = figures(combined([a_worth(*one), a_worth(*other)]), resamples=5)
        assert together == figures(a_worth(*one, *other), resamples=5)

    def test_not_the_mean(self) -> None:
        """A long interview weighs more than a short one."""
        short, long = a_worth(("não", "sim")), a_worth(*[SAME] * 9)
        found = figures(combined([short, long])).word_error_rate.value
        assert found == pytest.approx(100 / 37)

    def test_of_nothing(self) -> None:
        """A study without transcripts has no figures."""
        assert figures(combined([])).word_error_rate.value is None

    def test_by_models(self) -> None:
        """Another digest is another model."""
        other = replace(SPEECH, model_digest="55" * 32)
        given_worths = [
            a_worth(SAME, name="t1"),
            a_worth(WATER, name="t2", speech=other),
            a_worth(WATER, name="t3"),
        ]
        found = by_models(given_worths)
        assert [(m.speech.digest[:2], w.transcripts) for m, w in found.items()] == [
            ("33", ("t1", "t3")),
            ("55", ("t2",)),
        ]

    def test_time_is_summed_by_person(self) -> None:
        """What one person spent on two transcripts is added up."""
        one = a_worth(SAME, spent={"Inês": TimeSpent(1000, 1, 2), "Vera": TimeSpent(1, 1, 1)})
        two = a_worth(SAME, spent={"Inês": TimeSpent(500, 1, 1)})
        together = combined([one, two])
        assert together.spent["Inês"] == TimeSpent(1500, 2, 3)
        assert together.work_ms == 1501


class TestInterval:
    @settings(max_examples=25, deadline=None)
    @given(pairs)
    def test_it_is_always_the_same(self, texts: list[tuple[str, str]]) -> None:
        """The same segments give the same interval, within the smallest and largest of them."""
        worth = a_worth(*texts)
        found = figures(worth, resamples=50)
        assert found == figures(worth, resamples=50)
        estimate = found.word_error_rate
        if estimate.low is not None and estimate.high is not None:
            rates = [
                100 * s.words.errors / s.words.reference
                for s in worth.segments
                if s.words.reference
            ]
            assert 0 <= estimate.low <= estimate.high
            if len(rates) == len(worth.segments):
                assert min(rates) - 1e-9 <= estimate.low <= estimate.high <= max(rates) + 1e-9

    def test_known_width(self) -> None:
        """Of 400 words, each a segment and a tenth of them wrong, it is near 10 ± 2.9 %."""
        texts = [("sim", "sim")] * 360 + [("sim", "não")] * 40
        found = figures(a_worth(*texts)).word_error_rate
        assert found.value == pytest.approx(10)
        assert found.low == pytest.approx(7.06, abs=0.5)
        assert found.high == pytest.approx(12.94, abs=0.5)

    def test_one_segment_has_none(self) -> None:
        """From a single segment nothing can be resampled."""
        assert figures(a_worth(WATER)).word_error_rate.low is None


def a_revision(by: str, at: str, decision: str = "correct") -> Revision:
    """Return a decision at an hour and minute of one day."""
    return Revision("seg0", by, f"2026-03-02T{at}:00+00:00", decision, {}, {})


class TestTimeSpent:
    def test_gaps_and_breaks(self) -> None:
        """Gaps up to ten minutes are work; a longer one is a break and begins a new sitting."""
        times = ["09:00", "09:04", "09:14", "09:25", "09:26"]
        found = time_spent({"t1": [a_revision("Inês", at) for at in times]})
        assert found["t1"]["Inês"] == TimeSpent(15 * 60_000, 2, 5)

    def test_no_minute_counts_twice(self) -> None:
        """Going to and fro between transcripts gives each gap to the later one."""
        found = time_spent(
            {
                "t1": [a_revision("Inês", "09:00"), a_revision("Inês", "09:06")],
                "t2": [a_revision("Inês", "09:03"), a_revision("Vera", "09:03")],
            }
        )
        assert found["t1"]["Inês"].work_ms == found["t2"]["Inês"].work_ms == 3 * 60_000
        assert found["t2"]["Vera"] == TimeSpent(0, 1, 1)

    def test_signing_is_not_counted(self) -> None:
        """The lock of every segment at the sign-off is no work on each of them, nor is a new version."""
        made = [a_revision("Vera", "09:00", "verify"), a_revision("Vera", "09:05", "sign")]
        made += [a_revision("Vera", "09:06", "spare"), a_revision("Vera", "09:07", "reopen")]
        assert time_spent({"t": made})["t"]["Vera"] == TimeSpent(0, 1, 1)

    def test_nobody(self) -> None:
        """A transcript that nobody touched took nobody any time."""
        assert time_spent({"t": []}) == {"t": {}}

    @pytest.mark.parametrize("at", ["2026-03-02T10:00:00", "yesterday"])
    def test_times_need_their_offset(self, at: str) -> None:
        """A time that could be any hour is refused."""
        with pytest.raises(BadValue):
            time_spent({"t": [replace(a_revision("Inês", "09:00"), at=at)]})

    @settings(deadline=None)
    @given(st.lists(st.integers(0, 59), max_size=30), st.integers(0, 60))
    def test_never_more_than_passed(self, minutes: list[int], pause: int) -> None:
        """The estimate never exceeds the time from the first decision to the last."""
        made = [a_revision("Inês", f"09:{minute:02}") for minute in minutes]
        found = time_spent({"t": made}, pause)["t"].get("Inês", TimeSpent())
        assert found.work_ms <= (max(minutes, default=0) - min(minutes, default=0)) * 60_000
        assert found.decisions == len(minutes)


def a_model(name: str) -> Models:
    """Return a pair of models with a name."""
    return Models(Model("faster-whisper", "1.2.1", name, "33" * 32), Model.of(TRANSLATION))


def a_point(day: int, name: str = "medium", *texts: tuple[str, str]) -> Point:
    """Return the figures of a transcript on a day of March."""
    found = figures(a_worth(*(texts or (WATER, SAME))), resamples=20)
    return Point(date(2026, 3, day), a_model(name), found.word_error_rate, found.chrf)


class TestPlot:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_stands_alone(self, language: Literal["en", "pt"]) -> None:
        """It is XML, titled and described in words, and loads nothing."""
        text = plot([a_point(1), a_point(9), a_point(4, "small")], language, practice=False)
        root = ET.fromstring(text)
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img" and root.get("lang") == language
        assert [root[0].tag, root[1].tag] == [space + "title", space + "desc"]
        assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"
        described = root[1].text or ""
        assert described.count("2026-03-0") == 3
        assert ("27.3 %" if language == "en" else "27,3 %") in described
        assert {element.tag.removeprefix(space) for element in root.iter()} <= {
            "svg", "title", "desc", "rect", "path", "circle", "text",
        }  # fmt: skip
        assert "href" not in text and "url(" not in text

    def test_models_differ_without_colour(self) -> None:
        """Two models have other points and other lines; every colour is a grey."""
        points = [a_point(1, "a"), a_point(2, "a"), a_point(1, "b"), a_point(2, "b")]
        text = plot(points, practice=False)
        assert text.count("<circle") == 2 * 2 + 1  # two panels and the legend
        assert text.count("m-4 -4h8v8h-8z") == 2 * 2 + 1
        assert 'stroke-dasharray="7 4"' in text
        assert set(re.findall(r"#\w+", text)) <= {"#ccc", "#777"}

    def test_order_does_not_matter(self) -> None:
        """The same points give the same bytes."""
        points = [a_point(3), a_point(1, "b"), a_point(2)]
        assert plot(points, practice=False) == plot(points[::-1], practice=False)

    def test_within_the_picture(self) -> None:
        """Rates above 100 %, one day only and one point only stay inside their frames."""
        wild = a_point(1, "a", ("a b c d e f g h", "z"), ("b a", "x"))
        root = ET.fromstring(plot([wild, wild, a_point(1, "b")], practice=False))
        circles = [e for e in root.iter() if e.tag.endswith("circle")]
        assert circles
        for circle in circles:
            assert 0 < float(circle.get("cx", "")) < 720
            assert 0 < float(circle.get("cy", "")) < float(root.get("height", ""))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_nothing_and_practice(self, language: Literal["en", "pt"]) -> None:
        """No points, or none that could be measured, and a practice vault are said in words."""
        silent = a_point(1, "a", ("", ""))
        for points in ([], [silent]):
            root = ET.fromstring(plot(points, language, practice=True))
            watermark = "PRACTICE" if language == "en" else "PRÁTICA"
            assert (root[1].text or "").startswith(watermark)
            assert any(watermark in (e.text or "") for e in root.iter() if e.tag.endswith("text"))

    def test_names_are_escaped(self) -> None:
        """A model's name cannot write markup."""
        root = ET.fromstring(plot([a_point(1, "<script>&")], practice=False))
        assert not [e for e in root.iter() if "script" in e.tag]
        assert any("<script>&" in (e.text or "") for e in root.iter())


def some_facts(**given_fields: Any) -> Facts:
    """Return the facts of a small study."""
    worth = a_worth(WATER, SAME, spent={"Inês": TimeSpent(300_000, 1, 9)})
    fields: dict[str, Any] = {
        "software_version": "0.1.0",
        "languages": ("pt", "en"),
        "target_language": "en",
        "protocol": "intelligent verbatim",
        "interview_ms": (3_600_000, 1_800_000, 5_400_000),
        "recordings": 4,
        "transcripts": 4,
        "correctors": 2,
        "verifiers": 1,
        "verified": 120,
        "unplayed": 3,
        "worth": worth,
        "figures": figures(worth),
    }
    return Facts(**fields | given_fields)


class TestParagraph:
    def test_english(self) -> None:
        """It names engines, models, digests, people, the rules and the figures with intervals."""
        text = paragraph(some_facts())
        for part in (
            "Interviews in Portuguese and English were transcribed and translated into English",
            "3 interviews, 4 recordings, 3 h 0 min of sound; 4 signed transcripts",
            f"the model medium in faster-whisper 1.2.1 (SHA-256 {'33' * 32})",
            f"the model pt_en in argos 1.11.0 (SHA-256 {'44' * 32})",
            "“intelligent verbatim”",
            "correctors: 2; verifiers: 1",
            "3 of 120 segments",
            "Every segment was verified.",
            "word error rate of 27.3 % (95 % interval ",
            "1 substitutions, 2 deletions and 0 insertions for 11 words",
            "chrF2|nrefs:1",
            "50.0 % (1 of 2)",
            "at least 0 h 5 min of work, or 5.0 minutes for each minute of sound",
            "1000 resamples",
            "would be higher",
        ):
            assert part in text

    def test_portuguese(self) -> None:
        """The Portuguese paragraph has the same facts and Portuguese numbers."""
        text = paragraph(some_facts(), "pt")
        for part in ("em português e inglês", "27,3 %", "50,0 % (1 de 2)", "0 h 5 min", "33" * 32):
            assert part in text
        assert "27.3" not in text

    def test_same_sentences(self) -> None:
        """No sentence is missing in one language, and each has the same blanks."""
        blanks = {
            language: {
                name: sorted(re.findall(r"\{\w+\}", text))
                for name, text in methods._SENTENCES[language].items()
            }
            for language in LANGUAGES
        }
        assert blanks["en"] == blanks["pt"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_sampling_plans(self, language: Literal["en", "pt"]) -> None:
        """Each plan is told with its share, its bound and what came of it; full is not claimed."""
        say = methods._SENTENCES[language]
        two = (Sampled(200, 55, 2, 1), Sampled(300, 50, 1, 1))
        text = paragraph(some_facts(sampled=two), language)
        point = "." if language == "en" else ","
        for part in (f"20{point}0 %", f"5{point}5 %", f"30{point}0 %", say["rest"], say["drawn"]):
            assert part in text
        assert say["full"] not in text
        returned = paragraph(some_facts(sampled=(Sampled(200, 55, 4, 4),)), language)
        assert say["rest"] not in returned and say["drawn"] not in returned

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_share_that_is_played(self, language: Literal["en", "pt"]) -> None:
        """What the study asks to be played is told as it is."""
        assert "95 %" in paragraph(some_facts(played_percent=95, worth=a_worth()), language)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_practice_and_nothing(self, language: Literal["en", "pt"]) -> None:
        """A practice vault says so first; a study without speech claims no figure."""
        practice = EngineRecord("faster-whisper", "1.2.1", "practice-speech", "", True, {})
        worth = a_worth(speech=practice)
        text = paragraph(some_facts(worth=worth, figures=figures(worth), interview_ms=()), language)
        assert text.startswith(("PRACTICE", "PRÁTICA"))
        assert methods._SENTENCES[language]["none"] in text
        assert "chrF" not in text


class TestCoreq:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_all_items(self, language: Literal["en", "pt"]) -> None:
        """There are 32 items; what is not known is left to the team."""
        items = coreq(some_facts(), language)
        assert [item.number for item in items] == list(range(1, 33))
        assert len({item.topic for item in items}) == 32
        assert [item.number for item in items if item.answer] == [19, 21, 27]

    def test_known_facts(self) -> None:
        """Each fact that is known answers its item, zero included."""
        facts = some_facts(participants=5, repeated=0, sites=2, with_interpreter=3, with_notes=0)
        answers = {item.number: item.answer for item in coreq(facts)}
        assert {number for number, answer in answers.items() if answer} == {
            12, 14, 15, 18, 19, 20, 21, 27,
        }  # fmt: skip
        assert answers[12] == "5 participant codes occur in 3 interviews."
        assert "0 h 30 min to 1 h 30 min (median 1 h 0 min)" in answers[21]
        assert answers[20].endswith("0 of 3 interviews.")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_text(self, language: Literal["en", "pt"]) -> None:
        """Every item is in the text once: answered, or for the team to write."""
        facts = some_facts(participants=5)
        text = coreq_text(facts, language)
        for item in coreq(facts, language):
            assert text.count(f"{item.number}. {item.topic}") == 1
        assert "Tong et al." in text

    def test_empty_study(self) -> None:
        """A study without interviews answers no item, and practice says so."""
        empty = combined([])
        nothing: Figures = figures(empty)
        facts = some_facts(worth=empty, figures=nothing, interview_ms=(), recordings=0)
        assert not any(item.answer for item in coreq(facts))
        practice = replace(facts, worth=replace(empty, practice=True))
        assert coreq_text(practice).startswith("PRACTICE")
