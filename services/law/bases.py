"""Legal bases that name a provision of the code itself: `SEC X5.4` is section X5.4, `SEC Appendix J` appendix J. Pure."""

from services.law.references import holds, reference
from services.law.shapes import KINDS_OF_ALL_CODES, Code


def provision_named(code: Code, basis: str) -> tuple[str, str] | None:
    """The kind and reference of the code's own provision that a basis names, null where it names none."""
    own, _, rest = basis.partition(" ")
    if own != code.ref or not rest:
        return None
    word, _, ref = rest.partition(" ")
    if ref:
        return (word.lower(), ref) if _fits(code, word.lower(), ref) else None
    kinds = [kind for kind in code.kinds if kind not in KINDS_OF_ALL_CODES and _fits(code, kind, rest)]
    return (kinds[0], rest) if kinds else None


def bears_on(code: Code, named: tuple[str, str], touched: tuple[str, str]) -> bool:
    """Whether one of the two provisions is, or is within, the other."""
    kind = code.kind(touched[0])
    if kind is None or named[0] != touched[0]:
        return False
    try:
        one, other = reference(kind, named[1]), reference(kind, touched[1])
    except ValueError:
        return named == touched
    return holds(one, other) or holds(other, one)


def _fits(code: Code, kind: str, ref: str) -> bool:
    known = code.kind(kind)
    try:
        return known is not None and bool(reference(known, ref))
    except ValueError:
        return False
