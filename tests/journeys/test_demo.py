"""`inforce demo` as a process of its own: it starts, answers, stops when told, and starts again with nothing new."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

INFORCE = Path(sys.executable).with_name("inforce")


@contextmanager
def demo(data: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """The running process, its URL, and the lines it printed before it answered."""
    command = [str(INFORCE), "demo", "--port", "0", "--data", str(data)]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=data.parent, env=surroundings) as process:
        try:
            lines: list[str] = []
            assert process.stderr
            for line in process.stderr:
                lines.append(line)
                if found := re.search(r"http://\S+", line):
                    yield process, found.group(), lines
                    break
            else:
                raise AssertionError("".join(lines))
        finally:
            if process.poll() is None:
                process.kill()


def test_the_demo_answers_from_the_shipped_table_and_stops_when_told(tmp_path: Path) -> None:
    with demo(tmp_path / "data") as (process, url, _):
        assert httpx.get(f"{url}/healthz").status_code == 200
        answer = httpx.get(f"{url}/v1/codes/sec/in-force", params={"as_of": "2018-05-31"}).json()
        assert answer["version"]["label"] == "5.16"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_the_demo_finds_nothing_new_when_started_again(tmp_path: Path) -> None:
    with demo(tmp_path / "data") as (_, url, first):
        before = httpx.get(f"{url}/v1/status").json()["log"]
    with demo(tmp_path / "data") as (_, url, second):
        assert httpx.get(f"{url}/v1/status").json()["log"] == before
    assert "nothing new" not in "".join(first)
    assert "nothing new" in "".join(second)


def test_the_demo_says_that_its_port_is_taken_and_makes_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [str(INFORCE), "demo", "--port", str(port), "--data", str(tmp_path / "data")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(port) in done.stderr
    assert not (tmp_path / "data").exists()
