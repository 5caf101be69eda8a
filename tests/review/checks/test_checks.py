"""What each check sees, and what it leaves alone."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confere.review.checks import (
    MESSAGES,
    Context,
    Finding,
    Level,
    SegmentTexts,
    WordEntry,
    WordStatus,
    check_segment,
    check_transcript,
)

NONE = Context()


def seen(source: str, target: str, context: Context = NONE, **more: object) -> list[Finding]:
    """Return the findings of one segment."""
    return check_segment(SegmentTexts("s", source, target, **more), context)  # type: ignore[arg-type]


def ids(source: str, target: str, context: Context = NONE, **more: object) -> list[str]:
    """Return the message ids of one segment's findings."""
    return [finding.message_id for finding in seen(source, target, context, **more)]


def cut(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Return the pieces of a text that spans point at."""
    return [text[start:end] for start, end in spans]


class TestPresence:
    def test_a_missing_translation_is_an_error(self) -> None:
        """A source without a target is told, and nothing else about it."""
        [finding] = seen("Não tinha luz em 1987.", " ")
        assert (finding.message_id, finding.level) == ("empty.target", Level.ERROR)

    def test_a_translation_of_nothing_is_an_error(self) -> None:
        """A target without a source is told."""
        assert ids("", "There was no light.") == ["empty.source"]

    def test_an_untranslated_text_is_an_error(self) -> None:
        """A target that is the source is told, whatever its case and stops."""
        assert "untranslated.equal" in ids("Não tinha luz.", "não tinha luz")

    @pytest.mark.parametrize("text", ["Hum.", "Ah, ah.", "Maria José.", "1992.", "[laughter]"])
    def test_names_interjections_and_digits_may_be_equal(self, text: str) -> None:
        """What is the same in both languages is not told."""
        assert ids(text, text) == []


class TestMarks:
    @pytest.mark.parametrize(
        ("source", "target"),
        [
            ("Eu vi [inaudible 00:12:03] lá.", "I saw [inaudible 00:12:03] there."),
            ("[risos] É.", "[laughter] Yes."),
            ("Foi o [unclear: mato? 00:01:02].", "It was the [unclear: woods? 00:01:02]."),
            ("Espera. [interruption: telefone]", "Wait. [interruption: phone]"),
            ("É uma gambiarra.", "It is a gambiarra [translator note: a makeshift fix]."),
            ("O [NAME-1] foi pra [PLACE-2].", "[NAME-1] went to [PLACE-2]."),
            ("[pause 5s] Não.", "[pause 5 s] No."),
        ],
    )
    def test_the_same_marks_are_not_flagged(self, source: str, target: str) -> None:
        """Marks that agree in kind and time agree."""
        assert [i for i in ids(source, target) if i.startswith("marks")] == []

    @pytest.mark.parametrize(
        ("source", "target", "told"),
        [
            ("Eu vi [laughter].", "I saw.", "marks.missing"),
            ("Eu vi.", "I saw [laughter].", "marks.added"),
            ("Eu [inaudible 00:12:03].", "I [inaudible 00:21:03].", "marks.differ"),
            ("[NAME-1] e [NAME-2]", "[NAME-2] and [NAME-1]", "marks.order"),
            ("Eu vi [laughter].", "I saw [laughter.", "marks.open"),
        ],
    )
    def test_other_marks_are_an_error(self, source: str, target: str, told: str) -> None:
        """A mark lost, invented, changed, moved or not closed is told."""
        found = {finding.message_id: finding.level for finding in seen(source, target)}
        assert found[told] is Level.ERROR

    def test_the_time_of_a_mark_is_no_number(self) -> None:
        """What stands in a mark is compared as a mark alone."""
        told = ids("Fui [inaudible 00:12:03].", "I went [inaudible 00:12:04].")
        assert told == ["marks.differ"]


class TestIdentity:
    NAMES = Context(names=("Rosa Quintela", "Ivanilde"))

    def test_a_name_is_an_error_in_either_text(self) -> None:
        """A whole name or its first name is told with the place where it stands."""
        source, target = "Aí a Ivanilde chegou.", "Then Ivanilde's sister came."
        finding = seen(source, target, self.NAMES)[0]
        assert (finding.level, finding.parameters["side"]) == (Level.ERROR, "both texts")
        assert cut(source, finding.source_spans) == ["Ivanilde"]

    def test_case_and_accents_hide_nobody(self) -> None:
        """A machine draft may write a name small."""
        assert "identity.name" in ids("falei com a rosa quintela", "I spoke with her", self.NAMES)

    def test_a_common_word_is_not_a_name(self) -> None:
        """A rose is not Rosa, unless it has a capital."""
        assert "identity.name" not in ids("A flor rosa caiu.", "The pink flower fell.", self.NAMES)
        assert "identity.name" in ids("A Rosa caiu.", "She fell.", self.NAMES)

    def test_speech_in_the_target_language_is_looked_at_too(self) -> None:
        """The interpreter's own English may hold a name."""
        text = "She says Ivanilde left."
        assert ids(text, text, self.NAMES, language="en") == ["identity.name"]


class TestNegation:
    @pytest.mark.parametrize(
        ("source", "target"),
        [
            ("Ele sabia.", "He didn't know."),
            ("Não vi ninguém lá.", "I saw everybody there."),
            ("Eu nunca voltei.", "I always went back."),
            ("Ele chegou. Eu não fui.", "He didn't arrive. I went."),
            ("Fiquei sem casa.", "I had a house."),
            ("Só recebi metade.", "I didn't only get half."),
        ],
    )
    def test_a_denial_lost_or_invented_is_a_warning(self, source: str, target: str) -> None:
        """The worst silent error is told."""
        found = [f for f in seen(source, target) if f.check == "negation"]
        assert found and {f.level for f in found} == {Level.WARNING}

    @pytest.mark.parametrize(
        ("source", "target"),
        [
            ("Não vi ninguém.", "I didn't see anybody."),
            ("Não fui não.", "I didn't go."),
            ("Não, não fui.", "No, I didn't."),
            ("É difícil, né?", "It's hard, isn't it?"),
            ("Pois não, pode falar.", "Of course, go ahead."),
            ("Chorava que nem criança.", "She cried like a child."),
            ("Não faltava comida.", "There was always food."),
            ("Só fui à escola com dez anos.", "I didn't go to school until I was ten."),
            ("Ele se recusou a sair.", "He wouldn't leave."),
            ("Sem luz, sem água, sem nada.", "No light, no water, nothing."),
            ("Num sei.", "I don't know."),
            ("Não é fácil, não.", "It isn't easy."),
            ("Não sei se ele vem ou não.", "I don't know whether he's coming or not."),
            ("Só recebi metade.", "I only got half."),
            ("Ele vivia num lugar bonito.", "He lived in a pretty place."),
        ],
    )
    def test_the_same_denial_is_not_flagged(self, source: str, target: str) -> None:
        """Doubled denials, tags and words that deny quietly raise nothing."""
        assert [i for i in ids(source, target) if i.startswith("negation")] == []


class TestStretches:
    def test_a_dropped_clause_is_a_warning(self) -> None:
        """A clause with words of its own that stands nowhere is told."""
        source = "Queimaram a escola e depois roubaram o gado dos vizinhos."
        found = [f for f in seen(source, "They burned the school.") if f.check == "omission"]
        assert found and "gado" in found[0].parameters["source"]

    def test_an_invented_clause_is_a_warning(self) -> None:
        """So is one that nobody said."""
        target = "They burned the school, and the teacher cried because her father was sick."
        assert "addition.words" in ids("Queimaram a escola.", target)

    def test_length_far_off_is_a_warning(self) -> None:
        """A translation of half the words is told with both counts."""
        source = "Eu trabalhava na casa dela todo dia, de manhã até a noite."
        [finding] = [f for f in seen(source, "I worked.") if f.check == "length"]
        assert finding.parameters == {"source": "12", "target": "2"}

    def test_short_answers_may_be_of_any_length(self) -> None:
        """Five words or fewer are not measured."""
        assert "length.long" not in ids("Tomara que sim.", "I really do hope that it will be so.")


class TestNames:
    def test_another_name_is_a_warning(self) -> None:
        """A name that became another one is told on both sides."""
        told = ids("A minha irmã Joana mora aqui.", "My sister Marta lives here.")
        assert {"names.missing", "names.added"} <= set(told)

    def test_even_where_a_sentence_begins(self) -> None:
        """A first word is a name if the other text has another name in its place."""
        assert "names.missing" in ids("Joana mora aqui.", "Marta lives here.")

    @pytest.mark.parametrize(
        ("source", "target"),
        [
            ("Eu trabalhei em Lisboa.", "I worked in Lisbon."),
            ("Veio a Polícia Militar.", "The Military Police came."),
            ("Foi pelo SUS.", "It was through the public system."),
            ("Os bolivianos dormem lá.", "The Bolivians sleep there."),
            ("Depois da missa de Natal.", "After the Christmas mass."),
            ("Desenterraram os mortos.", "They dug up the dead."),
        ],
    )
    def test_names_that_english_spells_otherwise_are_known(self, source: str, target: str) -> None:
        """Exonyms, institutions, peoples and abbreviations raise nothing."""
        assert [i for i in ids(source, target) if i.startswith("names")] == []


class TestQuestions:
    def test_a_question_made_a_statement_is_a_warning(self) -> None:
        """Portuguese asks without changing the order."""
        assert "questions.lost" in ids("Você tem medo deles?", "You are afraid of them.")

    def test_a_statement_made_a_question_is_a_warning(self) -> None:
        """And the other way."""
        assert "questions.added" in ids("Você tem medo deles.", "Are you afraid of them?")

    def test_tags_are_no_questions(self) -> None:
        """A nod asked for may be left out or put in."""
        assert ids("É a vida, né?", "That's life.") == []
        assert ids("É a vida.", "That's life, you know?") == []


class TestLeftover:
    def test_portuguese_in_the_translation_is_a_warning(self) -> None:
        """Stop words, Portuguese letters and known words are told in one finding."""
        target = "They took the roupa and the coração of minha mother."
        source = "Levaram a roupa e o coração da minha mãe."
        [finding] = [f for f in seen(source, target) if f.check == "leftover"]
        assert cut(target, finding.target_spans) == ["roupa", "coração", "minha"]

    def test_names_and_kept_words_may_stay(self) -> None:
        """São José is a name, favela is English, and the word list may keep a word."""
        kept = Context(words=(WordEntry("roça", "roça", WordStatus.KEEP),))
        target = "In São José dos Campos the favela is near the roça."
        source = "Em São José dos Campos a favela fica perto da roça."
        assert ids(source, target, kept) == []

    def test_portuguese_speech_marked_as_english_is_a_warning(self) -> None:
        """Nothing else would look at a segment whose language is wrong."""
        text = "A gente não tinha para onde ir."
        assert ids(text, text, language="en") == ["language.words"]


class TestWordList:
    def test_inflections_of_a_required_word_count(self) -> None:
        """Plurals and genders of both languages are the same entry."""
        words = Context(words=(WordEntry("assentado", "settler", WordStatus.REQUIRED),))
        assert ids("As assentadas vieram.", "The settlers came.", words) == []
        assert "wordlist.required" in ids("As assentadas vieram.", "The farmers came.", words)

    def test_one_of_several_required_words_is_enough(self) -> None:
        """Two entries of the same source are alternatives."""
        words = Context(
            words=(
                WordEntry("despejo", "eviction", WordStatus.REQUIRED),
                WordEntry("despejo", "removal", WordStatus.REQUIRED),
            )
        )
        assert ids("Foi o despejo.", "It was the removal.", words) == []

    def test_a_forbidden_word_is_a_warning_only_for_its_source(self) -> None:
        """The same English word may stand for something else."""
        words = Context(words=(WordEntry("morro", "hill", WordStatus.FORBIDDEN),))
        assert "wordlist.forbidden" in ids("Subi o morro.", "I climbed the hill.", words)
        assert "wordlist.forbidden" not in ids("Subi a serra.", "I climbed the hill.", words)

    def test_a_kept_word_must_stay(self) -> None:
        """Keep as is means in the translation too."""
        words = Context(words=(WordEntry("mutirão", "", WordStatus.KEEP),))
        assert "wordlist.keep" in ids("Fizemos um mutirão.", "We worked together.", words)
        assert "wordlist.keep" not in ids("Fizemos um mutirão.", "We held a mutirão.", words)


class TestSound:
    def test_a_loop_is_a_warning(self) -> None:
        """A phrase in a circle is told once, with how often it comes."""
        source = "Eu fui lá " * 4
        [finding] = [f for f in seen(source, "I went there.") if f.check == "loop"]
        assert (finding.parameters["times"], finding.parameters["text"]) == ("4", "Eu fui lá")

    def test_people_repeat_themselves(self) -> None:
        """Three times no is no loop."""
        assert not [i for i in ids("Não, não, não!", "No, no, no!") if i.startswith("loop")]

    def test_text_where_nobody_speaks_is_a_warning(self) -> None:
        """The mark of the speech engine and a text contradict each other."""
        assert "sound.silence" in ids("Obrigada.", "Thank you.", marks=("no-speech",))

    @pytest.mark.parametrize(
        ("mark", "told"),
        [
            ("invention", "sound.invention"),
            ("loop", "loop.sentences"),
            ("wrong-language", "language.other"),
            ("word-rate", "sound.rate"),
        ],
    )
    def test_what_the_engine_distrusts_is_a_warning_while_there_are_words(
        self, mark: str, told: str
    ) -> None:
        """Each mark is told once, and not where the words were taken away."""
        assert told in ids("Eu fui lá.", "I went there.", marks=(mark,))
        assert told not in ids("", "", marks=(mark,))

    def test_what_the_text_shows_is_not_told_twice(self) -> None:
        """A loop in the words, and too many of them, are told with their numbers, not by their marks."""
        seen = ids("Eu fui lá " * 4, "I went there.", marks=("loop", "word-rate"), duration_ms=500)
        assert {"loop.words", "sound.fast"} <= {*seen}
        assert not {"loop.sentences", "sound.rate"} & {*seen}

    def test_missed_speech_is_a_warning_until_the_words_are_there(self) -> None:
        """No words, too few for the time, and then enough; a transcript mark says enough, too."""
        missed: Any = {"marks": ("missed-speech",), "duration_ms": 4_000}
        assert ids("", "", **missed) == ["sound.unheard"]
        assert "sound.missed" in ids("Eu fui lá.", "I went there.", **missed)
        text = "Eu fui lá ontem de manhã com a minha filha."
        assert "sound.missed" not in ids(
            text, "I went there yesterday morning with my daughter.", **missed
        )
        assert ids("[crying]", "[crying]", **missed) == []

    def test_words_are_counted_in_every_script(self) -> None:
        """Hindi at an ordinary pace is neither too fast nor a loop: vowel signs are no words."""
        text = "मैं पिछले साल से इस अस्पताल में काम कर रही हूँ और हर दिन बस से आती जाती हूँ।"
        found = ids(text, "I work here.", language="hi", duration_ms=6_000)
        assert not [each for each in found if each.startswith(("sound", "loop"))]
        assert "sound.fast" in ids(text, "I work here.", language="hi", duration_ms=1_000)

    def test_too_many_and_too_few_words_are_warnings(self) -> None:
        """Nobody says nine words in half a second, or one in a minute."""
        text = "um dois três quatro cinco seis sete oito nove"
        assert "sound.fast" in ids(text, text, duration_ms=500)
        assert "sound.untold" in ids("Sim.", "Yes.", duration_ms=60_000)
        assert "sound.untold" not in ids("[crying] Sim.", "[crying] Yes.", duration_ms=60_000)


class TestInfo:
    @pytest.mark.parametrize(
        ("source", "target", "told"),
        [
            ("A gente foi embora.", "They went away.", "person.we"),
            ("Eu fui embora.", "He went away.", "person.first"),
            ("Perdi seu livro.", "I lost his book.", "person.yours"),
            ("Ela foi embora.", "He went away.", "gender.other"),
            ("Foi embora ontem.", "She left yesterday.", "gender.open"),
            ("Ele pretende voltar.", "He pretends to come back.", "friends.word"),
            ("Os parentes vieram.", "The parents came.", "friends.word"),
        ],
    )
    def test_choices_that_english_makes_are_told(self, source: str, target: str, told: str) -> None:
        """Persons, genders and false friends are worth a look, and no more."""
        found = {finding.message_id: finding.level for finding in seen(source, target)}
        assert found[told] is Level.INFO


class TestTranscript:
    def test_the_same_words_translated_otherwise_are_told_on_both(self) -> None:
        """Each of the two segments names the other's text."""
        said = "Eu nunca mais voltei lá."
        found = check_transcript(
            [
                SegmentTexts("a", said, "I never went back there."),
                SegmentTexts("b", said, "I never returned to that place."),
                SegmentTexts("c", said, "I never went back there."),
            ],
            NONE,
        )
        told = {key: [f.message_id for f in value] for key, value in found.items()}
        assert told == {key: ["inconsistent.target"] for key in "abc"}
        assert found["a"][0].parameters == {"other": "I never returned to that place."}

    def test_one_translation_of_two_sayings_is_told(self) -> None:
        """The reverse counts too."""
        found = check_transcript(
            [
                SegmentTexts("a", "Eu nunca mais voltei lá.", "I never went back there."),
                SegmentTexts("b", "Nunca mais pisei ali.", "I never went back there."),
            ],
            NONE,
        )
        assert [f.message_id for f in found["b"]] == ["inconsistent.source"]

    def test_short_answers_may_differ(self) -> None:
        """Three words or fewer depend on what was asked."""
        found = check_transcript(
            [SegmentTexts("a", "É isso.", "That's it."), SegmentTexts("b", "É isso.", "It is.")],
            NONE,
        )
        assert found == {"a": [], "b": []}


class TestFindings:
    def test_a_dismissal_ends_with_the_text(self) -> None:
        """The key is stable for the same texts and changes with either of them."""
        [first] = seen("Eram dois.", "There were three.")
        [again] = seen("Eram dois.", "There were three.")
        [other] = seen("Eram dois.", "They were three.")
        assert first.key == again.key != other.key
        assert len(first.key) == 64

    def test_errors_come_first(self) -> None:
        """The list is sorted by level."""
        levels = [f.level for f in seen("A gente não viu 2 homens?", "They saw 3 men.")]
        assert levels == sorted(levels, key=list(Level).index)
        assert len(set(levels)) == 3

    def test_every_sentence_can_be_filled(self) -> None:
        """A message names its parameters, which another language may put elsewhere."""
        for message_id, (_, sentence) in MESSAGES.items():
            names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            assert sentence.format(**dict.fromkeys(names, "x")).endswith((".", "x")), message_id

    def test_speech_in_the_target_language_is_not_compared(self) -> None:
        """One text on both sides is what that speech has."""
        text = "He says that there were 12 men, and nobody helped them?"
        assert ids(text, text, language="en") == []

    def test_other_languages_get_what_fits_any(self) -> None:
        """Hindi is not read as Portuguese."""
        assert ids("वहाँ कोई नहीं था।", "There was nobody there.", language="hi") == []
        assert ids("[laughter] हाँ", "Yes", language="hi") == ["marks.missing"]

    @given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["pt", "en", "hi"]))
    def test_any_text_can_be_checked(self, source: str, target: str, language: str) -> None:
        """No text makes a check fail, and every span lies inside its text."""
        for finding in seen(source, target, Context(names=("Ana Lima",)), language=language):
            assert all(0 <= start < end <= len(source) for start, end in finding.source_spans)
            assert all(0 <= start < end <= len(target) for start, end in finding.target_spans)
            assert finding.message_id in MESSAGES


