"""The decoder's first look at a file on a recorder: is it audio, and how long?"""

from __future__ import annotations

import io

from confere.errors import EmptyFile, EncryptedAudio, SourceVanished, StorageProblem
from confere.intake.outcome import AudioFacts, Encrypted, Probe
from confere.intake.recorder import Recorder
from confere.intake.source import BLOCK_BYTES, SourceFile


def first_look(recorder: Recorder, file: SourceFile, probe: Probe) -> AudioFacts:
    """Return what a file is as audio.

    Raises EmptyFile, NotAudio, or another BadInput for what is none; StorageProblem when it cannot be
    read, and SourceVanished when reading failed on the way: then a verdict would say nothing.
    """
    if file.size_bytes == 0:
        raise EmptyFile(file.path)
    with recorder.open(file) as probed:
        try:
            return probe(io.BufferedReader(probed, BLOCK_BYTES), file.path)
        except EncryptedAudio as error:
            return Encrypted(error.container)
        except OSError as error:
            raise StorageProblem(file.path, error.strerror or "it could not be decoded") from error
        finally:
            # A decoder that is fed read errors says "not audio" or "truncated": a wrong verdict.
            if probed.failure is not None:
                raise SourceVanished(file.path, probed.failure.strerror or "")
