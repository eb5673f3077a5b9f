"""A writer in a process of its own: `python -m tests.events.writing URL NAME`, each line a receipt that was given."""

import sys

from events.appender import Appender
from services.database import open_engine
from tests.factories import amended, pending


def main(url: str, name: str, size: int) -> None:
    """Appends without end, several events at a time, and says so line by line once each append is acknowledged."""
    stream, version = f"sec/section/{name}", 0
    with Appender(open_engine(url)) as appender:
        while True:
            events = [pending(amended(name)) for _ in range(size)]
            receipt = appender.append(events, {stream: version})
            version += size
            sys.stdout.write(f"{receipt.positions.start} {events[0].id} {events[-1].id}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
