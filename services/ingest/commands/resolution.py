"""A resolution asked: which claim is used from now on, why, where that is said; and the work that this comes to."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from events.identifiers import new_id
from services.ingest.commands.asking import Work
from services.ingest.commands.bodies import SaidIn, _Body, read_body
from services.ingest.commands.contested import contested
from services.ingest.commands.correcting import judged
from services.ingest.commands.fields import Words
from services.ingest.commands.resolving import decide_resolution
from services.ingest.commands.saying import Decided, Said, said_in
from services.ingest.commands.sight import Sight
from services.law.shapes import Code


def _index(value: object) -> object:
    if value is True or value is False:
        raise ValueError("expected 0 or 1")
    return value


class ResolutionAsked(_Body):
    """The claim that is used from now on, by its index, why, and where that is said."""

    used: Annotated[Literal[0, 1], BeforeValidator(_index)]
    reason: Words
    source: SaidIn


def resolution(code: Code, name: str, data: bytes, actor: str) -> tuple[Said, Work]:
    """Who says how a contradiction is decided, and the work that it asks for."""
    asked = read_body(data, ResolutionAsked)
    said = said_in(code, asked.source, actor)

    def work(sight: Sight) -> Decided:
        conflict = contested(sight.connection, code.id, name)
        decided = decide_resolution(code, asked.used, asked.reason, conflict, said, new_id)
        decided.before = sight.acts(decided.acts)
        decided.seen_as(code.id, _instrument(conflict.noted.about), conflict.stream)
        return judged(code, decided)

    return said, Work(work)


def _instrument(about: str) -> str | None:
    kind, _, name = about.partition("/")
    return name if kind == "instrument" else None
