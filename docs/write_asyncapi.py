"""Writes docs/asyncapi.json: what a service with default settings answers at `/asyncapi.json`."""

from pathlib import Path

import orjson

from services.projection.publish.asyncapi import document

PAGE = Path(__file__).with_name("asyncapi.json")
DEFAULTS = ("http://127.0.0.1:8000", None, "PLAINTEXT")
"""The public URL, the brokers and their protocol where nothing is set."""


def page() -> str:
    """The whole document, indented."""
    return orjson.dumps(document(*DEFAULTS), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
