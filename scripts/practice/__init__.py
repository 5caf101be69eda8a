"""How the practice models are made: the practice language, its speech, the trainers and the files
they write.

The way of the data:

    words, patterns -> grammar -> synthesis (espeak-ng) -> corpus -> windows -> train_speech -> export_speech
                               -> train_translation -> export_translation (with sentence_splitter)

Nothing in here is imported by the product. `scripts/train_practice_asr`,
`scripts/train_practice_mt` and `scripts/make_practice_recordings` are the entry points.
"""
