"""The commands that prove the ledger, and an answer of it: `verify` and `audit`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from events.errors import Rejected
from events.notes import Verifier
from services import database
from services.audit.bundle import Question, bundle
from services.audit.fetching import Remote
from services.audit.findings import Findings
from services.audit.signed import Held, trusted
from services.audit.verify import verify as verified
from services.projection.proof import keys as signing
from services.settings import Settings
from services.terminal import arguments, questions, screen
from services.terminal.ledger import ledger, settings
from services.terminal.options import AsOf, Code, KnownAt, Reference

Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="Who must have signed: a verifier key, or a file of them, one a line.  [default: the ledger's own key]",
        metavar="FILE|KEY",
    ),
]


class Untrue(Rejected):
    """The ledger does not agree with itself, or with what others hold of it."""


def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint that was kept elsewhere; may be repeated.", metavar="FILE"),
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", help="A running service of the same log.", metavar="URL")
    ] = None,
    key: Key = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", help="Processes.  [default: one a core for a long log]", min=1, max=64)
    ] = None,
) -> None:
    """Recomputes every hash, order, index and checkpoint from the stored bytes; says what is wrong, and where."""
    own = settings()
    held = [Held(str(path), _content(path)) for path in checkpoint or ()]
    held += _beside(own)
    if against is not None:
        with Remote(against) as remote:
            held.append(Held(remote.url, remote.get("/v1/log/checkpoint")))
    known = verifier_keys(key) or _own_keys(own)
    with ledger(own.ledger_url()) as engine:
        verdict = verified(engine, held, known, jobs, screen.moving)
    _tell(verdict.findings)
    typer.echo(f"{verdict.size} entries, root {verdict.root.hex()}, {verdict.grown} of them in the tree: all is well")


def audit(
    ref: Reference,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint", help="One that you hold: the bundle proves that it is of the same log.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """Writes an answer with its proofs, documents and a verifier of its own, as a zip file: `inforce audit H15 > bundle.zip`."""
    if sys.stdout.isatty():
        raise typer.BadParameter("a bundle is a zip file: send it to one, `> bundle.zip`")
    asked, held = arguments.provision(code, ref), _content(checkpoint) if checkpoint else None
    with ledger(settings().answers_url()) as engine, database.reading(engine) as connection:
        point, meta = questions.bound(connection, code, as_of, known_at)
        made = bundle(connection, Question(point, asked.kind, asked.ref, held), meta)
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()


def verifier_keys(given: str | None) -> list[Verifier]:
    """The keys that an option names: itself one, or a file that holds them; none where it was not given."""
    if given is not None and Path(given).is_file():
        return trusted(_content(Path(given)).decode(errors="replace"))
    return trusted(given)


def _own_keys(own: Settings) -> list[Verifier]:
    return [each.verifier for each in signing.load(own.key_file())] if own.key_file().exists() else []


def _beside(own: Settings) -> list[Held]:
    """What the ledger's own key has signed last, as it is kept beside the key."""
    last = signing.last_file(own.key_file())
    return [Held(str(last), last.read_bytes())] if last.exists() and own.key_file().exists() else []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Rejected(f"{path}: {error.strerror or error}") from None


def _tell(findings: Findings) -> None:
    for each in findings.kept:
        screen.tell(str(each))
    if findings.count:
        more = findings.count - len(findings.kept)
        many = "" if findings.count == 1 else "s"
        raise Untrue(f"{findings.count} finding{many}{f', {more} of them not shown' if more else ''}")
