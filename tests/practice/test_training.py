"""The trainers, on a handful of sentences: windows, a few steps, and the files they write."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from practice.synthesis import Voice

from practice import (
    batches,
    export_speech,
    sentences,
    speech_corpus,
    train_speech,
    train_translation,
    vocabulary,
    windows,
)


@pytest.fixture(scope="module")
def words() -> vocabulary.Vocabulary:
    """A vocabulary learnt from a few hundred sentences."""
    return vocabulary.Vocabulary(
        vocabulary.learn(text for pair in sentences.development() for text in pair)
    )


@pytest.fixture
def corpus(
    espeak: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> speech_corpus.SpeechCorpus:
    """Twelve utterances as the corpus holds them."""
    portuguese = [pair[0] for pair in sentences.development()[:8]]
    english = [pair[1] for pair in sentences.development()[8:12]]
    monkeypatch.setattr(sentences, "for_speech", lambda: (portuguese[:6], english[:3]))
    monkeypatch.setattr(sentences, "short_for_speech", lambda: (portuguese[6:], english[3:]))
    speech_corpus.build(tmp_path / "corpus", processes=1)
    return speech_corpus.SpeechCorpus(tmp_path / "corpus")


@pytest.fixture
def maker(corpus: speech_corpus.SpeechCorpus, words: vocabulary.Vocabulary) -> windows.ExampleMaker:
    """Draws examples from the twelve."""
    return windows.ExampleMaker(corpus, words, random.Random(1))


def test_the_corpus_comes_back_as_it_was_spoken(corpus: speech_corpus.SpeechCorpus) -> None:
    """Texts, languages and lengths agree after writing and reading."""
    assert [len(corpus.of_language(code)) for code in ("pt", "en")] == [8, 4]
    for index, spoken in enumerate(corpus.utterances):
        assert abs(len(corpus.raw(index)) / 100 - spoken.duration) < 0.03
        assert len(spoken.word_starts) == len(spoken.text.split())


def test_every_example_is_whole(maker: windows.ExampleMaker, words: vocabulary.Vocabulary) -> None:
    """Tokens end with the end, have a span or none each, and phonemes cover the features."""
    for number in range(150):
        example = maker.short() if number % 5 == 0 else maker.clip(3_000)
        assert example.tokens[-1] == words.end
        assert words.start in example.tokens
        assert len(example.tokens) == len(example.spans)
        assert len(example.phonemes) == (len(example.features) + 1) // 2
        assert example.offset + len(example.phonemes) <= 1_500
        assert max(example.tokens) < words.rows


def test_no_batch_reaches_beyond_the_position_table(
    maker: windows.ExampleMaker, words: vocabulary.Vocabulary
) -> None:
    """However windows of different lengths and places meet in a batch, and however it is padded."""
    for make in (maker.short, lambda: maker.clip(1_000)):
        stream = batches.bucketed(make, 160, words, random.Random(1))
        for _ in range(20):
            batch = next(stream)
            assert batch.features.shape[2] % 2 == 0
            assert int(batch.offsets.max()) + batch.features.shape[2] // 2 <= 1_500


def test_with_timestamps_the_first_sentence_ends_twice(
    maker: windows.ExampleMaker, words: vocabulary.Vocabulary
) -> None:
    """So whoever decodes knows where to read on."""
    timed = [maker.first_of_many(3_000) for _ in range(20)]
    for example in timed:
        assert example.tokens[-2] == example.tokens[-3] >= words.first_time
        assert sum(token >= words.first_time for token in example.tokens) == 3


def test_a_sentence_parts_at_its_comma(
    maker: windows.ExampleMaker, words: vocabulary.Vocabulary
) -> None:
    """Both sides together are the text, and each has its share of the sound."""
    texts = set()
    for _ in range(200):
        whole = maker.sentence("pt")
        part = maker.part(whole)
        if part is not None:
            assert 0 < len(part.raw) < len(whole.raw)
            assert len(part.tokens) == len(part.spans) < len(whole.tokens)
            texts.add(words.tokenizer.decode(part.tokens))
    assert any(text.endswith(",") for text in texts)
    assert any(text.endswith(".") for text in texts)


def test_padding_is_zero_and_prompts_have_no_loss(
    maker: windows.ExampleMaker, words: vocabulary.Vocabulary
) -> None:
    """faster-whisper pads with zeros; a prompt is given, not learnt."""
    example = maker.prompted(maker.clip(1_000))
    batch = batches.collate([example], 3_000, words)
    assert not batch.features[0, :, len(example.features) :].any()
    assert (batch.targets[0, : example.prompt] == batches.IGNORED).all()
    assert batch.targets[0, -1] == words.end


def test_tokens_lie_in_the_time_of_their_words(words: vocabulary.Vocabulary) -> None:
    """The pieces of a word share its time by their letters, in order."""
    spoken = speech_corpus.Spoken("Bom dia.", "pt", "pt", 1.0, [0.0, 0.4], [])
    _, offsets = words.encode(spoken.text)
    times = windows.token_times(spoken, offsets)
    assert times[0][0] == 0.0
    assert times[-1][1] == 1.0
    assert all(a <= b for a, b in times)
    assert [a for a, _ in times] == sorted(a for a, _ in times)


def test_a_few_steps_train_and_what_they_write_loads(
    corpus: speech_corpus.SpeechCorpus,
    words: vocabulary.Vocabulary,
    tmp_path: Path,
    two_threads: None,
) -> None:
    """Both stages run, the checkpoint warms a second start, and faster-whisper takes the folder."""
    plan = replace(train_speech.FROM_SCRATCH, short_steps=1, clip_steps=2, seconds_per_batch=20)
    plan = replace(plan, full_batch=1, full_share_early=0.5)
    checkpoint = tmp_path / "speech.pt"
    told: list[str] = []
    train_speech.train(corpus, words, plan, checkpoint, None, told.append)
    train_speech.train(
        corpus, words, replace(plan, short_steps=0), checkpoint, checkpoint, told.append
    )
    assert any("warm start from speech.pt; new: nothing" in line for line in told)
    export_speech.export(
        export_speech.network_of(checkpoint),
        export_speech.vocabulary_of(checkpoint),
        tmp_path / "out",
    )
    from faster_whisper import WhisperModel

    model = WhisperModel(str(tmp_path / "out"), device="cpu", compute_type="int8", cpu_threads=2)
    assert model.model.is_multilingual
    segments, _ = model.transcribe(np.zeros(16_000, np.float32), language="pt", max_new_tokens=5)
    list(segments)


def test_what_is_exported_computes_what_was_trained(
    words: vocabulary.Vocabulary, tmp_path: Path, two_threads: None
) -> None:
    """The encoder of the written folder gives PyTorch's states, to int8's precision."""
    import ctranslate2
    import torch
    from practice.network import PracticeWhisper, Shape

    torch.manual_seed(0)
    network = PracticeWhisper(Shape(words.rows, vocabulary.TIMESTAMPS, 5)).eval()
    export_speech.export(network, words, tmp_path / "out")
    features = np.random.default_rng(0).normal(0, 0.5, (1, 80, 3_000)).astype(np.float32)
    model = ctranslate2.models.Whisper(str(tmp_path / "out"), compute_type="int8", intra_threads=2)
    found = np.array(model.encode(ctranslate2.StorageView.from_array(features)))
    with torch.no_grad():
        wanted = network.encoder(torch.from_numpy(features), torch.zeros(1, dtype=torch.long))
    assert np.corrcoef(found.ravel(), wanted.numpy().ravel())[0, 1] > 0.999


def test_the_translation_trainer_writes_a_package_that_translates(
    tmp_path: Path, two_threads: None
) -> None:
    """Two steps do not teach a language, but all files are there and CTranslate2 takes them."""
    pytest.importorskip("onnx")
    import ctranslate2

    from practice import export_translation

    pairs = sentences.development()
    pieces = train_translation.learn_pieces(pairs)
    plan = replace(train_translation.TranslationPlan(), steps=2, batch=16)
    network = train_translation.train(pairs, pieces, plan, say=lambda line: None)
    packages = [export_translation.export(network, pieces, tmp_path / name) for name in "ab"]
    assert packages[0].read_bytes() == packages[1].read_bytes()
    with zipfile.ZipFile(packages[0]) as archive:
        names = {name.removeprefix(f"{export_translation.PACKAGE}/") for name in archive.namelist()}
    assert {"metadata.json", "sentencepiece.model", "minisbd/pt.onnx", "model/model.bin"} <= names
    translator = ctranslate2.Translator(str(tmp_path / "a" / "model"), device="cpu")
    assert translator.translate_batch([["▁a"]], max_decoding_length=4)[0].hypotheses


def test_a_varied_source_keeps_its_words() -> None:
    """What a recogniser leaves out are marks and capitals, never words."""
    rng = random.Random(1)
    text = "Olha, a vacina chegou, mas eu não recebi o documento."
    variants = {train_translation.as_recognised(text, rng) for _ in range(300)}
    assert len(variants) == 8
    assert {tuple(v.lower().replace(",", "").rstrip(".").split()) for v in variants} == {
        tuple(text.lower().replace(",", "").rstrip(".").split())
    }


def test_voices_of_the_corpus_lie_in_the_limits_of_the_card() -> None:
    """Names, rates and pitches come from the stated ranges."""
    rng = random.Random(1)
    for language, bases in (("pt", ("pt-br", "pt")), ("en", ("en-us", "en"))):
        voices: list[Voice] = [speech_corpus.random_voice(rng, language) for _ in range(200)]
        assert {voice.name.split("+")[0] for voice in voices} == set(bases)
        assert all(120 <= voice.rate <= 195 and 25 <= voice.pitch <= 75 for voice in voices)
