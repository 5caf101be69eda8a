"""From sentences to sentences in another language, on this machine.

``port`` says what a translation engine does, ``argos`` does it; the only importer of argostranslate.
"""
