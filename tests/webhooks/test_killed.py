"""The process that delivers, and the database under it, killed without warning: nothing is missing, only the same event comes twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import sqlalchemy as sa

from services.database import migrate, open_engine
from tests.conftest import private_cluster
from tests.factories import amended
from tests.waiting import wait_for
from tests.webhooks.ledger import amend, delivering, record, settings_for, shown, subscribe
from tests.webhooks.receiver import Got, receiving

EVENTS = 10_000
SECTIONS = ("A", "B", "C", "D")

INFORCE = Path(sys.executable).with_name("inforce")


@contextmanager
def dispatcher(url: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    own |= {"INFORCE_DATABASE_URL": url, "INFORCE_DATA_DIR": str(directory), "INFORCE_WEBHOOK_ALLOW_PRIVATE": "1"}
    with subprocess.Popen([str(INFORCE), "publish"], stderr=subprocess.PIPE, text=True, env=own) as process:
        try:
            assert process.stderr
            assert "delivers webhooks" in process.stderr.readline()
            yield process
        finally:
            process.kill()


def check(got: list[Got], wanted: list[int]) -> None:
    """All that is wanted, each first in its order, and what came twice under the same id."""
    firsts = list(dict.fromkeys(each.sequence for each in got))
    assert firsts == wanted
    assert len({(each.id, each.sequence) for each in got}) == len(wanted)


def test_killed_in_the_middle_of_ten_thousand_events_the_next_process_goes_on(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    settings, before = settings_for(engine, tmp_path), 0
    for _ in range(10):
        record(engine, *[amended(f"{SECTIONS[n % 4]}1") for n in range(EVENTS // 10)])
    with receiving() as receiver:
        for each in SECTIONS:
            subscribe(engine, settings, f"{receiver.url}/{each}", affected=[f"section/{each}"])
        with ExitStack() as running:
            delivers = running.enter_context(dispatcher(ledger_url, tmp_path))
            for share in (0.3, 0.7):
                wait_for(lambda before=before: len(receiver.got) > before, 60)
                waits = running.enter_context(dispatcher(ledger_url, tmp_path))
                wait_for(lambda share=share: len(receiver.got) > share * EVENTS, 120)
                delivers.kill()
                delivers.wait()
                before, delivers = len(receiver.got) + len(SECTIONS), waits
            wait_for(lambda: len(receiver.got) >= EVENTS, 120)
            wait_for(lambda: len({each.sequence for each in receiver.got}) == EVENTS, 60)
    for number, each in enumerate(SECTIONS):
        wanted = list(range(number + 1, EVENTS + 1, 4))
        check([got for got in receiver.got if got.path.endswith(each)], wanted)


def test_while_one_process_delivers_another_waits_and_takes_over_when_it_is_killed(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    settings = settings_for(engine, tmp_path)
    with receiving() as receiver:
        own, _ = subscribe(engine, settings, receiver.url)
        with dispatcher(ledger_url, tmp_path) as first:
            amend(engine, 1)
            wait_for(lambda: shown(engine, own)["position"] == 1)
            with dispatcher(ledger_url, tmp_path):
                amend(engine, 20)
                wait_for(lambda: shown(engine, own)["position"] == 21)
                assert receiver.sequences() == list(range(1, 22)), "two at once would say it twice"
                first.kill()
                amend(engine, 20)
                wait_for(lambda: shown(engine, own)["position"] == 41)
    assert receiver.sequences() == list(range(1, 42))


def test_a_database_killed_while_it_delivers_costs_nothing_but_repetitions(tmp_path: Path) -> None:
    with private_cluster() as server:
        engine = open_engine(server.get_uri().replace(":@", "@"))
        migrate(engine)
        settings = settings_for(engine, tmp_path)
        amend(engine, 2_000)
        with receiving() as receiver, delivering(engine, settings):
            own, _ = subscribe(engine, settings, receiver.url)
            wait_for(lambda: len(receiver.got) > 500)
            with engine.connect() as connection:
                children = connection.execute(sa.text("SELECT pid FROM pg_stat_activity")).scalars().all()
            killed = [server.get_pid(), *children]
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not any(psutil.pid_exists(pid) for pid in killed))
            server.ensure_postgres_running()
            wait_for(lambda: receiver.got[-1].sequence == 2_000, 60)
            wait_for(lambda: shown(engine, own)["position"] == 2_000, 60)
        check(receiver.got, list(range(1, 2_001)))
        engine.dispose()
