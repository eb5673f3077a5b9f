"""What a test needs and this machine has not."""

import os
from typing import NoReturn

import pytest


def missing(message: str) -> NoReturn:
    """Skips with one loud line; on CI it is a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)
