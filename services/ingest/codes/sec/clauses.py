"""A sentence of the Overview: actions on provisions, changes of things unnamed, topics, or words not understood."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Cited, Doubt, Draft, Found, Paragraph, Subject
from services.ingest.codes.sec.heads import at_head, at_part, plain_words, read_head, take_determiner
from services.ingest.codes.sec.proposals import read_cited, take_divider, take_release
from services.ingest.codes.sec.tails import Tail, read_tail
from services.ingest.codes.sec.targets import Targets, read_targets
from services.ingest.codes.sec.unsure import judge, negates
from services.ingest.codes.sec.vocabulary import (
    ACTION_GERUNDS,
    ACTION_PARTICIPLES,
    ACTION_VERBS,
    ALONGSIDE,
    AUTHORITIES,
    AUTHORITY_NAMES,
    BEING,
    CHANGE_NOUNS,
    CODE_NAMES,
    DETERMINERS,
    FINITE,
    GENERIC,
    INCLUDES,
    KINDS,
    LIMITED_BY_SCOPE,
    PREPOSITIONS,
)
from services.ingest.sources.words import Word


@dataclass(slots=True)
class ListHead:
    """What stands above a list and holds for each of its items: `Designation of new SEC Schedules:`."""

    actions: list[str] = field(default_factory=list)
    kind: str = ""
    words: list[Word] = field(default_factory=list)
    tail: Tail = field(default_factory=Tail)


def read_sentence(
    words: Sequence[Word], paragraph: Paragraph, above: ListHead | None, listed: bool
) -> tuple[Found, ListHead | None]:
    """What a sentence says, and the head it is to the list that follows; `listed` tells that one follows."""
    head = _read_list_head(words, listed)
    if head is not None:
        return Found(), head
    found = Found()
    cursor = Cursor(words, end=_without_stop(words))
    lead = _lead(cursor)
    start = 0
    while not cursor.done():
        clause = _read_clause(cursor, paragraph, above if start == 0 else None)
        if clause is None or not _separated(cursor):
            break
        found.add(lead.over(clause))
        start = cursor.at
    if start < cursor.end:
        rest = words[start : cursor.end]
        if start and negates(rest):
            found, rest = Found(), words[: cursor.end]
        found.add(judge(rest, paragraph, in_list=above is not None))
    return found, None


@dataclass(slots=True)
class _Lead:
    """What stands before an action, and the proposals in it that what follows is due to."""

    words: Sequence[Word] = ()
    cited: list[Cited] = field(default_factory=list)

    def over(self, clause: Found) -> Found:
        """What follows, with that before it."""
        clause.cited.extend(self.cited)
        for draft in clause.drafts:
            draft.proposals = draft.proposals or [each.proposal for each in self.cited]
            draft.words = [*self.words, *draft.words]
        return clause


def _lead(cursor: Cursor) -> _Lead:
    """`SECMP0063 “...” - amendments to Appendix AC`, `November 2019 SEC Release: amendments to Section A`."""
    divided = take_release(cursor) and take_divider(cursor)
    lead = _Lead(cited=read_cited(cursor))
    divided = take_divider(cursor) if lead.cited else divided
    lead.words = cursor.words[: cursor.at]
    if divided and at_head(cursor):
        return lead
    cursor.at = 0
    return _Lead()


def _without_stop(words: Sequence[Word]) -> int:
    end = len(words)
    while end and words[end - 1].text in (".", ";", ","):
        end -= 1
    return end


def _separated(cursor: Cursor) -> bool:
    """Moves over what divides two clauses; whether the clause before ended cleanly."""
    start = cursor.at
    while cursor.low() in (",", ";", "and", ".") and not cursor.done():
        cursor.step()
    if cursor.low() in INCLUDES and cursor.low(1):
        cursor.step()
        cursor.take("the")
        if not at_head(cursor):
            cursor.at = start
            return False
    return cursor.done() or cursor.at > start


def _read_list_head(words: Sequence[Word], listed: bool) -> ListHead | None:
    end = len(words)
    while end and words[end - 1].text in (":", "."):
        end -= 1
    introduced = listed or (end < len(words) and words[end].text == ":")
    if not introduced:
        return None
    cursor = Cursor(words, end=end)
    if cursor.take("implementation", "of"):
        cursor.take("the")
        cursor.take("following")
        plain = cursor.take_any(("modification", "modifications")) and cursor.take_any(("proposal", "proposals"))
        return ListHead() if plain and cursor.done() else None
    head = ListHead(read_head(cursor), words=list(words[:end]))
    if not head.actions:
        return None
    _listed_kinds(cursor, head)
    if cursor.take_phrase(ALONGSIDE):
        head.tail.alongside = True
    return head if cursor.done() else None


def _listed_kinds(cursor: Cursor, head: ListHead) -> None:
    while True:
        while take_determiner(cursor) or cursor.take_any(CODE_NAMES):
            pass
        if cursor.take("subsidiary", "documents"):
            continue
        kind = KINDS.get(cursor.low())
        if kind is None:
            return
        head.kind = kind
        cursor.step()
        cursor.take_any((",", "and"))


def _read_clause(cursor: Cursor, paragraph: Paragraph, above: ListHead | None) -> Found | None:
    start = cursor.at
    for read in (_noun_clause, _direction_clause, _gerund_clause, _passive_clause):
        found = read(cursor, paragraph)
        if found is not None:
            return found
        cursor.at = start
    if above is not None and above.actions:
        return _list_item(cursor, paragraph, above)
    return None


def _noun_clause(cursor: Cursor, paragraph: Paragraph) -> Found | None:
    """`Designation of ...`, `consequential changes to sections already in force`."""
    start = cursor.at
    actions = read_head(cursor)
    if actions:
        after = cursor.at
        found = _groups(cursor, actions, list(cursor.words[start:after]), paragraph)
        if found is not None:
            return found
        cursor.at = after
    elif not _changes_head(cursor):
        return None
    return _generic(cursor, start, paragraph)


def _groups(cursor: Cursor, actions: list[str], verb: list[Word], paragraph: Paragraph) -> Found | None:
    """Lists of provisions under one verb, each with its own tail: `Section A due to MP100 and Section B due to MP101`."""
    whole = Found()
    kind = _the_following(cursor)
    while True:
        targets = read_targets(cursor, kind)
        if not targets.known:
            return None
        tail = read_tail(cursor)
        if not _ends(cursor, actions, tail):
            return None
        whole.add(_drafts(actions, verb, targets, tail, paragraph))
        after = cursor.at
        while cursor.low() in (",", "and", ";") and not cursor.done():
            cursor.step()
        if cursor.at == after or not at_part(cursor):
            cursor.at = after
            return whole


def _the_following(cursor: Cursor) -> str:
    """Moves over `the following Sections:`; the kind that it names."""
    start = cursor.at
    cursor.take("the")
    if cursor.take("following"):
        cursor.take_any(CODE_NAMES)
        kind = KINDS.get(cursor.low(), "")
        cursor.step(bool(kind))
        cursor.take("subsidiary", "documents")
        if cursor.take(":"):
            return kind
    cursor.at = start
    return ""


def _changes_head(cursor: Cursor) -> bool:
    cursor.step(plain_words(cursor))
    return cursor.take_any(CHANGE_NOUNS) and cursor.take_any(PREPOSITIONS)


def _generic(cursor: Cursor, start: int, paragraph: Paragraph) -> Found | None:
    """Things of the code that are not named one by one: `sections already in force`, `Communications Hub provisions`."""
    generic = False
    while not cursor.done() and not _clause_follows(cursor):
        word = cursor.words[cursor.at]
        said = word.low in FINITE or word.low in ACTION_PARTICIPLES
        if said or at_part(cursor) or at_head(cursor) or not (word.text[0].isalpha() or word.low in (",", "&")):
            return None
        generic = generic or (word.low in GENERIC and (word.text.islower() or cursor.low(-1) in CODE_NAMES))
        cursor.step()
    if not generic:
        return None
    return Found(subjects=[Subject(cursor.words[start : cursor.at], paragraph)])


def _clause_follows(cursor: Cursor) -> bool:
    here = cursor.at
    if cursor.low() not in (",", ";", "and", "."):
        return False
    cursor.at += cursor.run((",", ";", "and", "."))
    follows = at_head(cursor) or cursor.low(-1) in (";", ".")
    cursor.at = here
    return follows


def _direction_clause(cursor: Cursor, paragraph: Paragraph) -> Found | None:
    """`The Secretary of State direction designates Schedule 11`."""
    start = cursor.at
    cursor.take("the")
    name = cursor.take_phrase(AUTHORITY_NAMES)
    if name:
        cursor.take_any(("’", "'", "s"))
        cursor.take("s")
    direction = cursor.take_any(("direction", "decision"))
    if (not name and not direction) or cursor.low() not in ACTION_VERBS:
        return None
    action = ACTION_VERBS[cursor.low()]
    cursor.step()
    verb = list(cursor.words[start : cursor.at])
    targets = read_targets(cursor)
    if not targets.known:
        return None
    tail = read_tail(cursor)
    tail.by = AUTHORITIES[name] if name else tail.by
    tail.direction = direction
    return _drafts([action], verb, targets, tail, paragraph) if _ends(cursor, [action], tail) else None


def _gerund_clause(cursor: Cursor, paragraph: Paragraph) -> Found | None:
    """`Amending Section A`, `Amended Section A`."""
    action = ACTION_GERUNDS.get(cursor.low()) or ACTION_PARTICIPLES.get(cursor.low())
    if action is None:
        return None
    verb = [cursor.words[cursor.at]]
    cursor.step()
    targets = read_targets(cursor)
    tail = read_tail(cursor)
    return (
        _drafts([action], verb, targets, tail, paragraph) if targets.known and _ends(cursor, [action], tail) else None
    )


def _passive_clause(cursor: Cursor, paragraph: Paragraph) -> Found | None:
    """`SEC Appendices A, B and C deleted and re-designated`."""
    if not at_part(cursor, 1 if cursor.low() in DETERMINERS else 0):
        return None
    targets = read_targets(cursor, by_lines=False)
    after = cursor.at
    while targets.known and cursor.take_any(BEING):
        pass
    actions = []
    while cursor.low() in ACTION_PARTICIPLES:
        actions.append(ACTION_PARTICIPLES[cursor.low()])
        cursor.step()
        if cursor.low() in ("and", ",") and cursor.low(1) in ACTION_PARTICIPLES:
            cursor.step()
    if not actions:
        return None
    verb = list(cursor.words[after : cursor.at])
    tail = read_tail(cursor)
    return _drafts(actions, verb, targets, tail, paragraph) if _ends(cursor, actions, tail) else None


def _list_item(cursor: Cursor, paragraph: Paragraph, above: ListHead) -> Found | None:
    targets = read_targets(cursor, above.kind)
    if not targets.known:
        return None
    tail = read_tail(cursor)
    tail.alongside = tail.alongside or above.tail.alongside
    return _drafts(above.actions, above.words, targets, tail, paragraph) if _ends(cursor, above.actions, tail) else None


def _ends(cursor: Cursor, actions: list[str], tail: Tail) -> bool:
    """Whether a clause may end here: the sentence does, or another is joined to it; none that was done in part only."""
    if tail.scoped and LIMITED_BY_SCOPE.intersection(actions):
        return False
    return cursor.done() or cursor.low() in (";", ".", ",", "and", *INCLUDES)


def _drafts(actions: list[str], verb: list[Word], targets: Targets, tail: Tail, paragraph: Paragraph) -> Found:
    found = Found(cited=tail.cited)
    proposals = [cited.proposal for cited in tail.cited]
    for target in targets.known:
        if target.new and "amended" in actions:
            found.doubts.append(
                Doubt("unknown-action", "what is new is not amended, and no other action is said", target.words)
            )
            continue
        for action in actions:
            words = [*verb, *target.words, *tail.words]
            found.drafts.append(
                Draft(action, target, words, paragraph, proposals, tail.alongside, tail.by, tail.direction)
            )
    for words in targets.unknown:
        found.doubts.append(Doubt("unknown-reference", "no provision that the grammar knows", words))
    return found
