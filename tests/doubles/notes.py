"""A note of an offload to start from."""

from __future__ import annotations

from confere.intake.note import OffloadNote


def a_note() -> OffloadNote:
    """Return a note with a plausible value in every field."""
    return OffloadNote(
        recording_id="r" * 16,
        receipt_id="e" * 16,
        group="g" * 16,
        part=1,
        name="ZOOM0001_LR-0001.WAV",
        path="STEREO/FOLDER01/ZOOM0001_LR-0001.WAV",
        source="H5_SD",
        size_bytes=1000,
        sha256="0" * 64,
        sealed_size_bytes=1200,
        sealed_sha256="f" * 64,
        recorded_at="2026-03-01T10:00:00+00:00",
        recorded_at_ns=1_772_359_200_000_000_000,
        offloaded_at="2026-03-01T18:00:00+00:00",
        duration_ms=5000,
        container="wav",
        codec="pcm_s16le",
        channels=2,
        sample_rate=44100,
        truncated=False,
    )
