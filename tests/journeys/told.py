"""The same story told in two ways: commands over REST, or on the command line; answers always as REST gives them."""

import json
import sys
from collections.abc import Callable
from typing import Any, Protocol

import httpx
import pytest

from services import cli
from tests.ingest.commands.asking import ask, done

Body = dict[str, Any]


class Way(Protocol):
    """Records a command and gives what REST answers."""

    def __call__(self, command: str, body: Body) -> Any:
        """What the command did."""


def over_rest(client: httpx.Client) -> Way:
    return lambda command, body: done(ask(client, command, body))


def on_the_command_line(url: str, capfd: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Way:
    patch.setenv("INFORCE_DATABASE_URL", url)

    def tell(command: str, body: Body) -> Any:
        capfd.readouterr()
        kind, _, rest = command.partition("/")
        words = _resolution(rest.partition("/")[0], body) if kind == "conflicts" else WORDS[command](body)
        patch.setattr(sys, "argv", ["inforce", *words, "--format", "json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        assert (ended.value.code or 0, said.err) == (0, "")
        return json.loads(said.out)

    return tell


def _options(body: Body) -> list[str]:
    names = {"base_version": "--base"}
    words = [f"--source-name={body['source']['name']}", f"--quote={body['source']['quote']}"]
    for name in (
        "reason",
        "version",
        "instrument",
        "change",
        "announced_on",
        "decided_on",
        "base_version",
        "authority",
        "by",
        "title",
    ):
        if body.get(name):
            words.append(f"{names.get(name, '--' + name.replace('_', '-'))}={body[name]}")
    return words


def _instrument(command: str) -> Callable[[Body], list[str]]:
    def words(body: Body) -> list[str]:
        told = [f"--basis={each}" for each in body.get("legal_basis", ())]
        told += [f"--proposal={each}" for each in body.get("proposals", ())]
        told += [f"--change={each['action']} {each['kind']}/{each['ref']}" for each in body["changes"]]
        told += ["--joins-version"] if body.get("joins_version") else []
        return [command, *told, f"--effective={body['effective'] or 'none'}", *_options(body)]

    return words


def _correction(body: Body) -> list[str]:
    if body["fact"] is None:
        return ["retract", body["event"], *_options(body)]
    fields = [f"--set={name}={'none' if value is None else value}" for name, value in body["fact"].items()]
    return ["correct", body["event"], *fields, *_options(body)]


def _resolution(name: str, body: Body) -> list[str]:
    return ["resolve", name, f"--use={body['used']}", *_options(body)]


WORDS: dict[str, Callable[[Body], list[str]]] = {
    "directions": _instrument("direct"),
    "approvals": _instrument("approve"),
    "corrections": _correction,
    "reschedulings": lambda body: ["reschedule", f"--to={body['effective'] or 'none'}", *_options(body)],
    "cancellations": lambda body: ["cancel", *_options(body)],
    "proposals": lambda body: [
        "progress",
        body["proposal"],
        body["step"],
        f"--on={body['effective']}",
        *_options(body),
    ],
}
