from sqlalchemy import Connection

from events.store import append, read
from tests.factories import amended, pending


def test_what_is_appended_is_read_back(connection: Connection) -> None:
    event = amended("H15")

    receipt = append(connection, [pending(event)], {"sec/section/H15": 0})

    [recorded] = read(connection)
    assert recorded.event == event
    assert receipt.positions == range(1, 2)
    assert receipt.leaf_hashes == (recorded.leaf_hash,)
    assert receipt.recorded_at == recorded.recorded_at
