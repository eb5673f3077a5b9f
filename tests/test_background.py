"""Loops in the background: none ends unseen."""

import threading

import pytest

from services.background import Loops
from tests.waiting import wait_for


def test_a_loop_that_fails_is_told_and_begun_again_and_the_others_go_on(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.background.PAUSE", 0.01)
    begun: list[str] = []

    def fails_twice(stop: threading.Event) -> None:
        begun.append("fails")
        if begun.count("fails") < 3:
            raise KeyError("nobody foresaw this")
        stop.wait()

    def goes_on(stop: threading.Event) -> None:
        begun.append("goes on")
        stop.wait()

    loops = Loops()
    loops.start("fails", fails_twice)
    loops.start("goes on", goes_on)
    wait_for(lambda: begun.count("fails") == 3 and "goes on" in begun)
    loops.stop()
    assert sorted(begun) == ["fails"] * 3 + ["goes on"]
    said = capfd.readouterr().err
    assert said.count("fails: begun again") == 2
    assert "nobody foresaw this" in said


def test_a_loop_that_fails_ends_when_told_to() -> None:
    tried = threading.Event()

    def fails(_: threading.Event) -> None:
        tried.set()
        raise KeyError

    loops = Loops()
    loops.start("fails", fails)
    tried.wait()
    loops.stop()
    assert not any(each.name == "fails" for each in threading.enumerate())
