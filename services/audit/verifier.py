"""The verifier that goes with a bundle: one file of plain Python, put together from the rules themselves and the checks."""

import ast
from importlib.resources import files

SHAPES = "law/shapes.py"
PARTS = (
    "law/codes.py",
    "law/references.py",
    "law/fold.py",
    "audit/checking/ed25519.py",
    "audit/checking/proofs.py",
    "audit/checking/acts.py",
    "audit/checking/bundled.py",
)

_HEAD = '''"""Checks an audit bundle, without its maker: python3 verify.py [BUNDLE] [--key KEY]. Python 3.10 or later, nothing else.

BUNDLE is the zip file, or the directory that it was unpacked to (if not given: where this file is). KEY is the verifier key
of the log, as you got it from somebody you trust. Exit code 0: all of it holds; 1: refused, with where.
"""
'''


def source() -> str:
    """The text of `verify.py`: nothing in it is imported but the standard library."""
    root = files("services")
    described = sorted(each.name for each in root.joinpath("law/described").iterdir() if each.name.endswith(".py"))
    codes = [f"law/described/{name}" for name in described if name != "__init__.py"]
    texts = [_part(root.joinpath(name).read_text(encoding="utf-8")) for name in (SHAPES, *codes, *PARTS)]
    for number in range(1, len(codes) + 1):
        texts[number] += "DESCRIBED.append(CODE)\n\n\n"
    return "".join([_HEAD, texts[0], "DESCRIBED = []\n\n\n", *texts[1:]])


def _part(text: str) -> str:
    """A module without its docstring and without what it takes from the other parts; codes are found where they stand above."""
    lines = text.splitlines()
    for node in ast.parse(text).body[::-1]:
        ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("services.")
        if ours or (node.lineno == 1 and isinstance(node, ast.Expr)):
            del lines[node.lineno - 1 : node.end_lineno]
        elif isinstance(node, ast.FunctionDef) and node.name == "_described":
            lines[node.lineno - 1 : node.end_lineno] = ["def _described():", "    return DESCRIBED"]
    return "\n".join(lines).strip("\n") + "\n\n\n"
