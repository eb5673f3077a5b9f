"""The columns of a row told apart: where the Reason ends and the Overview begins, on each page that the row stands on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import NamedTuple

from services.ingest.codes.sec.chances import SHORT, oddly_cut, unevenness, unlikely_reason
from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.dates import DateParts, read_date
from services.ingest.codes.sec.found import Doubt
from services.ingest.codes.sec.headings import headings_end
from services.ingest.codes.sec.overview import Overview, read_overview
from services.ingest.codes.sec.reason import (
    REASON_WORDS,
    Clause,
    Reason,
    action_named,
    begins_overview,
    begins_reason,
    read_reason,
)
from services.ingest.codes.sec.settling import UNCLEAR, facts
from services.ingest.sources.words import Word

_MOST_TRIED = 400
_LEAST_TRIED = 20
_MOST_READ = 2_000_000
_LONGEST_DATING = 10
_HEADED = "version"
_JOINS = frozenset({"and", "or", ",", "&"})


@dataclass(slots=True)
class Columns:
    """A row's cells as read; `open_reason` where the Reason stops in the middle of a phrase."""

    date: DateParts
    date_words: list[Word]
    clauses: list[Clause]
    overview: Overview
    overview_words: list[Word]
    doubts: list[Doubt] = field(default_factory=list)
    open_reason: bool = False


@dataclass(slots=True)
class _Split:
    """One way to divide a row: its Reason, and the words that are left for the Overview."""

    reason: Reason
    left: list[Word]
    unlikely: int


class _Read(NamedTuple):
    """A way to divide a row with what its Overview then says, and how unlikely that is."""

    unlikely: int
    way: _Split
    overview: Overview


def read_columns(words: Sequence[Word]) -> Columns:
    """The cells of a row whose label has been taken off; of all ways to divide it the one that leaves least in doubt."""
    date, date_words, pages = _take_dates(_pages(words))
    odd = _odd_dating(pages[0])
    if odd:
        return _oddly_dated(date, date_words, odd, words)
    found: list[_Read] = []
    for way in _ways(pages):
        overview = read_overview(way.left)
        found.append(_Read(overview.unlikely + way.unlikely, way, overview))
        if overview.unlikely == 0 and len(pages) == 1:
            break
    if not found:
        return _without_reason(date, date_words, pages)
    best = min(found, key=lambda read: (read.unlikely, len(read.way.left)))
    rival = next((each for each in found if each.unlikely <= best.unlikely + SHORT and _differ(each, best)), None)
    if rival is not None:
        return _undecided(date, date_words, [word for page in pages for word in page], best.way, rival.way)
    way, overview = best.way, best.overview
    more = not way.left or not way.left[0].capital or way.left[0].low in REASON_WORDS
    open_reason = more and way.reason.reached > way.reason.end + len(way.left) - (len(way.left) > 0)
    return Columns(date, date_words, way.reason.clauses, overview, way.left, open_reason=open_reason)


def _differ(one: _Read, other: _Read) -> bool:
    """Whether two ways to divide a row make it say different things, a list going on in this column or in that one."""
    between = _between(one.way, other.way)
    if not between or between[0].low not in _JOINS:
        return False
    acts = [[replace(clause, words=()) for clause in each.way.reason.clauses] for each in (one, other)]
    return acts[0] != acts[1] or facts(one.overview.found) != facts(other.overview.found)


def _between(one: _Split, other: _Split) -> list[Word]:
    """The words that are of the Overview in one way only."""
    ours, theirs = ({word.start for word in way.left} for way in (one, other))
    apart = ours ^ theirs
    return [word for word in (*one.left, *other.left) if word.start in apart]


def _undecided(date: DateParts, date_words: list[Word], words: Sequence[Word], one: _Split, other: _Split) -> Columns:
    """The cells of a row that can be divided in two ways: what both say, and in doubt what only one of them says."""
    between = _between(one, other)
    known = {word.start for word in (*one.left, *other.left)}
    open_to = {word.start for word in between}
    reason = read_reason([word for word in words if word.start not in known])
    left = [word for word in one.left if word.start not in open_to]
    doubt = Doubt(UNCLEAR, "words beside a page's end that may belong to either column", between)
    return Columns(date, date_words, reason.clauses, read_overview(left), left, [doubt])


def _pages(words: Sequence[Word]) -> list[list[Word]]:
    """The words page by page, headings repeated at a page's top left out."""
    pages: list[list[Word]] = [[]]
    headed = 0
    for at, word in enumerate(words):
        if word.low == _HEADED:
            headed = max(headed, headings_end(words, at))
        if pages[-1] and (word.page != pages[-1][-1].page or headed > at):
            pages.append([])
        if headed <= at:
            pages[-1].append(word)
    return pages


