"""The reference parser accepts the document: installed once from its lock file, run by Node.js."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.projection.publish.asyncapi import document
from tests.missing import missing

HERE = Path(__file__).parent
PARTS = ("package.json", "package-lock.json", ".npmrc", "parse.mjs")


@pytest.fixture(scope="module")
def parser() -> Path:
    """A folder with the parser in it, kept for the next run with the same lock file; skips loudly, in CI fails, without npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        missing("Node.js with npm is missing: no AsyncAPI parser reads the document; install nodejs and npm")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PARTS)).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"inforce-asyncapi-{digest}"
    if not kept.exists():
        fresh = Path(tempfile.mkdtemp(prefix="inforce-asyncapi-"))
        for name in PARTS:
            shutil.copy(HERE / name, fresh)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        fresh.rename(kept)
    return kept


def complaints(parser: Path, told: dict[str, Any], directory: Path) -> list[str]:
    path = directory / "asyncapi.json"
    path.write_bytes(orjson.dumps(told))
    done = subprocess.run(["node", "parse.mjs", str(path)], cwd=parser, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "settings",
    [
        ("http://127.0.0.1:8000", None, "PLAINTEXT"),
        ("https://changes.example/ledger", "a.example:9092,b.example:9092", "SASL_SSL"),
    ],
)
def test_the_reference_parser_accepts_the_document(parser: Path, tmp_path: Path, settings: Any) -> None:
    assert complaints(parser, document(*settings), tmp_path) == []


def test_the_reference_parser_refuses_a_document_that_is_wrong(parser: Path, tmp_path: Path) -> None:
    told = document("http://127.0.0.1:8000", None, "PLAINTEXT")
    told["operations"]["publishEvents"]["channel"] = {"$ref": "#/channels/nowhere"}
    assert complaints(parser, told, tmp_path) != []
