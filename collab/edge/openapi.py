"""The OpenAPI 3.1 document and a page to read it, both made from the endpoint table and its structs."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from collab.problems import STATUS, ProblemDocument
from rooms.core.codes import Code

from .endpoint import Access, Endpoint, Nothing

JsonObject = dict[str, Any]  # a JSON document on its way out, never parsed input
VERSION = version("tongxin")
REF = "#/components/schemas/{name}"

_SECURITY: dict[Access, list[JsonObject]] = {
    Access.ANYONE: [{}, {"session": [], "csrf": []}, {"bearer": []}],
    Access.MEMBER: [{"session": [], "csrf": []}],
    Access.PARK_ADMINISTRATOR: [{"session": [], "csrf": []}],
}


def implied_refusals(endpoint: Endpoint) -> tuple[Code, ...]:
    """Codes that an endpoint can refuse with, declared ones and those that come with its row."""
    codes = [*endpoint.refusals, Code.RATE_LIMITED, Code.UNAVAILABLE]
    if endpoint.upload_max_bytes:
        codes += [Code.TOO_LARGE, Code.BAD_FILE, Code.IDLE]
    if endpoint.input is not Nothing:
        codes += [Code.INVALID, Code.BAD_MESSAGE]
        if endpoint.changes_state:
            codes.append(Code.TOO_LARGE)
    if endpoint.access is not Access.ANYONE:
        codes += [Code.UNAUTHENTICATED, Code.FORBIDDEN]
    if endpoint.changes_state:
        codes.append(Code.FORBIDDEN)  # origin, CSRF
    return tuple(dict.fromkeys(codes))


def openapi_document(endpoints: Sequence[Endpoint]) -> JsonObject:
    shapes = {
        endpoint.input
        for endpoint in endpoints
        if endpoint.changes_state and endpoint.input is not Nothing and not endpoint.upload_max_bytes
    }
    shapes |= {endpoint.output for endpoint in endpoints if endpoint.output is not None}
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    _, components = msgspec.json.schema_components([*ordered, ProblemDocument], ref_template=REF)
    paths: JsonObject = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tongxin",
            "version": VERSION,
            "description": (
                "Browsers are known by the session cookie and show the CSRF token of GET /api/me with every request "
                "that changes something; programs show a bearer token. Rooms themselves are spoken to over the "
                "WebSocket /ws, WHIP and WHEP, which have documents of their own."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "tongxin_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(endpoint: Endpoint) -> JsonObject:
    operation: JsonObject = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.about,
        "security": _SECURITY[endpoint.access],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.upload_max_bytes:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    elif endpoint.changes_state and endpoint.input is not Nothing:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REF.format(name=endpoint.input.__name__)}}},
        }
    return operation


def _path_parameters(endpoint: Endpoint) -> list[JsonObject]:
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(endpoint: Endpoint) -> list[JsonObject]:
    if (endpoint.changes_state and not endpoint.upload_max_bytes) or endpoint.input is Nothing:
        return []
    _, components = msgspec.json.schema_components([endpoint.input], ref_template=REF)
    shape = components.pop(endpoint.input.__name__)
    required = shape.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(schema, components)}
        for name, schema in shape["properties"].items()
    ]


def _inlined(schema: JsonObject, components: JsonObject) -> JsonObject:
    """A query's enumerations stand where they are used, also those that may be left out."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_inlined(one, components) for one in schema["anyOf"]]}
    reference = schema.get("$ref")
    if reference is None:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**components[reference.rpartition("/")[2]], **rest}


def _responses(endpoint: Endpoint) -> JsonObject:
    responses: JsonObject = {}
    if endpoint.output is not None:
        schema = {"$ref": REF.format(name=endpoint.output.__name__)}
        content: JsonObject = {"application/json": {"schema": schema}}
        responses[str(endpoint.status)] = {"description": "Done", "content": content}
    elif endpoint.media_type:
        responses["200"] = {"description": "Done", "content": {endpoint.media_type: {}}}
    elif endpoint.status == 303:
        responses["303"] = {"description": "Leads to a page"}
    else:
        responses["204"] = {"description": "Done"}
    by_status: dict[int, list[str]] = {}
    for code in implied_refusals(endpoint):
        by_status.setdefault(STATUS[code], []).append(code.value)
    if endpoint.changes_state and endpoint.input is not Nothing:
        by_status.setdefault(415, []).append(Code.BAD_MESSAGE.value)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "Refused: " + ", ".join(sorted(set(codes))),
            "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="ProblemDocument")}}},
        }
    return responses


# ---------------------------------------------------------------- the page

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, "PingFang SC", "Noto Sans SC", "Microsoft YaHei", sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font-size: 0.9em; }
section { border-top: 1px solid #8888; padding: 0.5rem 0 1rem; }
h2 { font-size: 1rem; margin: 0.5rem 0; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; color: #0f766e; }
@media (prefers-color-scheme: dark) { .method { color: #5eead4; } }
table { border-collapse: collapse; margin: 0.5rem 0; }
th, td { text-align: left; padding: 0.15rem 1rem 0.15rem 0; vertical-align: top; }
"""


def openapi_page(document: JsonObject) -> str:
    """Plain HTML without scripts; its style sheet is a file of its own because of the content security policy."""
    sections = [
        _section(path, method, operation, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Tongxin API</title><link rel="icon" href="/favicon.svg">'
        '<link rel="stylesheet" href="/api/docs.css"></head><body>'
        f"<h1>Tongxin API</h1><p>{html.escape(document['info']['description'])}</p>"
        '<p>For programs: <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
        f"<main>{''.join(sections)}</main></body></html>"
    )


def _section(path: str, method: str, operation: JsonObject, schemas: JsonObject) -> str:
    parts = [f'<section><h2><span class="method">{method.upper()}</span> <code>{html.escape(path)}</code></h2>']
    parts.append(f"<p>{html.escape(operation['summary'])}</p>")
    rows = [(one["name"], _type_name(one["schema"]), one["required"]) for one in operation["parameters"]]
    parts.append(_table("parameter", rows))
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        if "application/json" in content:
            parts.append(_shape("body", content["application/json"]["schema"], schemas))
        else:
            parts.append("<p>body: the file</p>")
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status.startswith("2") and "application/json" in content:
            parts.append(_shape(f"reply {status}", content["application/json"]["schema"], schemas))
        else:
            parts.append(f"<p><code>{status}</code> {html.escape(response['description'])}</p>")
    return "".join([*parts, "</section>"])


def _shape(title: str, reference: JsonObject, schemas: JsonObject) -> str:
    shape = schemas[reference["$ref"].rpartition("/")[2]]
    required = shape.get("required", [])
    return _table(title, [(name, _type_name(one), name in required) for name, one in shape["properties"].items()])


def _table(title: str, rows: list[tuple[str, str, bool]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td><code>{html.escape(name)}</code></td><td>{html.escape(kind)}</td>"
        f"<td>{'' if required else 'optional'}</td></tr>"
        for name, kind, required in rows
    )
    return f"<table><thead><tr><th>{title}</th><th>type</th><th></th></tr></thead><tbody>{lines}</tbody></table>"


def _type_name(schema: JsonObject) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type_name(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " / ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {_type_name(items)}" if isinstance(items, dict) else "list"
    bounds = [f"{key} {schema[key]}" for key in ("minLength", "maxLength", "minimum", "maximum") if key in schema]
    return str(schema.get("type", "any")) + (f" ({', '.join(bounds)})" if bounds else "")
