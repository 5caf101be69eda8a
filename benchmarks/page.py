#!/usr/bin/env python3
"""What a person waits for before the page of a three-hour transcript, in the system's headless Chromium.

    nice -n -10 python benchmarks/page.py [--segments 2500] [--folder DISK] [--only NAME …]

A practice vault with one recording of three hours (WAV, 16 kHz) and a draft of as many segments, half of it
corrected; ``confere serve`` in processes of its own, ivo (interpreter) before it. A second, plain server
and an empty page of it tell what the machine does by itself, asked in turns with ours.

==========  =================================================================================================
opening     from ``goto`` until a frame with the first row and the caret in it was drawn; within it the
            server's answer
sound       from a key to ``playing``, at arbitrary segments; beside it a plain file's WAV
saving      from a key to "saved" on the page (the pause after the last key is 1 s); within it the request
scrolling   by wheel, by PageDown and by leaps: between two frames by the clock; and from Chromium's own
            trace how long the main thread worked for each, by the clock and on a processor, which a busy
            machine changes less
bytes       scripts and styles of every page, compressed, as they are sent
==========  =================================================================================================
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import json
import multiprocessing
import os
import random
import shutil
import socket
import sys
import tempfile
import wave
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
from decide import STEP_MS, Filling, LongInterview
from playwright.sync_api import Browser, Page, sync_playwright

from confere import wiring
from confere.acts.offload import Dock, offload_folder
from confere.acts.take_in import take_in
from confere.intake.outcome import Silent
from confere.vault import Vault
from confere.web.pages import PAGES
from doubles.clock import FakeClock
from doubles.drafting import draft
from doubles.engines import FakeTranslationEngine
from doubles.serving import Command, confere_serve
from doubles.studies import MACHINE, PASSPHRASE, Study, make_study

RATE = 16_000
SIZE = {"width": 1440, "height": 900}
OPENINGS, PLACES, EDITS = 9, 50, 60
WHEEL_PX, LEAPS = 400, 60
#: What the page is to keep, in ms and bytes.
OPENING_MS, SOUND_MS, SAVING_MS, REQUEST_MS, FRAME_MS, BYTES = 700, 150, 1200, 40, 50, 120_000

_WATCH = """
(() => {
  const now = () => performance.now();
  addEventListener("keydown", (event) => (window.key_at = event.timeStamp), true);
  // A frame is drawn when the task after its callbacks runs.
  window.until = async (name) => {
    while (!window[name]) await new Promise((later) => setTimeout(later, 5));
    return window[name];
  };
  window.drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(now()))));
  new PerformanceObserver((list) => {
    if (list.getEntriesByName("usable").length) drawn().then((at) => (window.usable_at = at));
  }).observe({type: "mark"});
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    window.plays_at = null;
    this.addEventListener("playing", () => (window.plays_at = now()), {once: true});
    return play.call(this);
  };
  window.frames = () => {
    const found = [];
    let going = true;
    const step = (at) => {
      found.push(at);
      if (going) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    window.found_frames = () => ((going = false), found);
  };
})();
"""
_EMPTY = f"""<!doctype html><title>plain</title>
<div id="rows" tabindex="-1" style="height: 700px; overflow-y: scroll">
<div style="height: 200000px"></div></div>
<p id="kind"></p><script>{_WATCH}
requestAnimationFrame(() => performance.mark("usable"));
</script>"""


def main() -> None:
    """Make the vault, serve it, time everything, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=2_500)
    parser.add_argument("--folder", type=Path, help="On the disk to be measured.")
    parser.add_argument("--only", nargs="*", choices=list(MEASURED), default=list(MEASURED))
    given = parser.parse_args()
    random.seed(7)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = name + "/state"
        study, recording = make(folder, given.segments)
        with (
            confere_serve(study.root) as served,
            plain_server(folder / "plain") as plain,
            browser() as chromium,
        ):
            scene = Scene(chromium, served, plain, recording, given.segments)
            for what in given.only:
                print(f"\n{what}; load {' '.join(f'{n:.1f}' for n in os.getloadavg())}")
                MEASURED[what](scene)


