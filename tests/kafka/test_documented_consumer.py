"""The consumer of docs/subscribing.md, as printed, on a real broker: every event once, and on from where it was killed."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.settings import Settings
from tests.factories import amended
from tests.ingest.recording.table import take
from tests.kafka.publishing import EVENTS, publishing
from tests.projection.ledger import Ledger
from tests.subscribing.printed import BROKER, running


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_printed_consumer_has_each_event_once_and_goes_on_where_it_was_killed(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    take(engine)
    places = {BROKER: settings.kafka_bootstrap or ""}
    with publishing(engine, settings, EVENTS):
        with running("consume", tmp_path, places) as consumer:
            assert consumer.positions(238) == list(range(1, 239))
        Ledger(engine).record(amended("H15", version="5.17"), amended("H16", version="5.17"))
        with running("consume", tmp_path, places) as consumer:
            assert [each for each in consumer.positions(240) if each > 238] == [239, 240]
