"""The page that a browser sees first: what is in force on a day, a provision to look up, the versions."""

import base64
import hashlib
from datetime import date
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from events.driver_errors import translated
from events.errors import NotFound
from services.doors.parameters import check_names
from services.projection import queries
from services.projection.asked import day, today
from services.projection.kept import Clock, now
from services.projection.point import point_at

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1b1f24;background:#fff}"
    "h1{margin:0}h2{margin:2rem 0 .5rem}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}"
    "a{color:#0550ae}.lead{font-size:1.15rem}.state{white-space:nowrap}input,button{font:inherit;padding:.25rem .4rem}"
    "label{margin-right:1rem}small{color:#57606a}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}a{color:#6cb6ff}"
    "td,th{border-color:#30363d}small{color:#9198a1}}"
)

POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def router(engine: sa.Engine, clock: Clock = now) -> APIRouter:
    """The pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def start(request: Request) -> HTMLResponse:
        check_names(request, ("as_of", "q"))
        asked = day(request.query_params, "as_of") or today(clock())
        q = request.query_params.get("q", "").strip()
        with translated(), engine.connect() as connection:
            codes = [_code(connection, each, asked, q, clock) for each in queries.codes(connection)]
        body = "".join(codes) or "<p>The ledger is empty: <code>inforce ingest FILE</code> records a document.</p>"
        return HTMLResponse(_document(body, asked.isoformat(), q), headers=HEADERS)

    return routes


def _code(connection: sa.Connection, code: dict[str, Any], asked: date, q: str, clock: Clock) -> str:
    title = escape(code["title"])
    try:
        point = point_at(connection, code["code"], asked, None, clock())
    except NotFound as refusal:
        return f"<h2>{title}</h2><p>{escape(str(refusal))}</p>"
    version = queries.in_force(connection, point)["version"]
    listed = queries.provisions(connection, point, q=q or None)
    known = f"its sources speak up to {point.up_to_date_as_of}; " if point.up_to_date_as_of else ""
    shown = _provisions(code["code"], listed, asked.isoformat()) if listed else "<p>None that matches.</p>"
    return (
        f"<h2>{title}</h2><p class=lead>{_lead(code['code'], version)}"
        f" <small>({known}position {point.position})</small></p><h3>Provisions on {asked}</h3>{shown}"
        f"<h3>Versions</h3>{_versions(code['code'], queries.versions(connection, point, {}))}"
    )


def _lead(code: str, version: dict[str, Any] | None) -> str:
    if version is None:
        return "No version in force"
    label = escape(version["label"])
    return (
        f"Version <b>{_link(label, code, 'versions', version['label'])}</b>, since {escape(version['effective'] or '')}"
    )


def _provisions(code: str, items: list[dict[str, Any]], as_of: str) -> str:
    rows = "".join(
        f"<tr><td>{_link(escape(i['kind'] + ' ' + i['ref']), code, 'provisions', i['kind'], i['ref'], as_of=as_of)}"
        f"<td>{escape(i['title'] or '')}<td class=state>{escape(i['state'].replace('_', ' '))}"
        f"<td>{_link(escape(i['version']), code, 'versions', i['version']) if i['version'] else ''}"
        f"<td class=state>{escape(i['valid']['from'] or '')}"
        f"<td>{_link('history', code, 'provisions', i['kind'], i['ref'], 'history', as_of=as_of)}"
        for i in items
    )
    return f"<table><tr><th>Provision<th>Title<th>State<th>Version<th>Since<th>{rows}</table>"


def _versions(code: str, items: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{_link(escape(i['label']), code, 'versions', i['label'])}<td>{escape(i['effective'] or 'undated')}"
        f"<td>{escape(', '.join(dict.fromkeys(act['authority'] for act in i['instruments'])))}"
        f"<td>{len(i['changes'])}<td>{escape(i['status'].replace('_', ' '))}"
        for i in reversed(items)
    )
    return f"<table><tr><th>Version<th>In force from<th>By<th>Changes<th>Status{rows}</table>"


def _link(words: str, code: str, *parts: str, **query: str) -> str:
    path = "/".join(quote(part, safe="") for part in ("v1", "codes", code, *parts))
    return f'<a href="/{escape(path)}{escape("?" + urlencode(query)) if query else ""}">{words}</a>'


def _document(body: str, as_of: str, q: str) -> str:
    return (
        '<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>inforce: what is in force</title><style>{STYLE}</style><h1>inforce</h1>"
        "<p class=lead>What of an industry code was in force on any day, who changed it, on whose authority.</p>"
        f'<form><label>On <input type=date name=as_of value="{as_of}"></label>'
        f'<label>Provision <input type=search name=q value="{escape(q)}" placeholder="H15, Gateway"></label>'
        f"<button>Show</button></form>{body}"
        '<p><small><a href="/v1/codes">The API</a> · <a href="/openapi.json">its description</a> ·'
        ' <a href="/v1/status">status</a></small></html>'
    )
