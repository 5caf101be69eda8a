"""Makes recordings in the formats that recorders write, with the encoders that PyAV brings."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np

SECONDS = 3
#: Of an MP3: quality 4 in FFmpeg's unit of 1/118, and no frame that tells how many there are.
CHANGING = {"flags": "+qscale", "global_quality": "472", "write_xing": "0", "id3v2_version": "0"}


def tone(seconds: float = SECONDS, rate: int = 44_100, hz: float = 300.0) -> Any:
    """A quiet tone, float32, mono."""
    times = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hz * times) * 0.3).astype(np.float32)


def encode(
    container: str,
    codec: str,
    rate: int = 44_100,
    samples: Any = None,
    layout: str = "mono",
    options: dict[str, str] | None = None,
) -> bytes:
    """The samples (a tone unless given) in a container and codec, by FFmpeg's names.

    Of one row, (n,), they are on all channels of ``layout``; of two, (2, n), they are left and right.
    ``options`` are FFmpeg's, of both. `CHANGING` lets the bit rate change, and says so nowhere.
    """
    options = options or {}
    samples = tone(rate=rate) if samples is None else samples
    layout = "stereo" if samples.ndim == 2 else layout
    target = io.BytesIO()
    with av.open(target, "w", format=container, options=options) as output:
        stream: Any = output.add_stream(codec, rate=rate, options=options)
        stream.layout = layout
        stream.bit_rate = 0 if "global_quality" in options else 64_000
        channels = len(stream.layout.channels)
        if samples.ndim == 1:
            samples = np.tile(samples, (channels, 1))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
        frame.rate, frame.pts = rate, 0
        # Encoders want frames of their own size; the resampler cuts them.
        cutter: Any = av.AudioResampler(
            stream.format.name, layout, rate, frame_size=stream.codec_context.frame_size or 1024
        )
        for piece in [*cutter.resample(frame), *cutter.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return target.getvalue()


def picture_only() -> bytes:
    """A film without sound."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        stream: Any = output.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target.getvalue()
