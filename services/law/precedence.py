"""Which of two sources that disagree is believed, by their kinds; the order of the kinds is the code's. Pure."""

from services.law.shapes import Code

FIRST_RECORDED = "first-recorded"
AS_WRITTEN = "as-written"


def overrules(code: Code, kind: str, other: str) -> bool:
    """Whether what a source of that kind says takes the place of what one of the other kind said before."""
    return _rank(code, kind) < _rank(code, other)


def choice(code: Code, kinds: tuple[str, str]) -> tuple[int, str]:
    """Of a recorded claim and a newcomer's, by the kinds of their sources: the index of the one used, and the rule."""
    first, second = kinds
    if overrules(code, second, first):
        return 1, f"precedence: {second} over {first}"
    if overrules(code, first, second):
        return 0, f"precedence: {first} over {second}"
    return 0, FIRST_RECORDED


def _rank(code: Code, kind: str) -> int:
    return code.precedence.index(kind) if kind in code.precedence else len(code.precedence)
