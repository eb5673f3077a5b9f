"""The command `inforce replay`: the read models made anew from the log, compared with the live ones."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from events.store import last_position, position_at
from services.audit import explaining, reindexing, replay, replaying, replays
from services.audit.replays import Wish
from services.database import translated
from services.projection.point import LONDON
from services.terminal import arguments, screen
from services.terminal.ledger import ledger, settings


def until(text: str) -> int | datetime:
    """A position `181` or `pos:181`, an instant, or a day, whose end in London is meant."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    if len(text) == 10:
        return _end_of(arguments.day(text))
    return arguments.known(text).value


Until = Annotated[
    Any,
    typer.Option(
        "--until",
        help="Only what was recorded up to a position, an instant, or the end of a day.  [default: all]",
        metavar="T",
        parser=until,
    ),
]
Verify = Annotated[bool, typer.Option("--verify", help="With --switch: only where nothing differs.")]
Switch = Annotated[bool, typer.Option("--switch", help="Put the rebuilt read models in place of the live ones.")]
Index = Annotated[
    bool,
    typer.Option(
        "--index", help="Not the read models: what is recorded, as ingest looks it up. --switch makes it anew."
    ),
]


def replay_log(up_to: Until = None, verify: Verify = False, switch: Switch = False, index: Index = False) -> None:
    """Rebuilds the read models beside the live ones from the log alone, and compares row by row; exit code 1 where any differ."""
    if index:
        if up_to is not None or verify:
            raise typer.BadParameter("--index goes with --switch alone")
        _index(switch=switch)
        return
    with ledger(settings().ledger_url()) as engine:
        with translated(), engine.connect() as connection:
            end = last_position(connection)
            bound = position_at(connection, up_to) if isinstance(up_to, datetime) else up_to
        wish = replay.checked(Wish(bound, switch, verify), end)
        with _Bars() as moved:
            done: Any = replaying.now(engine, wish, "cli", moved)
        _tell(replays.shown(done))
        if done.differences:
            raise typer.Exit(1)


def _index(*, switch: bool) -> None:
    """Says where ingest's index differs from what the log gives; then, if that is wanted, makes it anew."""
    with ledger(settings().ledger_url()) as engine:
        with screen.moving("the index") as moved:
            found = reindexing.differences(engine, moved)
        for each in found.kept:
            typer.echo(screen.safe(str(each)))
        more = f", the first {len(found.kept)} are listed" if found.count > len(found.kept) else ""
        place = f"; the index is made anew, up to position {reindexing.remake(engine)}" if switch else ""
        screen.tell(f"{found.count or 'no'} difference{'' if found.count == 1 else 's'}{more}{place}")
    if found.count:
        raise typer.Exit(1)


class _Bars(ExitStack):
    """A bar for each part of the work, one after the other."""

    _moved: screen.Moved

    def __enter__(self) -> Any:  # noqa: ANN401 - takes the state, how much is done, of how much
        super().__enter__()
        self._state = ""
        return self._move

    def _move(self, state: str, done: int, total: int) -> None:
        if state != self._state:
            self.pop_all().close()
            self._state, self._moved = state, self.enter_context(screen.moving(state))
        self._moved(done, total)


def _tell(done: dict[str, Any]) -> None:
    for each in done["first_differences"]:
        typer.echo(screen.safe(explaining.text(each)))
    found = done["differences"]
    more = f", the first {len(done['first_differences'])} are listed" if found > len(done["first_differences"]) else ""
    said = f"{found or 'no'} difference{'' if found == 1 else 's'}{more}"
    place = "; the rebuilt read models are in place" if done["switched"] else ""
    screen.tell(f"replayed up to position {done['position']}: {said}{place}")


def _end_of(day: date) -> datetime:
    """The last moment of a day in London."""
    after = datetime.combine(day + timedelta(days=1), time(), LONDON)
    return after.astimezone(UTC) - timedelta(microseconds=1)
