"""One piece of work, alone in a process: `python -m bench.alone projection URL` or `python -m bench.alone ingest URL FILE`."""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from services.audit import index, replaying, replays
from services.audit.replays import Wish
from services.audit.verify import verify
from services.collecting import collect_seldom
from services.database import open_engine
from services.ingest.recorder import record
from services.projection import generations, rebuild
from services.projection.proof import growing
from services.projection.runner import catch_up


class Done(NamedTuple):
    """What the work did: how many events, in how many seconds, with at most how many MiB of resident memory."""

    events: int
    seconds: float
    most: float


def started(work: str, *arguments: str) -> subprocess.Popen[str]:
    """The process that does the work."""
    return subprocess.Popen([sys.executable, "-m", "bench.alone", work, *arguments], stdout=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> Done:
    """What it did, when it has."""
    told, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"bench.alone ended with {process.returncode}")
    return Done(*json.loads(told))


def _projection(url: str) -> int:
    return catch_up(open_engine(url))


def _rebuild(url: str) -> int:
    engine = open_engine(url)
    with engine.begin() as connection:
        generation = generations.begin(connection)
    return rebuild.fill(engine, generation)


def _replay(url: str) -> int:
    done = replays.shown(replaying.now(open_engine(url), Wish(), "bench", lambda *_: None))
    return int(done["position"])


def _index(url: str) -> int:
    engine = open_engine(url)
    size = growing.catch_up(engine)
    with engine.begin() as connection:
        index.rebuild(connection)
    return size


def _verify(url: str) -> int:
    verdict = verify(open_engine(url), jobs=1)
    if verdict.findings.count:
        raise SystemExit(str(verdict.findings.kept[0]))
    return verdict.size


def _ingest(url: str, file: str) -> int:
    data = Path(file).read_bytes()
    done = record(open_engine(url), data, Path(file).name, "sec", actor="bench", max_bytes=len(data))
    return done.new_events


_WORKS: Mapping[str, Callable[..., int]] = {
    "projection": _projection,
    "rebuild": _rebuild,
    "replay": _replay,
    "index": _index,
    "verify": _verify,
    "ingest": _ingest,
}


def _most() -> float:
    """The most memory resident in this process so far, MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the parent held when it forked.
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) / 1024
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / 1024 / (1024 if sys.platform == "darwin" else 1)


def _main(work: str, *arguments: str) -> None:
    collect_seldom()  # as the command does
    begun = perf_counter()
    events = _WORKS[work](*arguments)
    print(json.dumps(Done(events, perf_counter() - begun, _most())))


if __name__ == "__main__":
    _main(*sys.argv[1:])
