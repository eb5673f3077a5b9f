"""The codes whose documents can be read, each with its grammar."""

from events.errors import Rejected
from services.ingest.codes.sec.table import read_table
from services.ingest.reading import Reading

GRAMMARS = {"sec": read_table}


class UnknownCode(Rejected):
    """No grammar reads documents of that code; the message names those that there are."""


def read(text: str, code: str) -> Reading:
    """What a decoded source document of a code says; pure, the same text gives the same reading."""
    grammar = GRAMMARS.get(code)
    if grammar is None:
        raise UnknownCode(f"found the code {code!r}; expected one of: {', '.join(sorted(GRAMMARS))}")
    return grammar(text)
