"""Standard output that goes on for long: lines put out at once, and noticing that nobody reads them any more."""

import os
import select
import shutil
import sys
from collections.abc import Iterable

from services.terminal.screen import WIDTH_IN_A_PIPE


def put(lines: Iterable[bytes]) -> None:
    """Writes the lines, each with its end, at once."""
    sys.stdout.buffer.writelines(lines)
    sys.stdout.buffer.flush()


def width() -> int:
    """How many characters a line has room for."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH_IN_A_PIPE


def abandoned() -> bool:
    """Whether the pipe that standard output goes to has lost its reader."""
    watched = select.poll()
    watched.register(sys.stdout.fileno(), 0)
    return any(found & select.POLLERR for _, found in watched.poll(0))


def silence() -> None:
    """Standard output goes nowhere from here on: what is still in its buffer has no reader when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
