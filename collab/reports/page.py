"""The report as one HTML file that needs nothing else: pictures as data URLs, no script, no address of anybody."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

import msgspec

from .chain import Entry
from .sheet import PictureLine, Sheet, SignatureLine, StepLine

STYLE: Final = """
:root{color-scheme:light;--ink:#0f172a;--muted:#64748b;--rule:#e2e8f0;--accent:#0f766e;--bad:#b91c1c}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem 4rem;color:var(--ink);background:#fff;
font:16px/1.6 system-ui,"PingFang SC","Noto Sans SC","Microsoft YaHei",sans-serif}
h1{font-size:1.75rem;line-height:1.25;margin:.25rem 0}h2{font-size:1.25rem;color:var(--accent);margin:2.5rem 0 .75rem}
.muted,th,dt{color:var(--muted);font-weight:400;font-size:.875rem}.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:1rem;margin:0}dd{margin:0}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
td,th{text-align:start;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--rule)}
.pictures,.signatures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(22rem,100%),1fr));gap:1.25rem}
figure{margin:0}figure img{width:100%;border-radius:8px;display:block}figcaption{font-size:.875rem;margin-top:.375rem}
.signatures img{height:5rem}.signatures figure{border-bottom:1px solid var(--muted)}
code{font-size:.75rem;overflow-wrap:anywhere}
@media print{body{padding:0;font-size:11pt}figure,tr{break-inside:avoid}}
"""
NO_SCRIPT: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page_of(sheet: Sheet, chain: Sequence[Entry], files: Mapping[str, bytes]) -> bytes:
    words = sheet.words
    parts = [
        f'<!doctype html><html lang="{"zh-CN" if sheet.language == "zh" else "en"}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{NO_SCRIPT}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(sheet.title)}</title><style>{STYLE}</style></head><body>",
        f'<div class="muted">{escape(words.report)}</div><h1>{escape(sheet.title)}</h1>',
        f'<div class="muted">{escape(words.number)} {escape(sheet.number)} &middot; {escape(sheet.made)}</div>',
        f"<h2>{escape(words.machine)}</h2><dl>",
        *(f"<div><dt>{escape(fact.name)}</dt><dd>{escape(fact.text)}</dd></div>" for fact in sheet.facts),
        "</dl>",
    ]
    if sheet.visits:
        rows = ((visit.began, visit.ended, visit.people) for visit in sheet.visits)
        parts += [_heading(words.visits), _table((words.began, words.ended, words.people), _cells(rows))]
    if sheet.steps:
        header = ("", words.step, words.expected, words.result)
        parts += [_heading(words.steps), _table(header, (_step(step, words.pictures) for step in sheet.steps))]
    if sheet.pictures:
        parts += [_heading(words.pictures), '<div class="pictures">']
        parts += [_picture(picture, files[picture.file]) for picture in sheet.pictures]
        parts += ["</div>"]
    parts += [_heading(words.open_items)]
    if sheet.open_items:
        rows = ((item.text, item.owner, item.due) for item in sheet.open_items)
        parts += [_table(("", words.owner, words.due), _cells(rows))]
    else:
        parts += [f'<p class="muted">{escape(words.none_open)}</p>']
    parts += [_heading(words.signatures)]
    if sheet.signatures:
        signed = (_signature(signature, files[signature.file]) for signature in sheet.signatures)
        parts += ['<div class="signatures">', *signed, "</div>"]
    else:
        parts += [f'<p class="muted">{escape(words.not_signed)}</p>']
    parts += [_heading(words.record), f'<p class="muted">{escape(words.record_about)}</p>']
    if sheet.pictures:
        hashes = (f"<td>{picture.number}</td><td><code>{picture.stored_hash}</code></td>" for picture in sheet.pictures)
        parts += [_table(("", words.picture_hash), hashes)]
    parts += [
        f'<p class="muted">{escape(words.chain_end)} <code>{sheet.chain_end}</code></p>',
        f'<script type="application/json" id="record">{msgspec.json.encode(chain).decode()}</script></body></html>\n',
    ]
    return "".join(parts).encode()


def _heading(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _table(header: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cells(rows: Iterable[Iterable[str]]) -> Iterable[str]:
    return ("".join(f"<td>{escape(text)}</td>" for text in row) for row in rows)


def _step(step: StepLine, pictures: str) -> str:
    about = [f"<strong>{escape(step.title)}</strong>"]
    if step.note:
        about.append(escape(step.note))
    small = " · ".join(text for text in (step.done, f"{pictures} {step.pictures}" if step.pictures else "") if text)
    if small:
        about.append(f'<span class="muted">{escape(small)}</span>')
    bad = ' class="bad"' if step.state == "failed" or not step.within else ""
    outcome = "<br>".join(escape(text) for text in (step.result, step.value, step.tolerance) if text)
    return f"<td>{step.number}</td><td>{'<br>'.join(about)}</td><td>{escape(step.expected)}</td><td{bad}>{outcome}</td>"


def _picture(picture: PictureLine, content: bytes) -> str:
    caption = f'<strong>{picture.number}</strong> {escape(picture.caption)} <span class="muted">{picture.taken}</span>'
    return f"<figure>{_image('jpeg', content, picture.caption)}<figcaption>{caption}</figcaption></figure>"


def _signature(signature: SignatureLine, content: bytes) -> str:
    caption = (
        f"<strong>{escape(signature.name)}</strong><br>"
        f'<span class="muted">{escape(signature.part)} &middot; {signature.signed}</span>'
    )
    return f"<figure>{_image('png', content, signature.name)}<figcaption>{caption}</figcaption></figure>"


def _image(kind: str, content: bytes, about: str) -> str:
    return f'<img alt="{escape(about)}" src="data:image/{kind};base64,{base64.b64encode(content).decode()}">'
