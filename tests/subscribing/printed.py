"""The programs and commands of docs/subscribing.md as printed, but for the addresses; run as a reader would run them."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.missing import missing
from tests.rules.project import ROOT
from tests.waiting import wait_for

PAGE = (ROOT / "docs" / "subscribing.md").read_text(encoding="utf-8")
PROGRAMS = {name: text for text, name in re.findall(r"```python\n(# (\w+)\.py.*?)```", PAGE, re.DOTALL)}
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in re.split(r"(?<!\\)\n", block)
]
SERVICE, RECEIVER, BROKER = "127.0.0.1:8000", "127.0.0.1:9000", "127.0.0.1:9094"


class Printing:
    """A program under way and the lines that it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.lines = process, list[str]()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def positions(self, last: int) -> list[int]:
        """The positions that the lines begin with, once the last one is there."""
        self._wait(lambda: any(line.startswith(f"{last} ") for line in self.lines))
        return [int(line.split()[0]) for line in self.lines]

    def end(self) -> None:
        """Ends the program without warning."""
        self.process.kill()
        self.process.wait()
        self._thread.join()

    def _wait(self, come: Callable[[], bool]) -> None:
        wait_for(lambda: come() or self.process.poll() is not None, 60)

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))


def moved(text: str, addresses: dict[str, str]) -> str:
    """The text with the addresses of the page replaced by those of the test, as `host:port` and as `("host", port)`."""
    for shown, real in addresses.items():
        text = text.replace(shown, real).replace(_pair(shown), _pair(real))
    return text


def _pair(address: str) -> str:
    host, _, port = address.partition(":")
    return f'("{host}", {port})'


@contextmanager
def running(name: str, directory: Path, addresses: dict[str, str], **surroundings: str) -> Iterator[Printing]:
    """The program of that name, started in the directory; killed at the end."""
    path = directory / f"{name}.py"
    path.write_text(moved(PROGRAMS[name], addresses), encoding="utf-8")
    given = {**os.environ, **surroundings}
    with (directory / f"{name}.errors").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, str(path)], cwd=directory, env=given, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        printing = Printing(process)
        try:
            yield printing
        finally:
            printing.end()
            if process.stdout:
                process.stdout.close()


def ran(name: str, directory: Path, addresses: dict[str, str]) -> list[str]:
    """What a program that ends by itself printed."""
    with running(name, directory, addresses) as printing:
        assert printing.process.wait(60) == 0, (directory / f"{name}.errors").read_text(encoding="utf-8")
        printing.end()
        return printing.lines


def curl(about: str, directory: Path, addresses: dict[str, str], **surroundings: str) -> str:
    """What the command printed that mentions this; several that do are one after the other. Skips, in CI fails, without curl."""
    if shutil.which("curl") is None:
        missing("curl is missing: the commands of docs/subscribing.md are not run; install curl")
    commands = [moved(command, addresses) for command in COMMANDS if about in command]
    assert commands, about
    given = {**os.environ, **surroundings}
    done = subprocess.run(
        ["bash", "-c", "\n".join(commands)], cwd=directory, env=given, capture_output=True, text=True, timeout=60
    )
    assert done.returncode in (0, 28), done.stderr  # 28: the time that --max-time gives is over
    return done.stdout
