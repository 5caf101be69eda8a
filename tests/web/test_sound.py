"""The working sound over HTTP: any bytes of a WAV that is nowhere, for who plays it and for nobody else."""

from __future__ import annotations

import io
import itertools
import os
import threading
import wave
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from confere.acts.destroy import destroy
from confere.web.sound.working import HEADER_BYTES
from doubles.serving import Browser, Front
from doubles.studies import PASSPHRASE, Study

SECOND_BYTES = 48_000
#: A browser's, where an `audio` element asks.
ASKED_BY_AUDIO = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "audio"}


def opened(browser: Browser, recording: str) -> str:
    """Open a transcript; return the path of its sound."""
    return f"/sound/{browser.get(f'/api/recordings/{recording}').json()['ticket']}"


def ask(browser: Browser, path: str, span: str | None = None, **headers: str) -> httpx.Response:
    """Ask as an `audio` element does: with the cookie, without the token."""
    sent = {**ASKED_BY_AUDIO, **{name.replace("_", "-"): it for name, it in headers.items()}}
    if span is not None:
        sent["Range"] = f"bytes={span}"
    return browser.client.get(path, headers=sent)


@pytest.fixture
def path(vera: Browser, recordings: list[str]) -> str:
    """The path of the first recording's sound, for the verifier."""
    return opened(vera, recordings[0])


def pitch_hz(samples: Any) -> int:
    """Return the loudest pitch of a second."""
    return int(np.argmax(np.abs(np.fft.rfft(samples[:24_000]))))


