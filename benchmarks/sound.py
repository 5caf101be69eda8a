#!/usr/bin/env python3
"""How long it takes from a place in a long recording to its sound, over HTTP and in a browser.

    python benchmarks/sound.py [--hours 3] [--places 60] [--folder DISK] [--without-browser]

A practice vault with three recordings of the same noise: WAV (44.1 kHz, stereo), MP3 of changing bit rate
without an index, M4A with AAC. The page is served by ``confere serve`` in processes of its own.

Prints for each the milliseconds (p50 and p95) from a request at a random place to the first 64 KiB of the
working sound, and the ratio of the p50 to a plain file server that sends 64 KiB from a random place of a
WAV on the same disk, asked in turns with ours; the same for the first places that are asked after the
transcript was opened, while it is still found out where in the bytes the times lie; how fast it is read on,
in times real time; and, in headless Chromium, the milliseconds from ``audio.currentTime = random;
audio.play()`` to ``playing``, and to where ``currentTime`` has moved on, beside those of the plain server.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import random
import shutil
import socket
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import av
import httpx
import numpy as np
from decide import STEP_MS, LongInterview

from confere import wiring
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.intake.outcome import Silent
from confere.vault import Vault
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.encoding import CHANGING, encode
from doubles.engines import FakeTranslationEngine
from doubles.serving import Browser, Command, confere_serve
from doubles.studies import MACHINE, PASSPHRASE, Study, make_study

RATE = 44_100
LOOP_S = 60  # of noise, again and again
FIRST_BYTES = 64 << 10
A_SECOND = 48_000
ON_S = 300
BY_AUDIO = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "audio"}

_PLAY = """
async ({path, seconds}) => {
  const audio = new Audio(path);
  audio.preload = "auto";
  const happens = (name) => new Promise((done, broken) => {
    audio.addEventListener(name, done, {once: true});
    audio.addEventListener("error", () => broken(new Error(audio.error.message)), {once: true});
  });
  await happens("canplaythrough");
  const found = [];
  for (const second of seconds) {
    const began = performance.now();
    audio.currentTime = second;
    const playing = happens("playing");
    audio.play();
    await playing;
    const plays = performance.now() - began;
    while (audio.seeking || audio.currentTime <= second) await new Promise(requestAnimationFrame);
    found.push([plays, performance.now() - began]);
    await new Promise((later) => setTimeout(later, 700));
    audio.pause();
    await new Promise((later) => setTimeout(later, 300));
  }
  return found;
}
"""


def main() -> None:
    """Make the recordings, time them, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3)
    parser.add_argument("--places", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="On the disk to be measured.")
    parser.add_argument("--without-browser", action="store_true")
    given = parser.parse_args()
    random.seed(7)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        minutes = round(given.hours * 60)
        study, recordings = make(folder, minutes)
        plain = folder / "plain.wav"
        with confere_serve(study.root) as served, PlainServer(plain) as plain_url:
            for recording, kind in recordings:
                measure(served, recording, kind, minutes * 60, given.places, plain_url)
            if not given.without_browser:
                length_s = minutes * 60 - 30
                places = [random.randrange(length_s) + random.random() for _ in range(given.places)]
                with chromium() as page:
                    in_browser(page, plain_url, "a plain file server's WAV", places)
                    page.goto(served.url + "sign-in")
                    for recording, kind in recordings:
                        given_ = {"recording": recording, "passphrase": PASSPHRASE}
                        path = f"/sound/{page.evaluate(_OPEN, given_)}"
                        in_browser(page, path, kind, places)