class TestIdentityOfAFinding:
    def test_it_is_of_its_language(self) -> None:
        """The same texts, said to be in another language, are looked at anew."""
        said, told = "Dez pessoas vieram ontem para ver a casa.", "People came."
        [first] = [f for f in seen(said, told) if f.check == "length"]
        [other] = [f for f in seen(said, told, language="es") if f.check == "length"]
        assert first.key != other.key

    def test_what_is_seen_twice_is_told_once(self) -> None:
        """With both places."""
        [finding] = seen("[risos] Pois é. [risos]", "That is so.")
        assert finding.message_id == "marks.missing"
        assert len(finding.source_spans) == 2

    def test_a_name_is_pointed_at_and_never_told(self) -> None:
        """The sentence goes into documents; who reads the text does not read the key."""
        key = Context(names=("Rosa Quintela", "Rosa Pires"))
        [finding] = [f for f in seen("A Rosa caiu.", "She fell.", key) if f.check == "identity"]
        assert finding.message == "A name of the identity key stands in the source."
        assert finding.parameters == {"side": "the source", "text": "Rosa"}
        assert "Quintela" not in repr(key)

    @pytest.mark.parametrize("nickname", ["Zé", "Lu", "Bá"])
    def test_a_short_nickname_is_found(self, nickname: str) -> None:
        """With a capital; a first name of a longer one needs three letters."""
        key = Context(names=(nickname,))
        assert "identity.name" in ids(f"Falei com {nickname} ontem.", "We spoke.", key)
        assert "identity.name" not in ids("Falei com ze lu ba ontem.", "We spoke.", key)

    def test_a_long_word_list_is_asked_by_first_letters(self) -> None:
        """What is inflected is still found, whatever stands before it on the list."""
        entries = [WordEntry(w, "x", WordStatus.REQUIRED) for w in ("pá", "a", "quilombo", "mês")]
        words = Context(words=tuple(entries))
        text = "Os quilombos daquelas terras ficam longe das pás."
        found = seen(text, "The communities of those lands are far away from here.", words)
        told = [f.parameters["source"] for f in found if f.message_id == "wordlist.required"]
        assert told == ["pá", "quilombo"]