def test_the_whole_is_a_wav(vera: Browser, path: str) -> None:
    """16-bit mono at 24,000 Hz, as long as the recording, with its tone in every second."""
    answer = ask(vera, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.getnframes() == 12 * 24_000
        samples = np.frombuffer(file.readframes(12 * 24_000), "<i2").reshape(12, -1)
    [pitch] = {pitch_hz(second) for second in samples}
    assert pitch in {300, 350, 400}
    assert 11_000 < samples.max() < 13_000


def test_any_range_is_that_part_of_the_whole(vera: Browser, path: str) -> None:
    """At every border: of the header, of a second, of a piece, of the file; and of one byte."""
    whole = ask(vera, path).content
    size = len(whole)
    borders = sorted({
        *(0, 1, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1, size - 1, size - 2),
        *(HEADER_BYTES + SECOND_BYTES + by for by in (-1, 0, 1)),
        *(65_536 + by for by in (-1, 0, 1)),
    })  # fmt: skip
    for first, last in itertools.combinations_with_replacement(borders, 2):
        answer = ask(vera, path, f"{first}-{last}")
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert int(answer.headers["content-length"]) == last + 1 - first
        # Entered elsewhere, the filter that changes the rate begins anew: a few samples differ in a bit.
        assert alike(answer.content, whole[first : last + 1], first)


def alike(some: bytes, others: bytes, first: int) -> bool:
    """Whether two parts of a working sound that begin at a byte are the same to the ear."""
    if len(some) != len(others):
        return False
    head = max(0, HEADER_BYTES - first)
    odd = (first + head) % 2
    samples, other_samples = (
        np.frombuffer(it[head + odd :][: (len(it) - head - odd) // 2 * 2], "<i2").astype(int)
        for it in (some, others)
    )
    same_header = some[:head] == others[:head]
    return same_header and (not len(samples) or int(np.abs(samples - other_samples).max()) < 300)


def test_open_and_suffix_ranges(vera: Browser, path: str) -> None:
    """Without an end a piece is answered, from the end its last bytes, beyond it nothing."""
    size = HEADER_BYTES + 12 * SECOND_BYTES
    assert ask(vera, path, "100-").headers["content-range"] == f"bytes 100-{size - 1}/{size}"
    assert len(ask(vera, path, "-10").content) == 10
    assert len(ask(vera, path, f"-{2 * size}").content) == size
    assert len(ask(vera, path, f"{size - 5}-{2 * size}").content) == 5
    for nowhere in (f"{size}-", f"{size}-{size + 5}", "-0", "7-6"):
        answer = ask(vera, path, nowhere)
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == f"bytes */{size}"
    for ignored in ("-", "0-1,5-6", "a-b"):
        assert len(ask(vera, path, ignored).content) == size
    head = vera.client.head(path, headers=ASKED_BY_AUDIO)
    assert (head.status_code, head.headers["content-length"]) == (200, str(size))


def test_two_tabs_at_once(vera: Browser, recordings: list[str]) -> None:
    """Four threads read two recordings in turns, each at its own place, and each gets its own sound."""
    paths = [opened(vera, recording) for recording in recordings[:2]]
    pitches = [pitch_hz(np.frombuffer(ask(vera, it).content[44:], "<i2")) for it in paths]
    assert len(set(pitches)) == 2
    heard: dict[int, list[int]] = {}

    def listen(number: int) -> None:
        for second in (number, 8, 3, number + 4):
            first = HEADER_BYTES + second * SECOND_BYTES
            answer = ask(vera, paths[number % 2], f"{first}-{first + SECOND_BYTES - 1}")
            heard.setdefault(number, []).append(pitch_hz(np.frombuffer(answer.content, "<i2")))

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: [pitches[number % 2]] * 4 for number in range(4)}


def test_who_may_ask(page: Front, vera: Browser, path: str, recordings: list[str]) -> None:
    """The ticket alone opens nothing, nor does another session's, nor another page, nor a guess."""
    with page.browser() as nobody:
        assert ask(nobody, path).status_code == 401
        nobody.sign_in("ivo", PASSPHRASE)
        opened(nobody, recordings[0])
        refused = ask(nobody, path, "0-9")
        assert (refused.status_code, b"RIFF" in refused.content) == (404, False)
        assert ask(nobody, "/sound/guess").status_code == 404
    for site in ("cross-site", "same-site", "none"):
        refused = ask(vera, path, "0-9", Sec_Fetch_Site=site)
        assert (refused.status_code, b"RIFF" in refused.content) == (403, False)
    for destination in ("document", "iframe", "script", "object"):
        assert ask(vera, path, "0-9", Sec_Fetch_Dest=destination).status_code == 403
    assert ask(vera, path, "0-9", Origin="http://elsewhere.example").status_code == 403
    assert ask(vera, path, "0-9", Host="elsewhere.example").status_code == 421
    assert vera.client.post(path, headers=ASKED_BY_AUDIO).status_code in (403, 405)
    assert ask(vera, path, "0-3").content == b"RIFF"
    vera.post("/api/lock")
    assert ask(vera, path, "0-3").status_code == 401


def test_what_was_destroyed_is_not_served(
    study: Study, vera: Browser, path: str, recordings: list[str]
) -> None:
    """Though it was playing, and its seconds were decoded already: not one byte more, nor its peaks."""
    assert ask(vera, path, "0-100000").status_code == 206
    lena = study.desk("lena")
    destroy(lena, recordings[0], "withdrawn")
    lena.vault.close()
    for span in ("0-100", "44-100000", None):
        answer = ask(vera, path, span)
        assert (answer.status_code, answer.json()["error"]) == (404, "NoSuchThing")
    asked = f"/api/recordings/{recordings[0]}/peaks?start_ms=0&end_ms=1000&columns=10"
    assert vera.get(asked).status_code == 404
    assert ask(vera, opened(vera, recordings[1]), "0-9").status_code == 206


def test_only_what_was_served_is_believed_to_be_played(
    vera: Browser, path: str, recordings: list[str]
) -> None:
    """A report of what no byte was asked of is worth nothing; of what was asked it is."""
    report = f"/api/recordings/{recordings[0]}/played"
    claimed = {"start_ms": 0, "end_ms": 400, "rate": 1}
    assert vera.post(report, claimed).json()["played"] == []
    ask(vera, path, f"{HEADER_BYTES}-{HEADER_BYTES + 48 * 200 - 1}")
    assert vera.post(report, claimed).json()["played"] == [[0, 200]]
    ask(vera, path, f"{HEADER_BYTES + 48 * 200}-{HEADER_BYTES + 48 * 300 + 10}")
    assert vera.post(report, claimed).json()["played"] == [[0, 300]]


def test_peaks(vera: Browser, path: str, recordings: list[str]) -> None:
    """A column each, 0 to 127, as loud as the tone, silent after the end; nonsense is refused."""
    asked = f"/api/recordings/{recordings[0]}/peaks?start_ms={{}}&end_ms={{}}&columns={{}}"
    peaks = vera.get(asked.format(0, 30_000, 750)).json()["peaks"]
    assert len(peaks) == 750
    assert all(40 <= peak <= 52 for peak in peaks[:300]) and not any(peaks[302:])
    assert len(vera.get(asked.format(500, 501, 4_000)).json()["peaks"]) == 4_000
    assert vera.get(asked.format(7, 11_999, 1)).json()["peaks"][0] >= 40
    for nonsense in (
        (0, 0, 5),
        (5, 4, 5),
        (0, 1, 0),
        (0, 1, 4_001),
        (0, 1_800_001, 9),
        ("a", 1, 1),
    ):
        assert vera.get(asked.format(*nonsense)).status_code == 400
    unopened = asked.replace(recordings[0], recordings[1])
    assert vera.get(unopened.format(0, 1_000, 10)).status_code == 404


def test_nothing_of_it_lies_on_a_disk(page: Front, vera: Browser, path: str, study: Study) -> None:
    """While it plays, the keeper has no file open for writing but the catalog's own; and makes none."""
    before = {str(file) for file in study.root.rglob("*")}
    whole = ask(vera, path).content
    [keeper] = page.keepers()
    for descriptor in Path(f"/proc/{keeper}/fd").iterdir():
        target = descriptor.readlink()
        flags = Path(f"/proc/{keeper}/fdinfo/{descriptor.name}").read_text()
        mode = int(flags.partition("flags:")[2].split()[0], 8) & os.O_ACCMODE
        if target.is_file() and mode != os.O_RDONLY:
            assert target.name.startswith("catalog.db"), target
            assert whole[60_000:60_064] not in target.read_bytes()
    written = {str(file) for file in study.root.rglob("*")} - before
    assert all("catalog" in name for name in written), written
