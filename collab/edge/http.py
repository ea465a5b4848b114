"""The routes of the web server beside the API table: the API's own description and the catch-all of the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache

import msgspec
from aiohttp import web

from .endpoint import Endpoint
from .openapi import STYLE, openapi_document, openapi_page
from .pages import Pages


def description_routes(endpoints: Sequence[Endpoint]) -> list[web.RouteDef]:
    """The document takes a tenth of a second to make, so that is done when somebody first asks for it."""

    @cache
    def made() -> tuple[bytes, str]:
        document = openapi_document(endpoints)
        return msgspec.json.encode(document), openapi_page(document)

    async def describe(_request: web.Request) -> web.Response:
        packed, _ = await asyncio.to_thread(made)
        return web.Response(body=packed, content_type="application/json")

    async def show(_request: web.Request) -> web.Response:
        _, page = await asyncio.to_thread(made)
        return web.Response(text=page, content_type="text/html")

    async def style(_request: web.Request) -> web.Response:
        return web.Response(text=STYLE, content_type="text/css")

    return [web.get("/api/openapi.json", describe), web.get("/api/docs", show), web.get("/api/docs.css", style)]


def page_routes(pages: Pages) -> list[web.RouteDef]:
    """Last of all: every GET that nothing else answers."""
    return [web.get("/{path:.*}", pages.handle)]
