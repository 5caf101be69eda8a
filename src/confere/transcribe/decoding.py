"""From the bytes of a recording to 16 kHz samples, block by block, without a file on disk.

One row of samples for mono, two for stereo: recorders put a voice on each channel, and what is mixed
cannot be told apart again. More channels are mixed to one.

PyAV reads straight from the seekable reader it is given, in the product the reader of a sealed object.
Only the containers and codecs that recorders write are opened: the lists are given to FFmpeg before
it looks at a byte, so that the other three hundred parsers never run on a hostile file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from confere.errors import EmptyFile, EncryptedAudio, NotAudio
from confere.transcribe.formats import (
    CODECS,
    CONTAINERS,
    EXACT_LENGTH,
    MAX_HOURS,
    SAMPLE_RATES_HZ,
    dictation,
    is_empty,
    mp3_states_length,
    riff_is_cut,
    zeros_from,
)
from confere.transcribe.resampling import SAMPLE_RATE, Resampler, make_finite
from confere.transcribe.source import Source, Told

if TYPE_CHECKING:
    from confere.transcribe.resampling import Samples

BLOCK_SAMPLES = 30 * SAMPLE_RATE
_AT_ONCE = 16_384  # samples that are resampled at once; more gains nothing
SHORT_BY_MS = 500  # a file that ends this much before its header says was cut off
GAP_MS = 100  # a jump in time stamps this long is a hole; shorter ones are rounding


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What the header of a recording says; ``duration_ms`` is 0 when it does not say."""

    duration_ms: int
    channels: int
    sample_rate: int
    codec: str
    container: str


class Sound(Protocol):
    """A recording as whoever drafts it is given it: in this process, or decoded in another one."""

    @property
    def facts(self) -> AudioFacts:
        """What the header says; known from the beginning."""

    @property
    def truncated(self) -> bool:
        """Whether it ends before its header says; right after `blocks` has ended."""

    @property
    def damaged(self) -> bool:
        """Whether parts of it are missing, which stand as silence; right after `blocks` has ended."""

    def blocks(self) -> Iterator[Samples]:
        """Yield all of it once, (rows, n) float32 at 16 kHz, in blocks of 30 s.

        Raises NotAudio, EmptyFile, and what reading raises (DamagedObject …), after what came before.
        """

    def close(self) -> None:
        """Let go of what it holds; may be called again."""


def probe(audio: BinaryIO, name: str) -> AudioFacts:
    """Return what a recording is, after decoding its first sound; ``name`` is for the errors.

    Raises EmptyFile, NotAudio, and whatever reading ``audio`` raises.
    """
    with closing(Decoder(audio, name)) as decoder:
        for _ in decoder.frames():
            break
        return decoder.facts


