"""Plays the session that README.md shows, and writes down what the commands really print."""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import httpx

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
SHOWN = "127.0.0.1:8000"
INFORCE = Path(sys.executable).with_name("inforce")
DEMO = ".venv/bin/inforce demo"


def played(session: str) -> str:
    """The session's commands, each with what it prints now, in a fresh directory with the demo running beside."""
    commands = [line[2:] for line in session.splitlines() if line.startswith("$ ")]
    with tempfile.TemporaryDirectory() as directory, _demo(Path(directory)) as (address, opening):
        said = [_said(command, Path(directory), address, opening) for command in commands]
    return "\n".join(f"$ {command}\n{text}" for command, text in zip(commands, said, strict=True))


def steady(text: str) -> str:
    """The text without what differs from one play to the next: the moments of recording, and the ids."""
    moment = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*Z")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", "<id>", moment.sub("<moment>", text))


@contextmanager
def _demo(directory: Path) -> Iterator[tuple[str, str]]:
    """The demo's address, and what it printed before it answered."""
    command = [str(INFORCE), "demo", "--port", "0"]
    with subprocess.Popen(command, cwd=directory, stderr=subprocess.PIPE, text=True, env=_surroundings()) as process:
        try:
            lines: list[str] = []
            for line in process.stderr or ():
                lines.append(line)
                if found := re.search(r"http://(\S+)", line):
                    yield found[1], "".join(lines).replace(found[1], SHOWN)
                    break
            else:
                raise RuntimeError("the demo did not start:\n" + "".join(lines))
        finally:
            process.terminate()


def _said(command: str, directory: Path, address: str, opening: str) -> str:
    if command == DEMO:
        return opening
    command, _, head = command.partition(" | head -n ")
    words = shlex.split(command)
    if words[0] == "curl":
        return _curl(words[1:], address).replace(address, SHOWN) + "\n"
    lines = _inforce(words[1:], directory, int(head or 0))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _curl(words: list[str], address: str) -> str:
    """What curl prints, which need not be there: the whole answer, or what has come of it when the time is over."""
    asked = argparse.ArgumentParser()
    asked.add_argument("-s", "-sN", action="store_true")
    asked.add_argument("--max-time", type=float)
    asked.add_argument("-H", default="Accept: */*")
    asked.add_argument("url")
    given = asked.parse_args(words)
    name, _, value = given.H.partition(": ")
    text = ""
    silence = (given.max_time or 27) + 3  # a busy machine has begun to answer by then
    url = given.url.replace(SHOWN, address)
    with suppress(httpx.ReadTimeout), httpx.stream("GET", url, headers={name: value}, timeout=silence) as answer:
        for piece in answer.iter_text():
            text += piece
    return text.rstrip("\n")


def _inforce(arguments: list[str], directory: Path, most: int) -> list[str]:
    """The lines that a command prints, at most so many where it goes on for ever."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([str(INFORCE), *arguments], cwd=directory, env=_surroundings(), **pipes) as process:  # type: ignore[call-overload]
        if not most:
            return process.communicate()[0].splitlines()
        lines = list(islice(process.stdout, most))
        process.terminate()
        return lines


def _surroundings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}


if __name__ == "__main__":
    page = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda block: played(block.group()), page), encoding="utf-8")
