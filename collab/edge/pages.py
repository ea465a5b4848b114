"""The built front end, from memory.

Only files that were there when the folder was read can be asked for: a path is a key of a table, never a path on disk.
A rebuilt front end is noticed by its index.html, at most once a second.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import re
import time
from functools import lru_cache
from pathlib import Path

import structlog
from aiohttp import web
from msgspec import Struct

INDEX = "index.html"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
HASHED = re.compile(r"^assets/.+[-.][A-Za-z0-9_-]{8,}\.[a-z0-9.]+$")  # Vite's names carry a hash of the content
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/manifest+json")
COMPRESS_MIN_BYTES = 1_024
PACKED_KEPT = 256  # files
LOOK_AGAIN_S = 1.0
MISSING = b"The pages are not built yet: run `make` in the folder of the sources.\n"

_TYPES = {".js": "application/javascript", ".mjs": "application/javascript", ".wasm": "application/wasm"}

log = structlog.get_logger("pages")


class Page(Struct, frozen=True):
    media_type: str
    etag: str
    cache_control: str
    encodings: dict[str, bytes]  # "" is the plain content


class Pages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: dict[str, Page] = {}
        self._stamp = 0
        self._looked_at_s = 0.0

    def load(self) -> None:
        """Read everything (blocks)."""
        self._stamp = _stamp(self._folder)
        self._pages = _read(self._folder)
        log.debug("pages_loaded", files=len(self._pages))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any GET that nothing else answers: a file of the front end, or the one page that routes for itself."""
        name = request.match_info["path"]
        await self._refresh(name)
        page = self._pages.get(name)
        if page is None:
            if "." in name.rpartition("/")[2] or name.startswith(("api/", "whip/", "whep/")) or name in ("api", "ws"):
                raise web.HTTPNotFound
            page = self._pages.get(INDEX)
        if page is None:
            return web.Response(status=503, body=MISSING, content_type="text/plain")
        return _respond(request, page)

    async def _refresh(self, name: str) -> None:
        now_s = time.monotonic()
        if (name in self._pages and name != INDEX) or now_s - self._looked_at_s < LOOK_AGAIN_S:
            return
        self._looked_at_s = now_s
        if await asyncio.to_thread(_stamp, self._folder) != self._stamp:
            await asyncio.to_thread(self.load)


def _respond(request: web.Request, page: Page) -> web.Response:
    headers = {"ETag": page.etag, "Cache-Control": page.cache_control, "Vary": "Accept-Encoding"}
    if page.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")}
    encoding = next((name for name in ("br", "gzip") if name in accepted and name in page.encodings), "")
    if encoding:
        headers["Content-Encoding"] = encoding
    response = web.Response(body=page.encodings[encoding], headers=headers)
    response.content_type = page.media_type
    if page.media_type.startswith("text/"):
        response.charset = "utf-8"
    return response


def _stamp(folder: Path) -> int:
    try:
        return (folder / INDEX).stat().st_mtime_ns
    except OSError:
        return 0


def _read(folder: Path) -> dict[str, Page]:
    pages: dict[str, Page] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.suffix in (".br", ".gz", ".map"):
            continue
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        pages[name] = Page(
            media_type=media_type,
            etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
            cache_control=IMMUTABLE if HASHED.match(name) else REVALIDATE,
            encodings=_encodings(path, content, media_type),
        )
    return pages


def _encodings(path: Path, content: bytes, media_type: str) -> dict[str, bytes]:
    """Plain, with what the build has compressed already, and gzip of our own where it has not."""
    encodings = {"": content}
    for name, suffix in (("br", ".br"), ("gzip", ".gz")):
        packed = path.with_name(path.name + suffix)
        if packed.is_file():
            encodings[name] = packed.read_bytes()
    if "gzip" not in encodings and len(content) >= COMPRESS_MIN_BYTES and media_type.startswith(COMPRESSIBLE):
        encodings["gzip"] = _packed(content)
    return encodings


@lru_cache(PACKED_KEPT)
def _packed(content: bytes) -> bytes:
    """Kept: most files of a front end that was built anew are what they were."""
    return gzip.compress(content, 6, mtime=0)