def make(folder: Path, minutes: int) -> tuple[Study, list[tuple[str, str]]]:
    """Make a study with the three recordings, drafted; and a plain copy of the first."""
    study = make_study(folder / "vault", keys="x25519")
    card = folder / "card"
    card.mkdir()
    write_recordings(card, minutes)
    shutil.copy(card / "A.WAV", folder / "plain.wav")
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, card, Silent(), keep=False)
    desk = study.desk()
    found = []
    for recording in sorted(take_in(desk), key=lambda r: r.name):
        engine = LongInterview(minutes * 60_000 // STEP_MS)
        draft(desk, recording.id, engine, FakeTranslationEngine())
        found.append((recording.id, recording.name.rpartition(".")[2]))
    desk.vault.close()
    return study, found


def write_recordings(card: Path, minutes: int) -> None:
    """Write a minute of noise with pauses, again and again, in three formats."""
    times = np.arange(LOOP_S * RATE) / RATE
    noise = np.random.default_rng(7).standard_normal(LOOP_S * 2_000 + 1)
    speech = np.interp(times * 2_000, np.arange(len(noise)), noise) * 0.1
    sound = (speech * (0.1 + 0.9 * (times.astype(int) % 3 > 0))).astype(np.float32)
    with wave.open(str(card / "A.WAV"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        stereo = np.repeat((sound * 32767).astype("<i2"), 2).tobytes()
        for _ in range(minutes):
            file.writeframesraw(stereo)
    mp3 = encode("mp3", "libmp3lame", RATE, sound, "stereo", CHANGING)
    with (card / "B.MP3").open("wb") as target:
        for _ in range(minutes):
            target.write(mp3)
    repeat(encode("ipod", "aac", RATE, sound, "stereo"), card / "C.M4A", minutes)


def repeat(source: bytes, target: Path, times: int) -> None:
    """Write the same packets again and again."""
    with av.open(str(target), "w", format="ipod") as out:
        stream: Any = None
        shift = 0
        for _ in range(times):
            with av.open(io.BytesIO(source)) as once:
                stream = stream or out.add_stream_from_template(once.streams.audio[0])
                packets = [p for p in once.demux(once.streams.audio[0]) if p.dts is not None]
                length = sum(p.duration or 0 for p in packets)
                for packet in packets:
                    packet.pts, packet.dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
                    packet.stream = stream
                    out.mux(packet)
                shift += length


def measure(
    served: Command, recording: str, kind: str, length_s: int, places: int, plain_url: str
) -> None:
    """Ask one recording in every way."""
    with served.browser() as browser, httpx.Client(timeout=60) as plain:
        browser.sign_in("vera")
        path = opened(browser, recording)
        at_once = [ask(browser.client, path, BY_AUDIO, a_byte(length_s)) for _ in range(5)]
        ask(browser.client, path, BY_AUDIO, a_byte(0) + (length_s - 10) * A_SECOND)
        ours, theirs = [], []
        size = int(plain.head(plain_url).headers["content-length"])
        for _ in range(places):
            ours.append(ask(browser.client, path, BY_AUDIO, a_byte(length_s)))
            theirs.append(ask(plain, plain_url, {}, random.randrange(size - 2 * FIRST_BYTES)))
        speed = read_on(browser.client, path)
        browser.post("/api/lock")
    ratio = middle(ours) / middle(theirs)
    print(
        f"{kind}: 64 KiB at a random place: {told(ours)}; a plain file server {told(theirs)};"
        f" ratio {ratio:.1f}; the first of all {at_once[0]:.0f} ms, then {told(at_once[1:])};"
        f" read on {speed:.0f} times real time",
        flush=True,
    )


def opened(browser: Browser, recording: str) -> str:
    """Open a transcript; return the path of its sound."""
    return f"/sound/{browser.get(f'/api/recordings/{recording}').json()['ticket']}"


def a_byte(length_s: int) -> int:
    """Return where a random second begins."""
    return 44 + random.randrange(max(1, length_s - 30)) * A_SECOND


def ask(client: httpx.Client, path: str, headers: dict[str, str], first: int) -> float:
    """Return the milliseconds until 64 KiB have come; leave as a browser does that seeks on."""
    begun = time.perf_counter()
    with client.stream("GET", path, headers={**headers, "Range": f"bytes={first}-"}) as answer:
        assert answer.status_code == 206, answer.status_code
        come = 0
        for piece in answer.iter_raw():
            come += len(piece)
            if come >= FIRST_BYTES:
                break
    assert come >= FIRST_BYTES
    return (time.perf_counter() - begun) * 1000


def read_on(client: httpx.Client, path: str) -> float:
    """Read minutes one range after the other; return how many times faster than they are played."""
    begun, at = time.perf_counter(), a_byte(60)
    end = at + ON_S * A_SECOND
    while at < end:
        at += len(client.get(path, headers={**BY_AUDIO, "Range": f"bytes={at}-"}).content)
    return ON_S / (time.perf_counter() - begun)


class PlainServer:
    """Serves one file, by byte range too, from another process."""

    def __init__(self, file: Path) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._process = multiprocessing.Process(target=_serve_plain, args=(file, self._socket))

    def __enter__(self) -> str:
        self._process.start()
        return self._url

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _serve_plain(file: Path, listening: socket.socket) -> None:
    import uvicorn
    from starlette.responses import FileResponse

    config = uvicorn.Config(FileResponse(file), log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A page in the system's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--autoplay-policy=no-user-gesture-required"],
        )
        yield browser.new_page()
        browser.close()


def in_browser(page: Any, path: str, kind: str, seconds: list[float]) -> None:
    """Seek and play in it."""
    found = page.evaluate(_PLAY, {"path": path, "seconds": seconds})
    plays, moves = (list(times) for times in zip(*found, strict=True))
    print(
        f"{kind} in Chromium: to 'playing' {told(plays)}; until it moves {told(moves)}", flush=True
    )


_OPEN = """
async ({recording, passphrase}) => {
  const headers = {"Content-Type": "application/json"};
  const body = JSON.stringify({name: "vera", passphrase});
  const signed = await (await fetch("/api/sign-in", {method: "POST", headers, body})).json();
  const with_token = {headers: {"X-Confere-Token": signed.token}};
  return (await (await fetch(`/api/recordings/${recording}`, with_token)).json()).ticket;
}
"""


def middle(times: list[float]) -> float:
    """Return the p50."""
    return sorted(times)[len(times) // 2]


def told(times: list[float]) -> str:
    """Return p50 and p95, in words."""
    high = sorted(times)[min(len(times) - 1, len(times) * 95 // 100)]
    return f"p50 {middle(times):.1f} ms, p95 {high:.1f} ms"


if __name__ == "__main__":
    main()
