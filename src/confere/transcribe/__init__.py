"""From encoded audio to sentences with times, languages and probabilities.

``port`` says what a speech engine does; ``whisper`` does it: read it first. The way of the audio inside:

=============  ==========================================================================
``decoding``   bytes of any recorder's format -> samples, in blocks, and nothing on disk
``clips``      samples -> clips of speech, by voice activity, as long as the model likes
``language``   probabilities of each clip -> the study's language it is in
``pipeline``   clips in batches -> words with times, through faster-whisper
``reading``    words -> words at their places in the recording
``sentences``  words -> sentences: a segment is a sentence, never half of one
``marks``      sentences -> what people should look at first
=============  ==========================================================================

``profile`` says how a model wants to be run. This stage is handed bytes and gives values; it knows
neither the vault nor the catalog.
"""
