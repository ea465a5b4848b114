"""Our tracker in a worker of a Chromium page."""
# mypy: disable-error-code="import-not-found,no-any-return"

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench_ar.measure import Run
from tests.bench_ar.trackers import HERE, read_run

PAGE = """async (input) => {
  const worker = new Worker("worker.mjs", { type: "module" });
  const told = new Promise((resolve, reject) => {
    worker.onmessage = (message) => resolve(message.data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(input);
  try { return await told; } finally { worker.terminate(); }
}"""


class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".mjs": "text/javascript", ".html": "text/html", "": "application/octet-stream"}  # noqa: RUF012 (as its base has it)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing of each request."""


def in_chromium(sequence: Any, built: Path, folder: Path) -> Run:
    """`built` (tracker.mjs) must lie in `folder`."""
    if built.parent != folder:
        shutil.copy(built, folder / "tracker.mjs")
    shutil.copy(HERE / "worker.mjs", folder)
    (folder / "index.html").write_text("<!doctype html><title>bench</title><link rel=icon href=data:,>")
    (folder / "frames.gray").write_bytes(sequence.frames.tobytes())
    height, width = sequence.frames.shape[1:]
    handler = functools.partial(Files, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page()
                page.goto(f"http://127.0.0.1:{server.server_port}/")
                marks = [float(v) for v in sequence.truth[0]]
                told = page.evaluate(PAGE, {"width": width, "height": height, "marks": marks})
                browser.close()
        finally:
            server.shutdown()
            thread.join()
    return read_run(told)
