"""Answers about provisions: what is in force of each, why, and what comes next."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from events.errors import NotFound
from services.law.codes import shape
from services.law.fold import Act, Answer, Family, Touch, status
from services.law.references import Reference, parse, reference, sort_key
from services.law.shapes import Kind
from services.projection.instruments import act_behind
from services.projection.known_rows import Body, act_of, asked, body_of, changes_where, code_and_bound, standing
from services.projection.point import Point
from services.projection.tables import change_row

c = change_row.c

_REF, _WITHIN = sa.bindparam("ref", type_=sa.Text), sa.bindparam("within", type_=sa.Text)
_BEARING = sa.or_(
    c.ranged,
    sa.func.substr(_REF, 1, sa.func.length(c.home_ref)) == c.home_ref,
    # Of its parts only the switching; a change known better later may have been one.
    sa.and_(
        sa.func.substr(c.home_ref, 1, sa.func.length(_WITHIN)) == _WITHIN,
        sa.or_(c.action != "amended", c.known_from > c.position),
    ),
)
_ANYWHERE = standing(change_row, c.home_kind == sa.bindparam("kind", type_=sa.Text), _BEARING).add_columns(
    act_behind(c)
)
_AROUND = _ANYWHERE.where(sa.or_(c.root == sa.bindparam("root", type_=sa.Text), c.root == ""))


class UnknownProvision(NotFound):
    """Not even the section, schedule or appendix that would hold it is known."""

    problem = "unknown-provision"

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.extra = {"nearest": nearest}


def provision(connection: sa.Connection, point: Point, kind: str, ref: str) -> Body:
    """What is in force of a provision at the point: state, interval, reasons, what comes next."""
    home_kind, home_ref, rows = _family_rows(connection, point, kind, ref)
    family = Family(shape(point.code), home_kind, map(act_of, rows))
    answer = family.answer(home_ref, point.as_of)
    told = Telling(rows, family, point.as_of)
    return {
        "code": point.code,
        "kind": home_kind,
        "ref": home_ref,
        **_standing(answer, rows, home_ref, point.as_of),
        "because": told.touches(answer.because),
        "next": told.touches(answer.upcoming),
    }


def history(connection: sa.Connection, point: Point, kind: str, ref: str) -> list[Body]:
    """The steps of a provision by legal day, oldest first."""
    home_kind, home_ref, rows = _family_rows(connection, point, kind, ref)
    family = Family(shape(point.code), home_kind, map(act_of, rows))
    return Telling(rows, family, point.as_of).touches(family.answer(home_ref, point.as_of).history)


def every_row(connection: sa.Connection, point: Point, kind: str, ref: str) -> tuple[str, str, list[Any]]:
    """The provision's lasting kind and reference, and all that was ever known of the changes that may bear on it, as learnt."""
    home_kind, home_ref, _ = _family_rows(connection, point, kind, ref)
    form = shape(point.code).kind(home_kind)
    statement, values = _statement(home_kind, parse(home_ref, nested=form.nested if form else False))
    return home_kind, home_ref, list(connection.execute(statement, {**values, **code_and_bound(point)}))


def provisions(
    connection: sa.Connection, point: Point, kind: str | None = None, state: str | None = None, q: str | None = None
) -> list[Body]:
    """Every provision that the ledger knows at the point, with its state on the day; by kind, then in the code's order."""
    items = [
        item for item in _all(connection, point) if kind in (None, item["kind"]) and state in (None, item["state"])
    ]
    return [item for item in items if q is None or _mentions(item, q)]


def counts(items: Iterable[Body]) -> dict[str, int]:
    """How many of the provisions are in each state."""
    found: dict[str, int] = defaultdict(int)
    for item in items:
        found[item["state"]] += 1
    return dict(sorted(found.items()))


class Telling:
    """Changes as REST gives them at a point: with their status on the day and the authority that acted."""

    def __init__(self, rows: Iterable[Any], family: Family, as_of: date) -> None:
        self._rows = {row.id: row for row in rows}
        self._family, self._as_of = family, as_of

    def touches(self, touches: Iterable[Touch]) -> list[Body]:
        """The changes with `via`: the other reference through which they reach the provision."""
        return [{**self.change(touch.act), "via": touch.via} for touch in touches]

    def change(self, act: Act) -> Body:
        """One change."""
        row = self._rows[act.id]
        return told(row, row.act and orjson.loads(row.act), status(act, self._family, self._as_of))


def told(row: Any, instrument: Body | None, standing: str) -> Body:  # noqa: ANN401 - a row of change_row
    """A change as REST gives it, with the authority and the legal basis of its instrument."""
    body = body_of(row)
    source, recorded_at = body.pop("source"), body.pop("recorded_at")
    by = instrument or {"authority": None, "legal_basis": []}
    body |= {"authority": by["authority"], "legal_basis": by["legal_basis"], "status": standing}
    return body | {"recorded_at": recorded_at, "source": source, "proof": f"/v1/log/proof?event={body['id']}"}


def _standing(answer: Answer, rows: Iterable[Any], ref: str, as_of: date) -> Body:
    own = [row for row in rows if row.home_ref == ref]
    return {
        "title": _title(own, as_of),
        "state": answer.state,
        "version": answer.version,
        "valid": {"from": _iso(answer.valid_from), "to": _iso(answer.valid_to)},
        "exclusions": list(answer.exclusions),
        "spec_versions": [
            {"spec": spec.spec, "version": spec.version, "since": _iso(spec.since)} for spec in answer.spec_versions
        ],
        "also_known_as": _also_known_as(own),
    }


