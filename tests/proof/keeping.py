"""A keeper of the tree in a process of its own: `python -m tests.proof.keeping URL KEY_FILE`, a few entries at a time, signing each."""

import sys
from pathlib import Path

from services.database import open_engine
from services.projection.proof import upkeep


def main(url: str, key_file: Path) -> None:
    """Grows and signs without end; says when it begins."""
    engine = open_engine(url)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while True:
        upkeep.grow(engine, 23)
        upkeep.sign(engine, key_file)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
