"""The page that a browser sees first: what is in force today, the versions, a provision to look up."""

from datetime import UTC, datetime
from html import escape
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from events.driver_errors import translated
from events.errors import NotFound
from services.projection import queries
from services.projection.asked import check_names, day, today
from services.projection.point import point_at

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1b1f24;background:#fff}
h1{margin:0}h2{margin:2rem 0 .5rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}
a{color:#0550ae}.lead{font-size:1.15rem}.state{white-space:nowrap}input{font:inherit;padding:.25rem}small{color:#57606a}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}a{color:#6cb6ff}td,th{border-color:#30363d}}
"""


def router(engine: sa.Engine) -> APIRouter:
    """The pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def start(request: Request) -> HTMLResponse:
        check_names(request.query_params, ("as_of",))
        asked = day(request.query_params, "as_of") or today()
        with translated(), engine.connect() as connection:
            codes = [_code(connection, each["code"], asked) for each in queries.codes(connection)]
        body = "".join(codes) or "<p>The ledger is empty: <code>inforce ingest FILE</code> records a document.</p>"
        return HTMLResponse(_document(body, asked.isoformat()), headers={"Content-Security-Policy": POLICY})

    return routes


def _code(connection: sa.Connection, code: str, asked: Any) -> str:  # noqa: ANN401 - a day
    try:
        point = point_at(connection, code, asked, None, datetime.now(UTC))
    except NotFound as refusal:
        return f"<h2>{escape(code)}</h2><p>{escape(str(refusal))}</p>"
    version = queries.in_force(connection, point)["version"]
    listed = queries.provisions(connection, point)
    versions = queries.versions(connection, point, {})
    title = escape(queries.code(connection, point)["title"])
    lead = (
        f"Version <b>{escape(version['label'])}</b>, since {escape(version['effective'] or '')}"
        if version
        else "No version"
    )
    known = f"its sources speak up to {point.up_to_date_as_of}" if point.up_to_date_as_of else ""
    return (
        f"<h2>{title}</h2><p class=lead>{lead} <small>({known}; position {point.position})</small></p>"
        f"<h3>Provisions</h3>{_provisions(code, listed, point.as_of.isoformat())}"
        f"<h3>Versions</h3>{_versions(code, versions)}"
    )


def _provisions(code: str, items: list[dict[str, Any]], as_of: str) -> str:
    rows = "".join(
        f"<tr><td><a href='/v1/codes/{escape(code)}/provisions/{escape(i['kind'])}/{escape(i['ref'])}?as_of={as_of}'>"
        f"{escape(i['kind'])} {escape(i['ref'])}</a><td>{escape(i['title'] or '')}<td class=state>"
        f"{escape(i['state'].replace('_', ' '))}<td>{escape(i['version'] or '')}<td>{escape(i['valid']['from'] or '')}"
        for i in items
    )
    return f"<table><tr><th>Provision<th>Title<th>State<th>Version<th>Since{rows}</table>"


def _versions(code: str, items: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><a href='/v1/codes/{escape(code)}/versions/{escape(i['label'])}'>{escape(i['label'])}</a>"
        f"<td>{escape(i['effective'] or 'undated')}<td>{escape(', '.join(dict.fromkeys(a['authority'] for a in i['instruments'])))}"
        f"<td>{len(i['changes'])}<td>{escape(i['status'].replace('_', ' '))}"
        for i in reversed(items)
    )
    return f"<table><tr><th>Version<th>In force from<th>By<th>Changes<th>Status{rows}</table>"


def _document(body: str, as_of: str) -> str:
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>inforce: what is in force</title><style>{STYLE}</style><h1>inforce</h1>"
        "<p class=lead>What of an industry code was in force on any day, who changed it, on whose authority.</p>"
        f"<form><label>On <input type=date name=as_of value='{as_of}'></label> <button>Show</button></form>{body}"
        "<p><small><a href='/v1/codes'>The API</a> · <a href='/openapi.json'>its description</a></small></html>"
    )
