"""The words that the Smart Energy Code's version-control table is written in, as data."""

from collections.abc import Iterable, Mapping

Phrases = Mapping[str, tuple[tuple[str, ...], ...]]
"""Phrases by their first word, the longest first."""


def phrases(*groups: Iterable[tuple[str, ...]]) -> Phrases:
    """The phrases of all the groups, to be looked for together."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in sorted({phrase for group in groups for phrase in group}, key=len, reverse=True):
        found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
    return found


HEADINGS = (
    ("version", "number"),
    ("implementation", "date"),
    ("reason", "for", "change"),
    ("overview", "of", "modifications", "incorporated"),
)
TITLE = ("version", "control")

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
            ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"), ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip

# An action by the noun that names it ("Designation of"), by its participle ("re-designated"), by its finite verb.
ACTION_NOUNS = {
    "designation": "designated", "designations": "designated",
    "re-designation": "redesignated", "redesignation": "redesignated", "re-designations": "redesignated",
    "activation": "activated", "activations": "activated",
    "amendment": "amended", "amendments": "amended",
    "deletion": "deleted", "deletions": "deleted", "removal": "deleted", "removals": "deleted",
}  # fmt: skip
ACTION_PARTICIPLES = {
    "designated": "designated", "re-designated": "redesignated", "redesignated": "redesignated",
    "activated": "activated", "amended": "amended", "deleted": "deleted", "removed": "deleted",
}  # fmt: skip
ACTION_VERBS = {
    "designates": "designated", "re-designates": "redesignated", "redesignates": "redesignated",
    "activates": "activated", "amends": "amended", "deletes": "deleted",
    "removes": "deleted",
} | ACTION_PARTICIPLES  # fmt: skip
ACTION_GERUNDS = {
    "designating": "designated", "re-designating": "redesignated", "redesignating": "redesignated",
    "activating": "activated", "amending": "amended", "deleting": "deleted",
    "removing": "deleted",
}  # fmt: skip
# Said of what is not a provision by name; on their own they are no action that the code's law knows.
CHANGE_NOUNS = frozenset({"change", "changes", "modification", "modifications", "update", "updates"})
PREPOSITIONS = frozenset({"of", "to"})
# What may stand before an action without changing what it does.
HARMLESS = frozenset(
    {
        "the",
        "a",
        "an",
        "consequential",
        "consequent",
        "further",
        "minor",
        "additional",
        "other",
        "associated",
        "housekeeping",
        "typographical",
        "editorial",
        "corresponding",
        "subsequent",
        "necessary",
        "related",
    }
)
BEING = frozenset({"is", "are", "was", "were", "has", "have", "been", "be"})

KINDS = {
    "section": "section", "sections": "section",
    "schedule": "schedule", "schedules": "schedule",
    "appendix": "appendix", "appendices": "appendix", "appendixes": "appendix",
}  # fmt: skip
REFERENCES = {
    "section": r"[A-Z]{1,2}(?:\d+[A-Z]{0,2}(?:\.\d+[A-Z]{0,2})*)?",
    "schedule": r"\d{1,3}[A-Z]?",
    "appendix": r"[A-Z]{1,2}",
}
# Other parts that codes have; a change said of one of them is not understood, so it is said, not guessed.
FOREIGN_PARTS = frozenset(
    {"annex", "annexe", "annexes", "chapter", "chapters", "clause", "clauses", "part", "parts", "paragraph", "paragraphs",
     "condition", "conditions", "article", "articles", "table", "tables"}
)  # fmt: skip
CODE_NAMES = frozenset({"sec", "code"})
GENERIC = frozenset(
    {"section", "sections", "schedule", "schedules", "appendix", "appendices", "provision", "provisions", "parts",
     "documents"}
)  # fmt: skip
DETERMINERS = frozenset(
    {"the", "a", "an", "new", "updated", "revised", "additional", "further", "following", "existing", "both"}
)
_VERSION_OF = (("version", "of"), ("versions", "of"))

# What the title of a document ends in.
DOCUMENT_NOUNS = frozenset(
    {"document", "documents", "policy", "policies", "procedure", "procedures", "specification", "specifications",
     "connection", "coco", "materials", "schedule", "catalogue", "scenarios", "requirements", "arrangements",
     "agreement", "tables", "methodology", "rapp", "guidance", "protocol", "standard", "standards", "plan", "statement"}
)  # fmt: skip
SMALL_WORDS = frozenset({"of", "and", "for", "the", "in", "on", "to", "with", "by", "a", "an", "or", "from"})
_SUBSIDIARY = (
    ("as", "a", "subsidiary", "document"),
    ("as", "subsidiary", "documents"),
    ("as", "a", "sec", "subsidiary", "document"),
    ("as", "sec", "subsidiary", "documents"),
    ("and", "subsidiary", "document"),
)
_ALONGSIDE = tuple(
    (*lead, "alongside", *rest)
    for lead in (("to", "sit"), ())
    for rest in (
        ("the", "existing", "versions"), ("the", "existing", "version"), ("existing", "versions"),
        ("existing", "version"), ("earlier", "versions"), ("the", "earlier", "version"),
    )
)  # fmt: skip
_EXCLUDING = (
    ("but", "excluding"), ("excluding",), ("but", "not"), ("except",), ("except", "for"), ("other", "than"),
    ("with", "the", "exception", "of"), ("but", "not", "including"), ("save", "for"),
)  # fmt: skip
_DUE_TO = (
    ("due", "to", "the", "implementation", "of"), ("due", "to", "implementation", "of"), ("due", "to"),
    ("following", "the", "implementation", "of"), ("following", "implementation", "of"), ("as", "a", "result", "of"),
    ("resulting", "from"), ("arising", "from"), ("pursuant", "to"), ("in", "accordance", "with"), ("under",), ("by",),
    ("through",), ("following",), ("to", "implement"), ("for",),
)  # fmt: skip
_AS_DIRECTED = (("as", "directed", "by"), ("as", "approved", "by"), ("directed", "by"), ("approved", "by"))
# What a change is about: of an amendment it says no more, but one who activates or deletes may do it that far only.
_SCOPES = (
    ("relating", "to"), ("in", "relation", "to"), ("in", "respect", "of"), ("with", "regard", "to"), ("concerning",),
    ("regarding",), ("for", "the", "purposes", "of"),
)  # fmt: skip
# What a change is for: it says no more of what was done.
_PURPOSES = (
    *_SCOPES, ("to", "reflect"), ("to", "enable"), ("to", "support"), ("to", "facilitate"), ("to", "accommodate"),
    ("to", "provide", "for"),
)  # fmt: skip
# What follows a provision that a row speaks of without saying that anything was done to it.
ABOUT = frozenset(
    {"providing", "containing", "concerning", "regarding", "covering", "relating", "describing", "on", "about", "for"}
)
INCLUDES = frozenset({"include", "includes", "including"})
FINITE = frozenset(
    {"is", "are", "was", "were", "has", "have", "had", "will", "shall", "may", "must", "should", "would", "can", "cannot",
     "be", "been", "being", "not", "no", "never", "without"}
)  # fmt: skip
NOMINAL_ENDINGS = ("sion", "tion", "sions", "tions", "ment", "ments", "val", "ance", "ence", "ing", "ure")

_DEPARTMENTS = (
    ("energy", "and", "climate", "change"),
    ("business", ",", "energy", "and", "industrial", "strategy"),
    ("business", "energy", "and", "industrial", "strategy"),
    ("energy", "security", "and", "net", "zero"),
)
AUTHORITIES = {
    ("secretary", "of", "state"): "Secretary of State",
    **{("secretary", "of", "state", "for", *name): "Secretary of State" for name in _DEPARTMENTS},
    **{("department", "for", *name): "Secretary of State" for name in _DEPARTMENTS},
    ("department", "of", "energy", "and", "climate", "change"): "Secretary of State",
    **{(name,): "Secretary of State" for name in ("decc", "beis", "desnz")},
    ("sec", "panel"): "SEC Panel",
    ("panel",): "SEC Panel",
    ("change", "board"): "Change Board",
    ("sec", "change", "board"): "Change Board",
    ("authority",): "Authority",
    ("gas", "and", "electricity", "markets", "authority"): "Authority",
    ("office", "of", "gas", "and", "electricity", "markets"): "Authority",
    ("ofgem",): "Authority",
    ("gema",): "Authority",
}
KNOWN_NAMES = ("Energy Act ", "Electricity Act ", "Gas Act ", "DCC Licence ", "SEC ")
_BASIS_LEADS = (("pursuant", "to"), ("in", "accordance", "with"), ("under",))
PROPOSAL = r"(?:SECMP|DP|MP)\d{2,5}[A-Z]?"
PROPOSAL_PREFIXES = frozenset({"SECMP", "DP", "MP"})
COUNTS = frozenset({"a", "an", "the", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"})
# What sort of proposal it was; it says no more of the act.
PROPOSAL_WORDS = frozenset(
    {"urgent", "draft", "fast-track", "self-governance", "authority-led", "authority-determined"}
)
QUANTIFIERS = frozenset({"multiple", "several", "various", "numerous", "many"})
BULLETS = frozenset("•·▪◦●‣∙*")
DASHES = frozenset("-–—")
QUOTES = {"“": "”", '"': '"', "‘": "’", "'": "'"}

VERSION_OF = phrases(_VERSION_OF)
SUBSIDIARY = phrases(_SUBSIDIARY)
ALONGSIDE = phrases(_ALONGSIDE)
EXCLUDING = phrases(_EXCLUDING)
DUE_TO = phrases(_DUE_TO)
AS_DIRECTED = phrases(_AS_DIRECTED)
PURPOSES = phrases(_PURPOSES)
SCOPES = frozenset(_SCOPES)
LIMITED_BY_SCOPE = frozenset({"activated", "deleted"})
BASIS_LEADS = phrases(_BASIS_LEADS)
AUTHORITY_NAMES = phrases(AUTHORITIES)
TAKING_EFFECT = phrases(
    (
        ("with", "effect"), ("effective",), ("to", "take", "effect"), ("taking", "effect"), ("coming", "into", "effect"),
        ("coming", "into", "force"), ("to", "come", "into", "force"), ("in", "force"), ("w", ".", "e", ".", "f", "."), ("wef",),
    )
)  # fmt: skip
GOES_ON = phrases(_BASIS_LEADS, (("on", "the"), ("with", "effect")))
AFTER_A_LIST = phrases(_SUBSIDIARY, _ALONGSIDE, _AS_DIRECTED)
AFTER_A_COMMA = phrases(_EXCLUDING, _ALONGSIDE, _AS_DIRECTED)
AFTER_A_TITLE = phrases(_ALONGSIDE, _SUBSIDIARY, _EXCLUDING, _AS_DIRECTED, _PURPOSES)
