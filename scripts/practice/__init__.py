"""How the practice models are made: the practice language, its speech, the trainers and the files
they write.

The way of the data:

    words, patterns -> grammar -> sentences (what trains, what is kept apart)
    sentences -> synthesis (espeak-ng) -> features -> speech_corpus -> windows -> batches
              -> losses, network -> train_speech -> export_speech
    sentences -> train_translation, translation -> export_translation (with sentence_splitter)
    dialogues -> recordings -> bundled

Nothing in here is imported by the product. `scripts/train_practice_asr`,
`scripts/train_practice_mt` and `scripts/make_practice_recordings` are the entry points.
"""
