"""The lines of an export: JSON, each with a check over all bytes up to it, so that a changed character is found in its line."""

from collections.abc import Iterator
from hashlib import sha256
from typing import IO, Any

import orjson

from events.errors import Rejected

FORMAT = "inforce-export/1"
_CHECK, _END = b',"check":"', b'"}\n'
_HEX = 32
_TAIL = len(_CHECK) + _HEX + len(_END)
LONGEST = 128 * 1024 * 1024


class Damaged(Rejected):
    """An export was changed or cut; the message names the line."""


class Writing:
    """Writes lines; each is checked together with all before it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, sha256()

    def put(self, line: dict[str, Any]) -> None:
        """Adds a line."""
        body = orjson.dumps(line)[:-1]
        self._sum.update(body)
        check = self._sum.copy().hexdigest()[:_HEX].encode()
        self._file.write(body + _CHECK + check + _END)


def checked(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines with their numbers; Damaged where one is not as it was written."""
    total = sha256()
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        body = line[:-_TAIL]
        total.update(body)
        if line[-_TAIL:] != _CHECK + total.copy().hexdigest()[:_HEX].encode() + _END:
            cut = "ends within" if not line.endswith(_END) else "is not as it was written in"
            raise Damaged(f"line {number}: the file {cut} this line")
        try:
            yield number, orjson.loads(body + b"}")
        except orjson.JSONDecodeError as error:
            raise Damaged(f"line {number}: no JSON: {error}") from None
