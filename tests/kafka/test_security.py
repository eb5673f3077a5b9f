"""A broker that wants to know who publishes: what the settings say reaches it, and what they do not is refused."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from services.settings import Settings
from tests.kafka.broker import PASSWORD, USER, Broker
from tests.kafka.certificates import Authority
from tests.kafka.conftest import LEFT_TO_THE_COLLECTOR
from tests.kafka.ledgers import fill, ids
from tests.kafka.publishing import EVENTS, cursor, position, publishing
from tests.kafka.reading import Reader
from tests.waiting import wait_for

pytestmark = [LEFT_TO_THE_COLLECTOR, pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)]

LOCKED_WITH = "what the key is locked with"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, broker: Broker, ledger_url: str, tmp_path: Path) -> dict[str, str]:
    """All that a publisher has to say of itself to that broker."""
    own = str(broker.authority.vouched("publisher", LOCKED_WITH))
    given = {
        "DATABASE_URL": ledger_url,
        "DATA_DIR": str(tmp_path),
        "KAFKA_BOOTSTRAP": broker.secured,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD": PASSWORD,
        "KAFKA_SSL_CAFILE": str(broker.authority.file),
        "KAFKA_SSL_CERTFILE": own,
        "KAFKA_SSL_KEYFILE": own,
        "KAFKA_SSL_PASSWORD": LOCKED_WITH,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"INFORCE_{name}", value)
    return given


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_who_says_all_that_the_broker_asks_publishes(
    engine: sa.Engine, broker: Broker, told: dict[str, str], monkeypatch: pytest.MonkeyPatch, mechanism: str
) -> None:
    monkeypatch.setenv("INFORCE_KAFKA_SASL_MECHANISM", mechanism)
    fill(engine, 3)
    with publishing(engine, Settings(), EVENTS), Reader(broker.bootstrap, EVENTS.topic.name) as reader:
        reader.read_until(3)
        wait_for(lambda: position(engine, "kafka.events") == 3)
    assert reader.ids() == ids(engine)


@pytest.mark.parametrize("wrong", ["password", "authority", "certificate"])
def test_who_does_not_is_refused_and_the_status_says_so_without_the_password(
    engine: sa.Engine, told: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: str
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    if wrong == "password":
        monkeypatch.setenv("INFORCE_KAFKA_SASL_PASSWORD", "guessed")
    elif wrong == "authority":
        monkeypatch.setenv("INFORCE_KAFKA_SSL_CAFILE", str(stranger.file))
    else:
        own = str(stranger.vouched("stranger", LOCKED_WITH))
        monkeypatch.setenv("INFORCE_KAFKA_SSL_CERTFILE", own)
        monkeypatch.setenv("INFORCE_KAFKA_SSL_KEYFILE", own)
    fill(engine, 1)
    with publishing(engine, Settings(), EVENTS) as said:
        wait_for(lambda: cursor(engine, "kafka.events").get("error"), 60)
    why = cursor(engine, "kafka.events")["error"]["why"]
    assert why.startswith("Kafka ")
    assert not any(secret in " ".join([why, *said]) for secret in (PASSWORD, "guessed", LOCKED_WITH))
    assert position(engine, "kafka.events") == 0