def _take_dates(pages: list[list[Word]]) -> tuple[DateParts, list[Word], list[list[Word]]]:
    """The date of the first column, its rest at the top of the next page where it is cut."""
    date = DateParts()
    taken: list[Word] = []
    rest = []
    for page in pages:
        cursor = Cursor(page)
        if not date.whole:
            read_date(cursor, date)
        taken += page[: cursor.at]
        rest.append(page[cursor.at :])
    return date, taken, rest


def _odd_dating(page: Sequence[Word]) -> int:
    """How many words stand before the Reason that are no date, or more than one; none where it begins at once."""
    if page and page[0].capital and page[0].low in REASON_WORDS:
        return 0
    return next((at for at in range(min(len(page), _LONGEST_DATING)) if begins_reason(page, at)), 0)


def _oddly_dated(date: DateParts, date_words: Sequence[Word], odd: int, words: Sequence[Word]) -> Columns:
    """The cells of a row whose date is in words not known; a remark in brackets leaves the date what it is."""
    taken = [*date_words, *words[len(date_words) : len(date_words) + odd]]
    columns = read_columns(words[len(taken) :])
    remark = date.whole and taken[len(date_words)].text == "(" and taken[-1].text == ")"
    doubt = Doubt(
        "unreadable-date",
        "a remark with the date" if remark else "no date that the grammar knows",
        taken[len(date_words) :] if remark else taken,
    )
    columns.doubts.append(doubt)
    columns.date = date if remark else DateParts()
    columns.date_words = taken
    return columns


def _ways(pages: Sequence[list[Word]]) -> Iterator[_Split]:
    """The ways to divide the pages between the columns in which the Reason reads as one, the evenest divided first."""
    waiting: list[tuple[int, int, list[Word], list[Word], int, int]] = [(0, 0, [], [], 0, 0)]
    # A row longer than anybody writes is tried in fewer ways, each of which reads it whole.
    most = max(min(_MOST_TRIED, _MOST_READ // (1 + sum(map(len, pages)))), _LEAST_TRIED)
    tried = 0
    while waiting and tried < most:
        tried += 1
        uneven, _, begun, left, at, short = heappop(waiting)
        page = pages[at]
        reason = read_reason([*begun, *page])
        here = reason.end - len(begun)
        later = [word for other in pages[at + 1 :] for word in other]
        for end in _ends(page, here, at > 0):
            words = [*begun, *page[:end]]
            whole = reason if end == here else read_reason(words)
            if whole.end == len(words):
                unlikely = short + SHORT * (end != here) + oddly_cut(page, end) + unlikely_reason(whole, words)
                yield _Split(whole, [*left, *page[end:], *later], unlikely)
        if at + 1 < len(pages) and pages[at + 1]:
            reached = reason.reached - len(begun)
            for cut in _line_starts(page, min(reached, len(page) - 1)) + [len(page)] * (reached >= len(page)):
                words, rest = [*begun, *page[:cut]], [*left, *page[cut:]]
                place = (uneven + unevenness(page, cut), -tried * len(page) - cut)
                heappush(waiting, (*place, words, rest, at + 1, short + SHORT * (cut < here)))


def _ends(page: Sequence[Word], here: int, continued: bool) -> list[int]:
    """Where on this page the Reason may be complete: where it reads no farther, on a later page any line's end before."""
    if here <= 0:
        return []
    return [here, *_line_starts(page, here - 1)] if continued else [here]


def _line_starts(page: Sequence[Word], last: int) -> list[int]:
    """The places where another cell may begin: a line's start, after any blank of the first line, which cells can share."""
    places = []
    in_first_line = True
    for at in range(1, last + 1):
        in_first_line = in_first_line and not page[at].first
        if page[at].first or (in_first_line and page[at].start > page[at - 1].end):
            places.append(at)
    return places


def _without_reason(date: DateParts, date_words: list[Word], pages: Sequence[list[Word]]) -> Columns:
    """A row whose Reason is in words not known: what can be read of it, the rest named as not understood."""
    words = [word for page in pages for word in page]
    strict = read_reason(words)
    reason = read_reason(words, lenient=True)
    doubts = []
    end = reason.end
    if not reason.clauses:
        end = _overview_begins(words)
        if end:
            doubts.append(Doubt("unknown-reason", "a reason in words that the grammar does not know", words[:end]))
    left = words[end:]
    open_reason = not left and strict.reached >= len(words)
    return Columns(date, date_words, reason.clauses, read_overview(left), left, doubts, open_reason)


def _overview_begins(words: Sequence[Word]) -> int:
    for at in range(1, len(words)):
        if begins_overview(words, at) or words[at].gap:
            return at
    return next((at for at in range(1, len(words)) if action_named(words, at)), len(words))
