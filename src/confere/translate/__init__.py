"""From sentences to sentences in another language, on this machine.

``port`` says what a translation engine does, ``argos`` does it; the only importer of argostranslate.
``memory`` says how alike two texts are, for suggestions out of what was verified.
"""
