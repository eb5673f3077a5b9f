"""The same key once, the version that the caller saw, the version that it is now."""

import httpx
import pytest
from sqlalchemy import Engine

from tests.ingest.commands.asking import SOURCE, approval, ask, did, direction, done, event_of, refused, written


def test_the_same_key_again_is_the_same_answer_and_writes_nothing(client: httpx.Client, engine: Engine) -> None:
    body = direction(did("redesignated", "appendix/AZ"))
    first = ask(client, "directions", body, Idempotency_Key="k1")
    assert done(first)["warnings"]
    before = written(engine)
    again = ask(client, "directions", body, Idempotency_Key="k1", If_None_Match="*")
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert written(engine) == before


def test_a_key_serves_one_request(client: httpx.Client, engine: Engine) -> None:
    done(ask(client, "directions", direction(), Idempotency_Key="k1"))
    before = written(engine)
    for command, body in (("directions", direction(version="5.18")), ("approvals", approval(version="5.18"))):
        refused(ask(client, command, body, Idempotency_Key="k1"), 409, "conflict", "k1")
    headers = {"Idempotency-Key": "k1", "Content-Type": "text/plain"}
    assert client.post("/v1/ingestions", content=b"Version\n", headers=headers).status_code in (409, 422)
    assert written(engine) == before


def test_a_key_of_a_document_serves_no_command(client: httpx.Client) -> None:
    from tests.ingest.recording.table import TABLE

    headers = {"Idempotency-Key": "d", "Content-Type": "text/plain"}
    assert client.post("/v1/ingestions", content=TABLE + b"\n", headers=headers).status_code == 201
    refused(ask(client, "directions", direction(), Idempotency_Key="d"), 409, "conflict")


def test_a_refused_command_leaves_its_key_free(client: httpx.Client) -> None:
    refused(ask(client, "directions", direction(version="5.16"), Idempotency_Key="k"), 409, "conflict")
    done(ask(client, "directions", direction(), Idempotency_Key="k"))


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_no_log_holds_is_refused(client: httpx.Client, engine: Engine, key: str) -> None:
    before = written(engine)
    refused(ask(client, "directions", direction(), Idempotency_Key=key), 400, "bad-parameter", "Idempotency-Key")
    assert written(engine) == before


def test_a_new_instrument_can_be_asked_to_be_new(client: httpx.Client, engine: Engine) -> None:
    done(ask(client, "directions", direction(instrument="letter"), If_None_Match="*"))
    done(ask(client, "directions", direction(version="5.18", instrument="letter-2"), If_Match='"0"'))
    before = written(engine)
    refused(
        ask(client, "directions", direction(version="5.19"), If_Match='"4"'),
        412,
        "precondition-failed",
        "found version 0",
    )
    refused(
        ask(client, "directions", direction(version="5.19"), If_Match="*"), 412, "precondition-failed", "found none"
    )
    assert written(engine) == before


def test_a_stale_version_is_refused_with_the_one_found(client: httpx.Client, engine: Engine) -> None:
    first = ask(client, "directions", direction(did("amended", "section/K"), effective="2097-01-01"))
    moved = {"instrument": "5.17-1", "effective": "2097-02-01", "source": SOURCE}
    second = ask(client, "reschedulings", moved, If_Match=first.headers["etag"])
    done(second)
    assert second.headers["etag"] == '"2"'
    before = written(engine)
    again = moved | {"effective": "2097-03-01"}
    refused(ask(client, "reschedulings", again, If_Match=first.headers["etag"]), 412, "precondition-failed",
            "expected version 1", "found version 2")  # fmt: skip
    refused(
        ask(client, "cancellations", {"version": "5.17", "source": SOURCE}, If_Match='"1"'), 412, "precondition-failed"
    )
    change = event_of(done(first), "SectionAmended")
    fix = {"event": change, "fact": {"ref": "L"}, "reason": "r", "source": SOURCE}
    refused(ask(client, "corrections", fix, If_Match='"1"'), 412, "precondition-failed", "sec/instrument/5.17-1")
    assert written(engine) == before
    assert ask(client, "corrections", fix, If_Match='"2"').headers["etag"] == '"3"'
    third = ask(client, "cancellations", {"version": "5.17", "source": SOURCE}, If_Match="*")
    assert (third.status_code, third.headers["etag"]) == (201, '"4"')


@pytest.mark.parametrize("value", ["1", 'W/"1"', '"1", "2"', '"x"', '""', '"-1"', '"' + "9" * 30 + '"'])
def test_what_names_no_one_version_fails(client: httpx.Client, engine: Engine, value: str) -> None:
    before = written(engine)
    answer = ask(client, "directions", direction(), If_Match=value)
    refused(answer, 412, "precondition-failed", "If-Match")
    assert written(engine) == before


def test_a_dry_run_tells_the_version_there_is(client: httpx.Client) -> None:
    done(ask(client, "directions", direction()))
    moved = {"instrument": "5.17-1", "effective": "2097-02-01", "source": SOURCE}
    assert ask(client, "reschedulings", moved, dry_run=True).headers["etag"] == '"1"'
    refused(ask(client, "reschedulings", moved, dry_run=True, If_Match='"7"'), 412, "precondition-failed")


def test_two_that_correct_the_same_change_on_the_version_that_they_saw_are_one_and_a_refusal(
    client: httpx.Client, engine: Engine
) -> None:
    body = direction(did("amended", "section/H"), did("amended", "section/K"))
    made = ask(client, "directions", body)
    told, seen = done(made), made.headers["etag"]
    one, other = (event_of(told, "SectionAmended", number) for number in range(2))
    say = {"reason": "misread", "source": SOURCE}
    steps = [
        ("corrections", say | {"event": one, "fact": {"ref": "H3"}}),
        ("reschedulings", {"change": one, "effective": "2018-07-05", "source": SOURCE}),
        ("cancellations", {"change": one, "source": SOURCE}),
        ("corrections", say | {"event": one, "fact": None}),
        ("corrections", say | {"event": event_of(told, "VersionImplemented"), "fact": {"effective": "2018-07-02"}}),
    ]
    assert seen == '"1"'
    for number, (command, asked) in enumerate(steps):
        first = ask(client, command, asked, If_Match=seen)
        assert (done(first)["instrument"], first.headers["etag"]) == ("5.17-1", f'"{number + 2}"')
        rows = written(engine)
        again = say | {"event": other, "fact": {"ref": "K1"}}
        refused(ask(client, "corrections", again, If_Match=seen), 412, "precondition-failed", f"version {number + 2}")
        assert written(engine) == rows
        seen = first.headers["etag"]
    moved = ask(client, "reschedulings", {"instrument": "5.17-1", "effective": None, "source": SOURCE}, If_Match=seen)
    tried = ask(client, "cancellations", {"instrument": "5.17-1", "source": SOURCE}, dry_run=True)
    assert done(moved)
    assert moved.headers["etag"] == tried.headers["etag"]
