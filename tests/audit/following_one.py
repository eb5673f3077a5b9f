"""A mirror in a process of its own: `python -m tests.audit.following_one URL DATABASE DIRECTORY`, a few entries at a time."""

import sys
from pathlib import Path

from services.audit.fetching import Remote
from services.audit.follow import Following, begin, turn
from services.database import open_engine


def main(url: str, database: str, directory: str) -> None:
    """Follows to the latest checkpoint; says when it begins."""
    with Remote(url) as remote:
        following = Following(open_engine(database), remote, Path(directory), step=20)
        begin(following, None, resume=False)
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        turn(following, lambda *_: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
