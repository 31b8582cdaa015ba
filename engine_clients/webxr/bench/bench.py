"""The web client's cost and lips in Chromium, for `frametalk bench client --engine web`: URL RESULT

Writes one JSON object: engine, replies, frame_ms and lips_ms (docs: frametalk.bench.client.engines.Engine),
after each reply that of the replies up to then, without lips_ms.
Needs Playwright, Chromium and the built library (`npm run build`). Nothing is drawn: frames come at the
browser's own rate.
"""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
TAP_HZ = 16_000
WINDOW_S = 1.0  # of a reply that is searched in the output at once
LEAST_LIKENESS = 0.9
PAGE = '<!doctype html><meta charset=utf-8><script type="module" src="bench.js"></script>'
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]
Floats = npt.NDArray[np.float64]


class Isolated(http.server.SimpleHTTPRequestHandler):
    """Serves a page that may read the time to 5 us: browsers round it to 100 us for others."""

    def end_headers(self) -> None:
        """Add the headers of a page that is isolated from others."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder to this machine; gives its address."""
    handler = functools.partial(Isolated, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def talk(url: str, result: Path) -> tuple[str, dict[str, Any]]:
    """The browser's name and version, and what the page recorded of its conversation.

    After each reply `result` has what it cost up to then.
    """
    with TemporaryDirectory() as name, serving(Path(name)) as address, sync_playwright() as tool:
        folder = Path(name)
        for file in (*HERE.glob("*.js"), *(HERE.parent / "dist").glob("*.js")):
            shutil.copy(file, folder)
        (folder / "index.html").write_text(PAGE, encoding="utf-8")
        browser = tool.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        version = f"Chromium {browser.version}"
        page.expose_function(
            "replied", lambda replies, costs: write(result, version, replies, costs, [])
        )
        page.goto(f"{address}?url={quote(url)}")
        page.wait_for_function("window.result !== undefined")
        found = page.evaluate("window.result")
        browser.close()
    if thrown:
        raise SystemExit("\n".join(thrown))
    return version, found


def lips_ms(found: dict[str, Any]) -> list[float]:
    """In each frame the mouth's sample less the one that was heard then, in milliseconds."""
    tap = np.concatenate([np.array(piece, float) for _, piece in found["pieces"]])
    # A piece's time is that of the block of the audio thread in which it became full, up to 3 ms late.
    began_s, index = float("inf"), 0
    for at_s, piece in found["pieces"]:
        began_s = min(began_s, at_s - index / TAP_HZ)
        index += len(piece)
    errors: list[float] = []
    for reply in found["replies"]:
        rate_hz = reply["rateHz"]
        heard = [(at, sample) for at, of, sample in found["frames"] if of == reply["reply"]]
        zero_s = began_of(tap, np.array(reply["sound"], float), rate_hz)
        if zero_s is not None:
            length = len(reply["sound"])
            errors += [
                (sample / rate_hz - (at - began_s - zero_s)) * 1000
                for at, sample in heard
                if 0 < sample < length
            ]
    return errors


def began_of(tap: Floats, sound: Floats, rate_hz: int) -> float | None:
    """When a reply's sample 0 was in the output, in seconds of it; None if it is not found.

    The loudest second of the reply is searched for by correlation.
    """
    count = round(len(sound) / rate_hz * TAP_HZ)
    same_rate = np.interp(np.arange(count) * rate_hz / TAP_HZ, np.arange(len(sound)), sound)
    width = min(count, round(WINDOW_S * TAP_HZ))
    if width == 0:
        return None
    power = np.concatenate([[0.0], np.cumsum(same_rate**2)])
    start = int(np.argmax(power[width:] - power[:-width]))
    window = same_rate[start : start + width]
    size = 1 << (len(tap) + width).bit_length()
    found = np.fft.irfft(np.fft.rfft(tap, size) * np.conj(np.fft.rfft(window, size)), size)
    place = int(np.argmax(found[: len(tap) - width]))
    there = tap[place : place + width]
    likeness = float(there @ window / np.sqrt((there @ there) * (window @ window) + 1e-9))
    return (place - start) / TAP_HZ if likeness >= LEAST_LIKENESS else None


def main(url: str, result: Path) -> None:
    """Talk, and write what it cost."""
    engine, found = talk(url, result)
    write(result, engine, len(found["replies"]), found["costs"], lips_ms(found))


def write(
    result: Path, engine: str, replies: int, costs_ms: list[float], errors_ms: list[float]
) -> None:
    """Replace the result, which may be read at any time."""
    measured = {"engine": engine, "replies": replies, "frame_ms": costs_ms, "lips_ms": errors_ms}
    new = result.with_suffix(".new")
    new.write_text(json.dumps(measured), encoding="utf-8")
    new.replace(result)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
