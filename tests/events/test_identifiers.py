import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from events.identifiers import new_id


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    before, made, after = time.time(), uuid.UUID(new_id()), time.time()

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before - 0.001 <= (made.int >> 80) / 1000 <= after
    assert str(made) == str(made).lower()


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_id())
        time.sleep(0.0001)

    assert ids == sorted(ids)


def test_no_id_is_given_twice_whatever_the_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: new_id(), range(20_000)))

    assert len(set(ids)) == len(ids)
