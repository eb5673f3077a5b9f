"""The ledger that the settings name, opened for as long as a command needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from sqlalchemy import Engine

from services import database
from services.projection import runner
from services.settings import Settings
from services.terminal import screen


def settings() -> Settings:
    """The settings from the environment; one that is none is a usage error that names it."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "_".join(map(str, wrong["loc"])).upper()
        raise typer.BadParameter(f"INFORCE_{name}: {wrong['msg']}, found {wrong['input']!r}") from None


@contextmanager
def ledger(url: str, *, prepared: bool = True) -> Iterator[Engine]:
    """An engine for as long as the command needs it; an embedded file is made and migrated, a server only checked."""
    engine = database.open_engine(url)
    try:
        if prepared and engine.dialect.name == "sqlite":
            database.migrate(engine)
        elif prepared:
            database.check_revision(engine)
        yield engine
    finally:
        engine.dispose()


def catch_up(engine: Engine) -> int:
    """Projects up to the end of the log, with a bar on a terminal; the position reached."""
    with screen.moving("projecting") as moved:
        return runner.catch_up(engine, moved)
