"""Bundles as `inforce audit` makes them, and their verifier as an auditor runs it: the one file alone."""

import hashlib
import json
import zipfile
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from types import ModuleType

import sqlalchemy as sa

from services.audit import verifier
from services.audit.bundle import Question, bundle
from services.projection.answers import meta
from services.projection.asked import Asked
from services.projection.point import point_at

Files = dict[str, bytes]


def made(engine: sa.Engine, provision: str, day: str, position: int | None = None, held: bytes | None = None) -> bytes:
    kind, _, ref = provision.partition("/")
    as_of, text = date.fromisoformat(day), f"pos:{position}" if position else None
    asked = Asked(as_of, position, text, negotiated=False, model=None, min_position=0)
    with engine.connect() as connection:
        point = point_at(connection, "sec", as_of, position, datetime.now(UTC))
        return bundle(connection, Question(point, kind, ref, held), {"meta": meta(point, asked)})


def files_of(content: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def listed(files: Files) -> Files:
    """The files with a manifest that is of them, as a forger would leave them."""
    own = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"}
    return {**files, "manifest.json": json.dumps({"files": own, "format": "inforce-audit/1"}).encode()}


@cache
def alone() -> ModuleType:
    """The verifier as it goes with a bundle, loaded from its text alone."""
    import sys

    module = ModuleType("verify")
    sys.modules["verify"] = module  # dataclasses look their own module up
    exec(compile(verifier.source(), "verify.py", "exec"), module.__dict__)
    return module


def verdict(files: Files, key: str) -> list[str]:
    """What the verifier tells; its refusal as the last line."""
    told: list[str] = []
    try:
        alone().check(files, [key], told.append)
    except alone().Refused as why:
        return [*told, f"REFUSED: {why}"]
    return told
