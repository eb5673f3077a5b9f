"""Recording commands: look, decide, check, append; in one transaction, or not at all."""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.driver_errors import translated
from events.errors import Conflict, NotFound, Rejected, Unavailable
from events.receipt import VersionConflict
from services.ingest import known
from services.ingest.commands.answered import Outcome
from services.ingest.commands.asking import Asking, Command, Work
from services.ingest.commands.drafts import Draft
from services.ingest.commands.sitting import Overtaken, Sitting
from services.law.codes import shape

TRIES, PAUSE = 20, 0.005

AT_ONCE = 64
"""The most commands in one transaction: others of the log wait as long as it takes."""

Answer = TypeVar("Answer")


class Turn(NamedTuple):
    """A command of a code that waits for its turn; it is read when that has come."""

    code: str
    command: Callable[[], Command]


def record(engine: sa.Engine, asking: Asking, work: Work) -> Outcome:
    """What the command did; with `dry_run` what it would do, and nothing is written."""
    for attempt in range(TRIES):
        try:
            with translated(), engine.begin() as connection:
                sitting = Sitting(connection, shape(asking.code), asking)
                found = sitting.decide(Command(asking, work))
                sitting.settle()
                return _done(found)
        except (Overtaken, VersionConflict, IntegrityError):
            time.sleep(random.uniform(0, PAUSE * attempt))  # noqa: S311 - who goes first is left to chance
    raise Unavailable(f"others kept recording {asking.code} at the same time; nothing was written")


def record_together(engine: sa.Engine, turns: Sequence[Turn]) -> list[Outcome | Exception]:
    """What each of the commands did, or why it did nothing, in their order; they are all of one code."""
    commands = [_attempt(each.command) for each in turns]
    found = iter(_recorded(engine, [each for each in commands if not isinstance(each, Exception)]))
    return [each if isinstance(each, Exception) else next(found) for each in commands]


def _recorded(engine: sa.Engine, commands: Sequence[Command]) -> Sequence[Outcome | Exception]:
    if len(commands) > 1:
        try:
            with translated(), engine.begin() as connection:
                return _in_one_sitting(connection, commands)
        except Unavailable as error:
            # Perhaps they were recorded, and the answer was lost: only who asked can know whether to ask again.
            return [error] * len(commands)
        except Exception:  # noqa: S110 - whose fault it is shows when each is alone
            pass
    return [_attempt(partial(record, engine, *each)) for each in commands]


def _in_one_sitting(connection: sa.Connection, commands: Sequence[Command]) -> list[Outcome | Exception]:
    code = shape(commands[0].asking.code)
    # Held before the first look: nobody overtakes any of them.
    known.hold(connection, code.id)
    sitting = Sitting(connection, code, commands[0].asking, held=True)
    found: list[Outcome | Draft | Exception] = []
    sitting.ahead(commands)
    for number, command in enumerate(commands):
        found.append(_decided(sitting, command))
        if command.work.wants is None:
            sitting.ahead(commands[number + 1 :])
    sitting.settle()
    return [each if isinstance(each, Exception) else _done(each) for each in found]


def _decided(sitting: Sitting, command: Command) -> Outcome | Draft | Exception:
    try:
        return sitting.decide(command)
    except (Rejected, Conflict, NotFound) as refusal:
        if refusal.__cause__ is not None:
            raise  # by the database, which then takes no more in this transaction
        return refusal


def _done(found: Outcome | Draft) -> Outcome:
    outcome = found.outcome if isinstance(found, Draft) else found
    if outcome is None:
        raise LookupError("a command was decided and is not written")
    return outcome


def _attempt(work: Callable[[], Answer]) -> Answer | Exception:
    try:
        return work()
    except Exception as error:  # given to whom it belongs
        return error
