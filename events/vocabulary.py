"""What the domain talks of: spans, quotations, provisions."""

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

strict_frozen = ConfigDict(frozen=True, extra="forbid")

Span = tuple[int, int]
"""Characters [from, to) of a source's text, counted in code points."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Quotation(BaseModel):
    """The words a fact was read from, white space folded, and their spans in the text of the source of that SHA-256."""

    model_config = strict_frozen

    sha256: Sha256
    spans: tuple[Span, ...]
    quote: str


class Provision(NamedTuple):
    """A part of a code that law can act on, by the code's own kind and reference: ("section", "H15")."""

    kind: str
    ref: str

    def __str__(self) -> str:
        """As users write it: `section/H15`."""
        return f"{self.kind}/{self.ref}"