class Decoder:
    """One pass over one recording; ``truncated`` and ``damaged`` are right after its end.

    ``truncated``: it ends before its header says. ``damaged``: some of its packets did not decode
    or are missing; where the container tells how long they were, they stand as silence, so that the
    times of what follows are right. ``states_length``: its header says how long it is, and not only
    at what bit rate.
    """

    def __init__(self, audio: BinaryIO, name: str) -> None:
        self.damaged = False
        self._name = name
        if is_empty(audio):
            raise EmptyFile(name)
        kind, encrypted = dictation(audio)
        if encrypted:
            raise EncryptedAudio(name, kind)
        if kind:
            raise NotAudio(name, f"a dictation in the format {kind}, which Confere cannot decode")
        self.truncated = riff_is_cut(audio)
        mp3_with_length = mp3_states_length(audio)
        self._source = Source(audio, zeros_from(audio))
        with self._told():
            self._container = _open(self._source)
            if self._source.gave_up:
                self._container.seek(0)  # FFmpeg takes itself to be at the end
        self._source.came_forward()
        self._stream = self._choose_stream()
        self.facts = self._facts()
        self.states_length = mp3_with_length or self.facts.container in EXACT_LENGTH

    def close(self) -> None:
        """Let go of FFmpeg's state; the reader stays open."""
        self._container.close()

    def blocks(self, block_samples: int = BLOCK_SAMPLES) -> Iterator[Samples]:
        """Yield (rows, n) float32 at 16 kHz, n ``block_samples`` but in the last block.

        Raises NotAudio when not one sample comes, and whatever reading the audio raises.
        """
        import numpy as np

        waiting: list[Samples] = []
        waiting_samples = total = 0
        for piece in self._resampled():
            waiting.append(piece)
            waiting_samples += piece.shape[1]
            total += piece.shape[1]
            if total > MAX_HOURS * 3600 * SAMPLE_RATE:
                raise NotAudio(self._name, f"it is longer than {MAX_HOURS} hours")
            while waiting_samples >= block_samples:
                joined = np.concatenate(waiting, axis=1)
                yield self._finite(joined[:, :block_samples])
                waiting = [joined[:, block_samples:]]
                waiting_samples -= block_samples
        if waiting_samples:
            yield self._finite(np.concatenate(waiting, axis=1))
        if total == 0:
            raise NotAudio(self._name, "there is no sound in it")
        self._judge_length(total * 1000 // SAMPLE_RATE)

    def _finite(self, block: Samples) -> Samples:
        self.damaged |= make_finite(block)
        return block

    def frames(self) -> Iterator[Any]:
        """Yield the decoded frames as PyAV has them; raises NotAudio when the first one fails."""
        for _, frame in self.decoded():
            yield frame

    def decoded(self) -> Iterator[tuple[Any, Any]]:
        """Do as `frames`, each with the packet that it came out of."""
        import av

        seen = failed = False
        with self._told():
            for packet in self._demuxed():
                try:
                    decoded = packet.decode()
                except (av.error.InvalidDataError, av.error.PatchWelcomeError):
                    failed = True
                    continue
                for frame in decoded:
                    # Only a failure with sound after it is a hole; one at the end is a cut.
                    self.damaged |= failed and seen
                    seen, failed = True, False
                    yield packet, frame
        self.truncated |= failed
        if not seen:
            raise NotAudio(self._name, "nothing in it decodes")

    def _demuxed(self) -> Iterator[Any]:
        for packet in self._container.demux(self._stream):
            self._source.came_forward()
            yield packet

    def seek(self, to_ms: int) -> None:
        """Go to a place at or before ``to_ms``, as near as the container allows."""
        with self._told():
            self._container.seek(to_ms * 1000 + (self._container.start_time or 0))  # microseconds

    def seek_byte(self, to_byte: int) -> None:
        """Go to the packet that begins at a byte; times are counted from nothing again there."""
        with self._told():
            self._container.seek(to_byte, unsupported_byte_offset=True)

    def packets(self, apart_s: float = 0.0) -> Iterator[tuple[int, float]]:
        """Yield where a packet begins, in bytes and in seconds as ``frame.time`` counts them.

        Nothing is decoded. Packets that begin less than ``apart_s`` after one of these are passed over.
        """
        second = 1 / float(self._stream.time_base)
        apart, wanted = round(apart_s * second), -(1 << 62)
        with self._told():
            for packet in self._demuxed():
                pts = packet.pts
                # Three hours are half a million packets: this loop does no more than it must.
                if pts is not None and pts >= wanted and packet.pos is not None:
                    wanted = pts + apart
                    yield packet.pos, pts / second

    def last_packet_ms(self) -> int:
        """Return where the last packet from here on ends, without decoding any; 0 if none comes."""
        start = self._stream.start_time or 0
        end_ms = 0
        with self._told():
            for packet in self._demuxed():
                if packet.pts is not None:
                    end = packet.pts - start + (packet.duration or 0)
                    end_ms = max(end_ms, int(end * self._stream.time_base * 1000))
        return end_ms

    def _resampled(self) -> Iterator[Samples]:
        import numpy as np

        rows = 2 if self.facts.channels == 2 else 1
        resampler = Resampler(rows=rows, at_once=_AT_ONCE)
        heard_s = 0.0
        start_s: float | None = None
        for frame in self.frames():
            if frame.time is not None:
                start_s = frame.time if start_s is None else start_s
                hole_s = frame.time - start_s - heard_s
                if hole_s * 1000 > GAP_MS and self._may_fill(frame.time - start_s):
                    self.damaged = True
                    heard_s += hole_s
                    yield from resampler.gathered()
                    for length in _lengths(round(hole_s * SAMPLE_RATE)):
                        yield np.zeros((rows, length), np.float32)
            heard_s += frame.samples / frame.sample_rate
            yield from resampler(frame)
        yield from resampler(None)

    def _may_fill(self, time_s: float) -> bool:
        # A time stamp beyond the end is a lie, and would cost memory.
        return time_s * 1000 <= self.facts.duration_ms

    def _judge_length(self, decoded_ms: int) -> None:
        if self.states_length:
            self.truncated |= self.facts.duration_ms - decoded_ms > SHORT_BY_MS

    def _choose_stream(self) -> Any:
        streams = [stream for stream in self._container.streams if stream.type == "audio"]
        if not streams:
            raise NotAudio(self._name, "it holds no sound")
        stream = streams[0]
        if stream.codec_context is None or stream.codec_context.name not in CODECS:
            raise NotAudio(self._name, "its coding is not one that recorders write")
        if stream.codec_context.sample_rate not in SAMPLE_RATES_HZ:
            raise NotAudio(self._name, "its sample rate is not one that recorders write")
        return stream

    def _facts(self) -> AudioFacts:
        context = self._stream.codec_context
        if self._stream.duration is not None:
            duration_ms = int(self._stream.duration * self._stream.time_base * 1000)
        else:
            duration_ms = int((self._container.duration or 0) / 1000)  # microseconds
        return AudioFacts(
            duration_ms=max(0, duration_ms),
            channels=context.channels,
            sample_rate=context.sample_rate,
            codec=context.name,
            container=self._container.format.name.split(",")[0],
        )

    def _told(self) -> Told:
        return Told(self._name, self._source)


def _lengths(samples: int) -> Iterator[int]:
    """Cut a silence into blocks: a header may claim years."""
    while samples > 0:
        yield min(samples, BLOCK_SAMPLES)
        samples -= BLOCK_SAMPLES


def _open(audio: Source) -> Any:
    import av

    audio.seek(0)
    return av.open(
        audio,
        mode="r",
        metadata_errors="ignore",
        container_options={
            "format_whitelist": ",".join(CONTAINERS),
            "codec_whitelist": ",".join(sorted(CODECS)),
            "protocol_whitelist": "",
        },
    )
