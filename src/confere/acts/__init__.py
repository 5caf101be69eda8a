"""What people and the night do, one short module an act.

The way of one recording, in a page:

1. ``offload``    A fieldworker plugs the recorder in. Each file is sealed to the study, read back and
                  compared with a second reading; only then is it deleted. No passphrase: what the
                  machine has to tell lies in ``intake/`` as a sealed note.
2. ``take_in``    The next time a reader unlocks the vault, the notes are entered into the catalog.
3. ``draft``      The machine transcribes from the sealed object, in memory, and translates, window by window:
                  ``night`` gives orders to hands (``order``), a ``bench`` answers them in a process that
                  knows one recording's key, and each window is kept at once. The draft is kept for ever; its
                  segments are laid out for the people. How far it is meanwhile, ``drafting`` tells.
4. ``queue``      tells what waits for whom.
5. ``correct``    The interpreter changes segments, or takes them as they stand, one by one.
6. ``verify``     Another person plays each segment and verifies it, or returns it with a reason and the
                  kind of the error. Under a sampling ``plan`` that is every marked segment and some that
                  are drawn when the correction is done; the others are spared.
7. ``sign``       That person types the passphrase again and signs one document over all of it. From here
                  nothing changes: what is wrong all the same is corrected in a new version (``reopen``).
8. ``hand_over``  The lead exports what was signed.

``setup`` makes a study and changes its people, machines and settings; ``reading`` opens a transcript (and
checks its signature, every time), ``find`` looks for words in all of them, ``suggest`` for how the same was
translated before; ``checks`` shows what is probably wrong in a text, and keeps who dismissed it and why,
``names`` are what no text may hold, ``interviews`` the register; ``audit`` checks everything and proves one
recording's custody, which ``custody`` tells; ``destroy`` ends a recording's retention; ``back_up`` copies the
vault elsewhere and back; ``rescue`` opens any age file; ``examine`` looks at the machine.

Each act is the same short story: may they? load, call a stage, save, write the event. Only acts know
both the stages and the vault; a stage is handed values and answers with values. ``desk`` is
what an act of a person starts from: who acts, on which open vault, by which clock; sitting down at it
makes good what a kill or a power cut left half-way.
"""
