"""From encoded audio to sentences with times, languages and probabilities.

``port`` says what a speech engine does; ``whisper`` does it: read it first. The way of the audio inside:

=============  ==========================================================================
``decoding``   bytes of any recorder's format -> samples, in blocks, and nothing on disk
``decoder``    the same in a process of its own (``child``, ``decoder_main``), which speaks in
               frames (``framing``) and can do nothing else (``sandbox``)
``looking``    the first look at a file on a recorder, in such a process
``windows``    samples -> windows that end in silence, with the voices of each side
``sides``      two speakers on two sides, or one room in stereo
``clips``      voices -> clips of speech, as long as the model likes
``hearing``    clips of a window -> words, batch by batch, through ``pipeline``
``pipeline``   faster-whisper, opened between encoding and decoding
``language``   probabilities of each clip -> the study's language it is in
``reading``    words -> words at their places in the recording
``sentences``  words -> sentences: a segment is a sentence, never half of one
``finished``   which sentences ended in a window; what is left goes into ``state``
``marks``      sentences -> what people should look at first
=============  ==========================================================================

``profile`` says how a model wants to be run. This stage is handed bytes and gives values; it knows
neither the vault nor the catalog.
"""