def make(folder: Path, segments: int) -> tuple[Study, str]:
    """Make a study with one long recording, half of it corrected; and a plain page with its sound."""
    study = make_study(folder / "vault", keys="x25519")
    (folder / "card").mkdir()
    write_sound(folder / "card" / "ZOOM0001.WAV", segments * STEP_MS // 1000)
    (folder / "plain").mkdir()
    os.link(folder / "card" / "ZOOM0001.WAV", folder / "plain" / "sound.wav")
    (folder / "plain" / "index.html").write_text(_EMPTY)
    dock = Dock(Vault(study.root), MACHINE, wiring.probe, FakeClock())
    offload_folder(dock, folder / "card", Silent(), keep=False)
    desk = study.desk()
    recording = take_in(desk)[0].id
    draft(desk, recording, LongInterview(segments), FakeTranslationEngine())
    desk.vault.close()
    ivo = study.desk("ivo")
    filling = Filling(ivo, ivo, recording)
    filling.round(ivo, filling._correct("corrected"), list(filling.now)[: segments // 2])
    ivo.vault.close()
    return study, recording


def write_sound(path: Path, seconds: int) -> None:
    """Write a minute of noise again and again."""
    noise = np.random.default_rng(7).standard_normal(60 * RATE) * 3000
    minute = noise.astype("<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(seconds // 60 + 1):
            file.writeframesraw(minute)


@contextmanager
def plain_server(folder: Path) -> Iterator[str]:
    """Serve a folder, and answer any POST, from another process."""
    listening = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("spawn").Process(target=_plain, args=(folder, listening))
    process.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        process.kill()  # a kept connection would hold it up
        process.join()


def _plain(folder: Path, listening: socket.socket) -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    async def tell(request: Request) -> Response:
        return JSONResponse({"taken": len(await request.body())})

    routes = [
        Route("/tell", tell, methods=["POST"]),
        Mount("/", StaticFiles(directory=folder, html=True)),
    ]
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium; sound needs no click there."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--autoplay-policy=no-user-gesture-required"],
        )
        yield started
        started.close()


class Scene:
    """A page of ours in which ivo is signed in, and a plain one."""

    def __init__(
        self, browser: Browser, served: Command, plain: str, recording: str, segments: int
    ) -> None:
        self.browser, self.plain_url, self.segments = browser, plain, segments
        self.url, self.recording = served.url, recording
        self.address = f"{served.url}recordings/{recording}"
        self.page, self.plain = (self._page() for _ in range(2))
        self.plain.goto(plain)
        self.page.goto(served.url, wait_until="networkidle")
        self.page.fill("#name", "ivo")
        self.page.fill("#passphrase", PASSPHRASE)
        self.page.press("#passphrase", "Enter")
        self.page.wait_for_selector(".home")

    def _page(self) -> Page:
        page = self.browser.new_context(viewport=SIZE, locale="en-GB").new_page()  # type: ignore[arg-type]
        page.add_init_script(_WATCH)
        return page

    def open(self) -> float:
        """Open the transcript anew; return the ms until it was drawn with its caret."""
        self.page.goto("about:blank")
        self.page.goto(self.address)
        drawn = float(self.page.evaluate("until('usable_at')"))
        assert self.page.evaluate("document.activeElement.closest('.row') !== null")
        return drawn

    def settle(self) -> None:
        """Wait until nothing more is asked: findings, peaks, what stands beside the row."""
        self.page.wait_for_load_state("networkidle")


# --- what is measured --------------------------------------------------------------------------------------


def opening(scene: Scene) -> None:
    first = scene.open()
    scene.settle()
    ours, answers, empty = [], [], []
    for _ in range(OPENINGS):
        scene.settle()
        ours.append(scene.open())
        answers.append(scene.page.evaluate(_TRANSCRIPT_ANSWER))
        scene.plain.goto("about:blank")
        scene.plain.goto(scene.plain_url)
        empty.append(float(scene.plain.evaluate("until('usable_at')")))
    line("the very first, nothing cached", [first])
    line(f"to a drawn row, {OPENINGS} times", ours, limit=OPENING_MS, worst=True)
    line("  the server's answer within it", answers)
    line("an empty page", empty, beside=ours)


_TRANSCRIPT_ANSWER = """
performance.getEntriesByType("resource").filter(({name}) => /recordings.[0-9a-z]+$/.test(name))[0].duration
"""


def sound(scene: Scene) -> None:
    scene.open()
    scene.settle()
    page, plain = scene.page, scene.plain
    plain.goto(scene.plain_url)
    plain.evaluate(_PLAIN_SOUND)
    page.wait_for_timeout(2_000)
    ours, theirs = [], []
    for _ in range(PLACES):
        number = random.randint(1, scene.segments)
        page.keyboard.press("Control+f")
        page.keyboard.type(f"#{number}")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.wait_for_selector(f'.row.current[aria-posinset="{number}"]')
        page.wait_for_timeout(600)  # somebody looks at it
        ours.append(to_playing(page, "Alt+v"))
        page.wait_for_timeout(300)
        page.keyboard.press("Escape")
        theirs.append(to_playing(plain, "v"))
        plain.evaluate("audio.pause()")
    line(f"key to playing, {PLACES} places", ours, limit=SOUND_MS)
    line("a plain file's WAV", theirs, beside=ours)


_PLAIN_SOUND = """
() => {
  window.audio = new Audio("sound.wav");
  audio.preload = "auto";
  addEventListener("keydown", () => {
    audio.currentTime = Math.random() * (audio.duration - 60);
    audio.play();
  });
}
"""


def to_playing(page: Page, key: str) -> float:
    """Press a key; return the ms until something plays."""
    page.evaluate("window.plays_at = null")
    page.keyboard.press(key)
    return float(page.evaluate("until('plays_at').then((at) => at - key_at)"))


def saving(scene: Scene) -> None:
    scene.open()
    scene.settle()
    page, plain = scene.page, scene.plain
    plain.goto(scene.plain_url)
    page.evaluate(_WATCH_SAVED)
    page.keyboard.press("Control+Home")
    shown, requests, pieces, least = [], [], [], []
    for number in range(EDITS):
        if number % 5 == 4:
            page.keyboard.press("Alt+ArrowDown")
            page.wait_for_timeout(700)
        page.evaluate("window.saved_at = null; performance.clearResourceTimings()")
        page.keyboard.press("x")
        shown.append(float(page.evaluate("until('saved_at').then((at) => at - key_at)")))
        [taken] = page.evaluate(_REQUESTS)
        requests.append(taken)
        pieces.append(page.evaluate(_FRONT_ALONE))
        least.append(plain.evaluate(_LEAST_REQUEST))
    line(f"key to 'saved', {EDITS} edits", shown, limit=SAVING_MS)
    line("  the request within it", requests, limit=REQUEST_MS)
    line("a static file of ours", pieces, beside=requests)
    line("a plain server's answer to a POST", least, beside=requests)


_WATCH_SAVED = """
() => {
  const saved = document.getElementById("saved");
  new MutationObserver(() => {
    if (saved.dataset.kind === "saved") window.saved_at = performance.now();
    else window.saved_at = null;
  }).observe(saved, {attributes: true});
}
"""
_REQUESTS = """
performance.getEntriesByType("resource").filter(({name}) => name.endsWith("/correct"))
.map(({duration}) => duration)
"""
_TIMED = """
async (path, init) => {
  performance.clearResourceTimings();
  await (await fetch(path, {...init, cache: "no-store"})).text();
  return performance.getEntriesByType("resource")[0].duration;
}
"""
_FRONT_ALONE = f"""
() => ({_TIMED})(document.querySelector("link[rel=modulepreload]").href)
"""
_LEAST_REQUEST = f"""
() => ({_TIMED})("tell", {{method: "POST", body: JSON.stringify({{version: 1, target: "x".repeat(120)}})}})
"""


def scrolling(scene: Scene) -> None:
    for where, page in (("ours", scene.page), ("an empty page", scene.plain)):
        if where == "ours":
            scene.open()
            scene.settle()
        else:
            page.goto(scene.plain_url)
        for how, scroll in SCROLLS.items():
            page.evaluate("document.getElementById('rows').scrollTop = 0")
            page.wait_for_timeout(300)
            told(f"{how}, {where}", *traced(scene.browser, page, scroll))


def by_wheel(page: Page) -> None:
    page.mouse.move(600, 500)
    for _ in range(pages_of(page, WHEEL_PX)):
        page.mouse.wheel(0, WHEEL_PX)


def by_page_down(page: Page) -> None:
    page.focus("#rows")
    for _ in range(pages_of(page, 600)):
        page.keyboard.press("PageDown")


def by_leaps(page: Page) -> None:
    """As by dragging the bar."""
    for _ in range(LEAPS):
        share = random.random()
        page.evaluate("(s) => { rows.scrollTop = s * rows.scrollHeight; return drawn() }", share)
        page.wait_for_timeout(80)


def pages_of(page: Page, px: int) -> int:
    return int(page.evaluate("document.getElementById('rows').scrollHeight")) // px + 1


SCROLLS: dict[str, Callable[[Page], None]] = {
    "wheel": by_wheel,
    "PageDown": by_page_down,
    "leaps": by_leaps,
}


@dataclass
class Work:
    """What the main thread did for one frame, in ms: by the clock, on a processor, and of which kind."""

    clock: float = 0.0
    processor: float = 0.0
    kinds: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def traced(
    browser: Browser, page: Page, scroll: Callable[[Page], None]
) -> tuple[list[float], list[Work]]:
    """Scroll; return the ms between frames, and the work for each."""
    categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "cc"]
    browser.start_tracing(page=page, categories=categories)
    page.evaluate("frames()")
    scroll(page)
    stamps = page.evaluate("found_frames()")
    trace = json.loads(browser.stop_tracing())["traceEvents"]
    return [b - a for a, b in itertools.pairwise(stamps)], frames_of(trace)


_KINDS = {
    "FunctionCall": "script",
    "FireAnimationFrame": "script",
    "EventDispatch": "script",
    "RunMicrotasks": "script",
    "UpdateLayoutTree": "style",
    "Layout": "layout",
    "PrePaint": "paint",
    "Paint": "paint",
    "Layerize": "paint",
    "Commit": "paint",
    "MajorGC": "garbage",
    "MinorGC": "garbage",
}


def frames_of(trace: Sequence[dict[str, Any]]) -> list[Work]:
    """Return what the page's main thread did for each frame: between two beginnings of one."""
    mains = {
        (e["pid"], e["tid"])
        for e in trace
        if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    by_thread: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for event in trace:
        if event.get("ph") == "X" and (event["pid"], event["tid"]) in mains:
            by_thread[event["pid"], event["tid"]].append(event)
    events = max(by_thread.values(), key=len)  # that of the page that scrolls
    events.sort(key=lambda e: (e["ts"], -e["dur"]))
    begins = [e["ts"] for e in events if e["name"] == "ProxyMain::BeginMainFrame"]
    made = [Work() for _ in range(len(begins) + 1)]
    within: list[tuple[float, Work, str]] = []
    for event in events:
        clock, processor = event["dur"] / 1000, event.get("tdur", 0) / 1000
        while within and within[-1][0] <= event["ts"]:
            within.pop()
        if event["name"] == "RunTask":
            # A frame's work is the task in which it begins, and what comes until the next one begins.
            frame = made[bisect.bisect(begins, event["ts"] + event["dur"])]
            frame.clock += clock
            frame.processor += processor
            within = [(event["ts"] + event["dur"], frame, "other")]
            frame.kinds["other"] += processor
        elif within and (kind := _KINDS.get(event["name"])):
            _, frame, outer = within[-1]
            frame.kinds[outer] -= processor
            frame.kinds[kind] += processor
            within.append((event["ts"] + event["dur"], frame, kind))
    return made


def told(what: str, between: list[float], work: list[Work]) -> None:
    late = sum(b > FRAME_MS for b in between)
    line(f"{what}: between frames", between, worst=True)
    print(f"{'':36} {late} of {len(between)} over {FRAME_MS} ms")
    line("  its work, by the clock", [w.clock for w in work], limit=FRAME_MS, worst=True)
    line("  its work, on a processor", [w.processor for w in work], limit=FRAME_MS, worst=True)
    hardest = max(work, key=lambda w: w.processor)
    kinds = ", ".join(f"{n} {ms:.1f}" for n, ms in sorted(hardest.kinds.items()))
    print(f"{'':36} the hardest: {kinds}")


def bytes_(scene: Scene) -> None:
    import httpx

    found: dict[str, int] = {}
    page = scene.page
    with httpx.Client() as client:
        for path, _ in PAGES:
            page.goto(
                scene.url.rstrip("/") + path.format(recording=scene.recording, id=scene.recording)
            )
            page.wait_for_load_state("networkidle")
            names = page.evaluate(_STATIC)
            for name in names:
                if name not in found:
                    asked = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
                    with client.stream("GET", name, headers=asked) as answer:
                        found[name] = sum(len(piece) for piece in answer.iter_raw())
            sent = sum(found[name] for name in names if not name.endswith(".json"))
            print(f"{path:<36} {sent / 1000:8.1f} kB in {len(names)} files")
    code = sum(size for name, size in found.items() if not name.endswith(".json"))
    kept = "yes" if code < BYTES else "NO"
    print(
        f"{'all of them together':<36} {code / 1000:8.1f} kB   to be < {BYTES / 1000:.0f}: {kept}"
    )


_STATIC = """
[...new Set(performance.getEntriesByType("resource").map(({name}) => name))]
.filter((name) => name.includes("/static/"))
"""


def line(
    what: str,
    times: Sequence[float],
    *,
    limit: float | None = None,
    worst: bool = False,
    beside: Sequence[float] = (),
) -> None:
    """Print p50, p95 and the worst; whether a limit (of the p95, or of the worst) holds; and a ratio."""
    ordered = sorted(times)
    half, most = (
        ordered[len(ordered) // 2],
        ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)],
    )
    told = f"{what:<36} p50 {half:8.1f}  p95 {most:8.1f}  worst {ordered[-1]:8.1f} ms"
    if limit is not None:
        reached = ordered[-1] if worst else most
        told += f"   {'worst' if worst else 'p95'} to be < {limit:.0f}: {'yes' if reached < limit else 'NO'}"
    if beside:
        told += f"   ours / this {sorted(beside)[len(beside) // 2] / half:.1f}"
    print(told, flush=True)


MEASURED: dict[str, Callable[[Scene], None]] = {
    "opening": opening,
    "sound": sound,
    "saving": saving,
    "scrolling": scrolling,
    "bytes": bytes_,
}

if __name__ == "__main__":
    main()
