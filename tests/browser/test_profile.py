"""The search of a profile finds what a careless page leaves in it: otherwise finding nothing says nothing."""

from __future__ import annotations

import gzip
import json
import random
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from browser.profiles import blocks, forms, forms_of_samples, found_in, lasting_cookies, unsnappied

SAMPLES = random.Random(3).choices(range(-9000, 9000), k=64)
SOUND = struct.pack("<64h", *SAMPLES) * 400
WORDS = {
    "title": "Quixadá das Almas",
    "answer": "A jabuticabeira não floriu",
    "local storage": "Três colibris à toa",
    "tab's storage": "O pirilampo do sótão",
    "place": "saguao-tambor-pessego",
}
PAGE = """<script type="module">
document.title = "Quixadá das Almas";
localStorage.setItem("kept", "Três colibris à toa");
sessionStorage.setItem("kept", "O pirilampo do sótão");
await (await fetch("/answer")).json();
await (await fetch("/sound")).arrayBuffer();
history.replaceState(null, "", "#saguao-tambor-pessego");
document.body.textContent = "done";
</script>"""


class Careless(BaseHTTPRequestHandler):
    """Answers as a page does that says nothing about keeping."""

    def do_GET(self) -> None:
        """Answer."""
        answer = gzip.compress(json.dumps(WORDS["answer"], ensure_ascii=False).encode())
        kind, body, packed = {
            "/answer": ("application/json", answer, True),
            "/sound": ("audio/wav", SOUND, False),
        }.get(self.path, ("text/html", PAGE.encode(), False))
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Set-Cookie", "confere-1=kept; Max-Age=3600")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def careless() -> Iterator[str]:
    """Where such a page is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_what_a_careless_page_leaves_is_found(
    driver: Playwright, chromium_path: str, careless: str, tmp_path: Path
) -> None:
    """Title, answer in its gzip, both storages, place, sound, cookie: each is found in the profile."""
    context = driver.chromium.launch_persistent_context(tmp_path, executable_path=chromium_path)
    context.pages[0].goto(careless)
    context.pages[0].get_by_text("done").wait_for()
    context.close()
    found = found_in(tmp_path, forms(WORDS) | forms_of_samples([SAMPLES]))
    assert {name.split(",")[0] for name in found} == {*WORDS, "sound 0"}
    assert lasting_cookies(tmp_path) == ["confere-1"]


def test_a_leveldb_table_is_opened() -> None:
    """Its blocks, packed by Snappy, with keys that are shortened."""
    packed = b"\x1a" + bytes([15 << 2]) + b"Na madrugada, a " + bytes([(10 - 1) << 2 | 2, 13, 0])
    assert unsnappied(packed) == b"Na madrugada, a madrugada,"
    entries = b"\x00\x04\x01seca1" + b"\x03\x02\x01ar2"  # seca = 1, secar = 2
    data = entries + struct.pack("<II", 0, 1)
    packed_data = bytes([len(data), (len(data) - 1) << 2]) + data
    index = b"\x00\x01\x02z" + bytes([0, len(packed_data)]) + struct.pack("<II", 0, 1)
    at = len(packed_data) + 5
    footer = bytes([0, 0, at, len(index)]).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    table = packed_data + b"\x01" + bytes(4) + index + b"\x00" + bytes(4) + footer
    assert list(blocks(table)) == [b"seca\n1\nsecar\n2"]