def _title(own: list[Any], as_of: date) -> str | None:
    """The title last given by that day, else the first one ever given."""
    titled = [(row.effective or date.max, row.position, body_of(row)["title"]) for row in own]
    titled = sorted(entry for entry in titled if entry[2])
    past = [entry for entry in titled if entry[0] <= as_of]
    return (past[-1] if past else titled[0])[2] if titled else None


def _also_known_as(own: list[Any]) -> list[Body]:
    """The other names of a provision and the days from and to which it was changed under them."""
    names: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in sorted(own, key=lambda row: (row.effective or date.max, row.position)):
        names[row.kind, row.ref].append(row)
    other = [(kind, ref, rows) for (kind, ref), rows in names.items() if (kind, ref) != _home(rows[0])]
    lasting = [row.effective for row in own if (row.kind, row.ref) == _home(row) and row.effective]
    return [_name(kind, ref, rows, lasting) for kind, ref, rows in other]


def _name(kind: str, ref: str, rows: list[Any], lasting: list[date]) -> Body:
    start = rows[0].effective
    end = min((day for day in lasting if start and day > start), default=None)
    return {"kind": kind, "ref": ref, "title": body_of(rows[-1])["title"], "from": _iso(start), "to": _iso(end)}


def _home(row: Any) -> tuple[str, str]:  # noqa: ANN401 - a row of change_row
    return row.home_kind, row.home_ref


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _family_rows(connection: sa.Connection, point: Point, kind: str, ref: str) -> tuple[str, str, list[Any]]:
    """The provision's lasting kind and reference, and the changes that may bear on it; refuses what is not known at all."""
    form = shape(point.code).kind(kind)
    try:
        wanted = reference(form, ref) if form else None
    except ValueError as error:
        raise _unknown(connection, point, kind, ref, str(error)) from None
    if form is None or wanted is None:
        raise _unknown(connection, point, kind, ref, f"{point.code} has no provisions of that kind")
    if kind == "document":
        home = _home_of_document(connection, point, ref)
        if home and home != (kind, ref):
            return _family_rows(connection, point, *home)
    rows = _related(connection, point, kind, wanted)
    if not rows and not _root_known(connection, point, kind, wanted):
        raise _unknown(connection, point, kind, ref, "neither it nor what would hold it is known")
    return kind, ref, rows


def _related(connection: sa.Connection, point: Point, kind: str, wanted: Reference) -> list[Any]:
    """The changes to what holds the reference and to itself, and the switching of its parts."""
    statement, values = _statement(kind, wanted)
    return asked(connection, statement, point, **values)


def _statement(kind: str, wanted: Reference) -> tuple[sa.Select[Any], dict[str, str]]:
    within = wanted.text
    if wanted.is_range:
        within = wanted.holders[0] if wanted.holders else ""
    statement = _AROUND if wanted.root else _ANYWHERE
    values = {"root": wanted.root} if wanted.root else {}
    return statement, {"kind": kind, "ref": wanted.text, "within": within, **values}


def _root_known(connection: sa.Connection, point: Point, kind: str, wanted: Reference) -> bool:
    same_root = (c.code == point.code, c.home_kind == kind, c.root == wanted.root, c.known_from <= point.bound)
    found = sa.select(c.id).where(c.generation == point.generation, *same_root).limit(1)
    return connection.scalar(found) is not None


def _home_of_document(connection: sa.Connection, point: Point, slug: str) -> tuple[str, str] | None:
    rows = changes_where(connection, point, c.kind == "document", c.ref == slug)
    rows = rows or changes_where(connection, point, c.home_kind == "document", c.home_ref == slug)
    return (rows[-1].home_kind, rows[-1].home_ref) if rows else None


def _unknown(connection: sa.Connection, point: Point, kind: str, ref: str, why: str) -> UnknownProvision:
    from difflib import get_close_matches

    known_names = [f"{name_kind}/{name}" for name_kind, name in names(connection, point)]
    nearest = get_close_matches(f"{kind}/{ref}"[:80], known_names, n=5, cutoff=0.3)
    return UnknownProvision(f"{kind[:40]}/{ref[:40]}: {why}", nearest)


def names(connection: sa.Connection, point: Point) -> list[tuple[str, str]]:
    """The kind and lasting reference of every provision that a change names, as target or as exclusion, in the code's order."""
    found = {_home(row) for row in changes_where(connection, point)}
    found |= {
        (r.home_kind, ref) for r in changes_where(connection, point, c.exclusions != "") for ref in act_of(r).exclusions
    }
    return in_order(point.code, found)


def in_order(code: str, found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Provisions by kind, then in the order of the code."""
    return sorted(found, key=lambda name: _place(code, *name))


def _place(code: str, kind: str, ref: str) -> tuple[int, str, Any]:
    kinds = list(shape(code).kinds)
    known_kind: Kind | None = shape(code).kind(kind)
    return (kinds.index(kind) if kind in kinds else len(kinds), kind, sort_key(known_kind, ref))


def _all(connection: sa.Connection, point: Point) -> list[Body]:
    rows = changes_where(connection, point)
    by_root: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        by_root[row.home_kind, row.root].append(row)
    items = []
    for (kind, root), own in by_root.items():
        around = own if root == "" else own + by_root.get((kind, ""), [])
        family = Family(shape(point.code), kind, map(act_of, around))
        mine = Family(shape(point.code), kind, map(act_of, own)).named()
        for ref in mine:
            answer = family.answer(ref, point.as_of)
            items.append({"kind": kind, "ref": ref, **_standing(answer, around, ref, point.as_of)})
    return sorted(items, key=lambda item: _place(point.code, item["kind"], item["ref"]))


def _mentions(item: Body, q: str) -> bool:
    names_of = [item["ref"], f"{item['kind']}/{item['ref']}", item["title"] or ""]
    names_of += [other["title"] or "" for other in item["also_known_as"]]
    return any(q.casefold() in name.casefold() for name in names_of)
