"""From sentences to sentences in another language, on this machine.

``port`` says what a translator does. ``routes`` is one, over the study's packages: straight from a language,
or through a third. ``argos`` runs a package and ``packages`` loads it; the only importer of argostranslate.
``terms`` follows the study's word list, and ``needs`` knows what it wants of a sentence. ``memory`` says how
alike two texts are, for suggestions out of what was verified.
"""
