"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def wait_for(come: Callable[[], object], seconds: float = 30) -> None:
    """Returns once it has come true; fails when it has not in time."""
    end = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
