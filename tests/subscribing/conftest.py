"""What the programs need beside a ledger."""

import socket

import pytest


@pytest.fixture
def free_port() -> int:
    """A port of this machine that nobody listens on."""
    return _free()


@pytest.fixture
def other_port() -> int:
    """One more."""
    return _free()


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
