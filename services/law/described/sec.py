"""The Smart Energy Code of Great Britain."""

import re

from services.law.shapes import Code, Kind, kinds

_SECTION = r"[A-Z]{1,2}(\d+[A-Z]?(\.\d+[A-Z]?)*(\([a-z0-9]+\))*)?"
_BASES = (
    r"Energy Act 2008 s\d+(\(\d+\))?(\([a-z]\))?",
    rf"SEC {_SECTION}",
    r"SEC Appendix [A-Z]{1,2}",
    r"SEC Schedule \d+",
    r"DCC Licence Condition \d+(\.\d+)*",
)

CODE = Code(
    id="sec",
    title="Smart Energy Code",
    ref="SEC",
    kinds=kinds(
        Kind("code", re.compile(r"SEC"), example="SEC"),
        Kind("section", re.compile(_SECTION, re.ASCII), nested=True, example="H3.22"),
        Kind("schedule", re.compile(r"\d+[A-Z]?(\.\d+[A-Z]?)*", re.ASCII), nested=True, lettered=True, example="9"),
        Kind("appendix", re.compile(r"[A-Z]{1,2}(\.\d+[A-Z]?)*", re.ASCII), nested=True, lettered=True, example="AC"),
        Kind("document", re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), example="the-slug-of-its-title"),
    ),
    authorities=frozenset({"Secretary of State", "SEC Panel", "Change Board", "Authority"}),
    directing=frozenset({"Secretary of State"}),
    basis=re.compile("|".join(f"(?:{each})" for each in _BASES), re.ASCII),
    label=re.compile(r"\d{1,4}\.\d{1,4}", re.ASCII),
    proposal=re.compile(r"SECMP\d{4}|(?:DP|MP)\d{3,4}[A-Z]?", re.ASCII),
    converted={"DP": "MP"},
)
