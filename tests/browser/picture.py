"""The picture of the README, drawn anew: ``python -m tests.browser.picture``."""

from __future__ import annotations

import base64
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright
from scipy.spatial import cKDTree

from tests.browser.conftest import CHROMIUM
from tests.browser.looking import ROOT
from tests.browser.serving import keep_keys, open_door, serve
from tests.browser.visiting import Seats, Visitors
from tests.conftest import KEYS, NOW
from tests.demo_files import demo_file

PICTURE = ROOT / "docs" / "hotspots.png"
WHOLE_YEAR = "/maps/hotspots?from=2025-11-25&to=2026-11-24"

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256

_PIXELS = """async (source) => {
  const image = await createImageBitmap(await (await fetch(source)).blob());
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const blob = new Blob([data]);
  const text = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
  return [image.width, image.height, text.split(",")[1]];
}"""


def draw() -> None:
    """The hotspot map of the demo over a whole year, as its head sees it at a desk."""
    switches = ["--no-sandbox", "--disable-gpu"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tools:
        keep_keys(Path(folder))
        file = demo_file(Path(folder), KEYS, now=NOW)
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=switches)
        with (
            open_door() as door,
            serve(file, door) as site,
            Visitors(Seats(browser), site).watched() as visitors,
        ):
            page = visitors.open(WHOLE_YEAR)
            picture = page.screenshot()
        PICTURE.write_bytes(with_palette(browser, picture))
        browser.close()


def with_palette(browser: Browser, picture: bytes) -> bytes:
    """The same picture with its 256 most frequent colours, in a third of the bytes."""
    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    width, height, text = browser.new_page().evaluate(_PIXELS, source)
    pixels = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(-1, 4)[:, :3]
    known, which, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    palette = known[np.argsort(-counts)[:COLOURS]]
    _, nearest = cKDTree(palette).query(known)
    rows = nearest[which.ravel()].astype(np.uint8).reshape(height, width)
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), rows])  # each line begins with "no filter"
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(_part(kind, content) for kind, content in parts)


def _part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    draw()
