"""A ledger in which much is known better is well, moves as it is, is mirrored as it is, and its bundles hold."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from services.audit.verify import verify
from services.database import open_engine
from services.projection import runner
from services.projection.proof.checkpoints import latest
from services.projection.provisions import UnknownProvision
from services.settings import Settings
from tests.audit.bundles import files_of, made, verdict
from tests.audit.ledgers import recorded, shown, verifiers
from tests.audit.test_moved import everything, exported, put
from tests.ingest.commands.asking import SOURCE, approval, ask, did, direction, done, event_of, get
from tests.ingest.recording.table import TABLE, take
from tests.serving import serving
from tests.waiting import wait_for

PROVISIONS = (
    "section/Y",
    "section/Y1",
    "section/H",
    "section/H15",
    "section/P",
    "section/Q",
    "appendix/AC",
    "code/SEC",
)


@pytest.fixture
def key_file(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> Path:
    key_file = recorded(engine, tmp_path)
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        _known_better(client)
        take(engine, TABLE.replace(b"Production Proving", b"Production Proofs!"))
        runner.catch_up(engine)
        wait_for(lambda: _signed(engine))
    return key_file


def _signed(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        signed = latest(connection)
        return bool(signed and signed.size == connection.scalar(sa.text("SELECT max(position) FROM event_log")))


def _known_better(client: httpx.Client) -> None:
    """Directed, approved, moved, moved back, cancelled, corrected under another name, withdrawn."""
    about = {"source": SOURCE, "reason": "the letter says otherwise"}
    first = done(
        ask(
            client,
            "directions",
            direction(did("designated", "section/Y"), did("activated", "section/Y1"), effective="2097-01-01"),
            Idempotency_Key="one",
        )
    )
    done(ask(client, "reschedulings", {"version": "5.17", "effective": "2097-02-01", **about}))
    changes = [did("amended", "section/H"), did("deleted", "section/Q"), did("amended", "appendix/AC")]
    second = done(ask(client, "approvals", approval(*changes, version="5.18", effective="2018-09-01")))
    done(ask(client, "cancellations", {"change": event_of(first, "SectionActivated"), **about}))
    done(ask(client, "corrections", {"event": event_of(second, "SectionAmended"), "fact": {"ref": "H15"}, **about}))
    done(ask(client, "corrections", {"event": event_of(second, "AppendixAmended"), "fact": None, **about}))
    done(ask(client, "cancellations", {"version": "5.17", **about}))
    done(ask(client, "reschedulings", {"version": "5.17", "effective": "2097-03-01", **about}))
    assert get(client, "in-force", as_of="2018-09-01")["version"]["label"] == "5.18"


def test_it_is_well(engine: sa.Engine, key_file: Path) -> None:
    assert shown(verify(engine, keys=verifiers(key_file)).findings) == []


def test_it_moves_as_it_is_and_answers_its_commands_again(
    engine: sa.Engine, key_file: Path, make_database: Callable[[], str], tmp_path: Path
) -> None:
    url = make_database()
    other = open_engine(url)
    put(other, exported(engine))
    assert everything(other)[:3] == everything(engine)[:3]
    assert shown(verify(other).findings) == []
    with serving(Settings(database_url=url, data_dir=tmp_path / "other")) as client:
        body = direction(did("designated", "section/Y"), did("activated", "section/Y1"), effective="2097-01-01")
        again = ask(client, "directions", body, Idempotency_Key="one")
        assert again.status_code in (200, 201), again.text
        assert ask(client, "directions", direction(), Idempotency_Key="one").status_code == 409
        done(ask(client, "reschedulings", {"version": "5.17", "effective": "2097-04-01", "source": SOURCE}))
    assert shown(verify(other).findings) == []
    other.dispose()


def test_its_bundles_hold_at_every_point(engine: sa.Engine, key_file: Path) -> None:
    key = verifiers(key_file)[0].text()
    with engine.connect() as connection:
        end = connection.scalar(sa.text("SELECT max(position) FROM event_log"))
    for provision in PROVISIONS:
        for position in (end, end - 9, end - 20):
            for day in ("2018-05-31", "2018-09-01", "2097-02-15", "2098-01-01"):
                try:
                    files = files_of(made(engine, provision, day, position))
                except UnknownProvision:
                    continue
                told = verdict(files, key)
                assert not told[-1].startswith("REFUSED"), (provision, position, day, told[-1])
