"""A bundle holds by itself, on another machine; whatever is changed in it is refused with where."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.projection import queries
from services.projection.proof import keys
from services.projection.proof.proofs import NotYetProved
from services.projection.runner import catch_up
from tests.audit.bundles import Files, alone, files_of, listed, made, verdict
from tests.audit.ledgers import recorded, verifiers
from tests.ingest.recording.table import TABLE, take
from tests.projection.ledger import Ledger
from tests.proof.logs import ORIGIN, signing

DAYS = ("2014-06-01", "2016-11-08", "2018-05-31", "2031-01-01")


def test_the_verifier_gives_our_answer_on_every_provision_of_the_shipped_table_at_several_days(
    engine: sa.Engine, tmp_path: Path
) -> None:
    key = verifiers(recorded(engine, tmp_path))[0].text()
    number = 0
    for day in DAYS:
        with engine.connect() as connection:
            items = queries.provisions(connection, Ledger(engine).point(connection, day))
        for item in items[:: 1 if day == DAYS[2] else 3]:
            files = files_of(made(engine, f"{item['kind']}/{item['ref']}", day))
            answer = json.loads(files["answer.json"])
            assert (answer["state"], answer["version"]) == (item["state"], item["version"])
            assert verdict(files, key)[-1].startswith("when an event was recorded"), (item, verdict(files, key)[-1])
            number += 1
    assert number > 150


def test_a_bundle_is_checked_by_the_one_file_in_it_and_by_nothing_of_ours(engine: sa.Engine, tmp_path: Path) -> None:
    key = verifiers(recorded(engine, tmp_path))[0].text()
    content = made(engine, "section/H15", "2018-05-31", 238)
    assert b"services" not in files_of(content)["verify.py"]
    bundle, unpacked = tmp_path / "bundle.zip", tmp_path / "unpacked"
    bundle.write_bytes(content)
    for name, each in files_of(content).items():
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_bytes(each)
    verify = [sys.executable, "-I", str(unpacked / "verify.py")]
    for arguments in ([], [str(bundle)], [str(unpacked), "--key", key]):
        done = subprocess.run([*verify, *arguments], capture_output=True, text=True, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "section/H15 on 2018-05-31, known at position 238: active, 5.16\n" in done.stdout
        assert done.stdout.endswith("HOLDS\n")
    done = subprocess.run([*verify, "--key", keys.new_signer(ORIGIN).verifier.text()], capture_output=True, text=True)
    assert done.returncode == 1
    assert "REFUSED: checkpoint: not signed by " in done.stdout


def test_the_same_answer_is_the_same_bundle(engine: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    assert made(engine, "appendix/AC", "2018-01-01", 238) == made(engine, "appendix/AC", "2018-01-01", 238)


def test_one_changed_character_anywhere_is_refused_with_its_file(engine: sa.Engine, tmp_path: Path) -> None:
    key = verifiers(recorded(engine, tmp_path))[0].text()
    files = files_of(made(engine, "section/H15", "2018-05-31"))
    for name, content in files.items():
        for place in (0, len(content) // 3, len(content) - 2):
            changed = bytearray(content)
            changed[place] ^= 1
            told = verdict({**files, name: bytes(changed)}, key)[-1]
            assert told.startswith(f"REFUSED: {name}: ") or name == "manifest.json", told
            assert told.startswith("REFUSED: ")
        told = verdict({each: held for each, held in files.items() if each != name}, key)[-1]
        assert told == f"REFUSED: {name}: missing"
    assert verdict({**files, "more": b""}, key)[-1] == "REFUSED: more: does not belong to the bundle"


def test_a_byte_flipped_in_the_zip_file_itself_changes_nothing_or_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    content, path = made(engine, "section/H15", "2018-05-31"), tmp_path / "bundle.zip"
    before = files_of(content)
    for place in range(0, len(content), 97):
        changed = bytearray(content)
        changed[place] ^= 4
        path.write_bytes(bytes(changed))
        if alone().main([str(path)]) == 0:
            assert alone().files_in(path) == before


Forge = Callable[[Files], Files]


def _in_json(name: str, change: Callable[[object], object]) -> Forge:
    def forge(files: Files) -> Files:
        told = json.loads(files[name])
        change(told)
        return {**files, name: json.dumps(told).encode()}

    return forge


def _of_answer(**fields: object) -> Forge:
    return _in_json("answer.json", lambda told: told.update(fields))  # type: ignore[attr-defined]


def _of_first_change(**fields: object) -> Forge:
    return _in_json("answer.json", lambda told: told["because"][0].update(fields))  # type: ignore[index]


def _of_entry(old: str, new: str) -> Forge:
    return lambda files: {**files, "events.json": files["events.json"].replace(old.encode(), new.encode())}


FORGED: dict[str, tuple[Forge, str]] = {
    "state": (_of_answer(state="inactive"), "answer.json, state: given is 'inactive', the events give 'active'"),
    "version": (_of_answer(version="5.15"), "answer.json, version: given is '5.15'"),
    "because": (_of_answer(because=[]), "answer.json, because: names other changes"),
    "exclusions": (_of_first_change(exclusions=["H15.1"]), "answer.json, because, position 22, exclusions: given is"),
    "basis": (_of_first_change(legal_basis=[]), "answer.json, because, position 22, legal_basis: given is []"),
    "interval": (_of_answer(valid={"from": "2018-05-30", "to": None}), "answer.json, valid: "),
    "entry": (_of_entry("SectionActivated", "SectionDesignated"), "the entry is not in the signed log there"),
    "dropped": (_in_json("events.json", lambda told: told.pop(3)), "answer.json, "),  # type: ignore[attr-defined]
    "question": (_in_json("question.json", lambda told: told.update(as_of="2014-01-01")), "answer.json, "),  # type: ignore[attr-defined]
    "path": (_in_json("events.json", lambda told: told[0]["path"].reverse()), "position 1: the entry is not in"),  # type: ignore[index]
    "checkpoint": (
        lambda f: {**f, "checkpoint": f["checkpoint"].replace(b"\n238\n", b"\n239\n")},
        "checkpoint: the sig",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_a_forger_changes_is_refused_though_the_manifest_was_brought_into_line(
    engine: sa.Engine, tmp_path: Path, name: str
) -> None:
    key = verifiers(recorded(engine, tmp_path))[0].text()
    forge, why = FORGED[name]
    told = verdict(listed(forge(files_of(made(engine, "section/H15", "2018-05-31")))), key)[-1]
    assert told.startswith("REFUSED: ")
    assert why in told


def test_a_forged_document_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    key = verifiers(recorded(engine, tmp_path))[0].text()
    files = files_of(made(engine, "section/H15", "2018-05-31"))
    [name] = [each for each in files if each.startswith("sources/")]
    told = verdict(listed({**files, name: files[name].replace(b"Smart", b"Small")[:-1]}), key)[-1]
    assert told == f"REFUSED: {name}: the bytes are not those of the document of this SHA-256"


def test_a_checkpoint_that_the_asker_holds_is_proved_to_be_of_the_same_log(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    held = keys.last_file(key_file).read_bytes()
    take(engine, TABLE.replace(b"Production Proving", b"Production Proofs!"))
    catch_up(engine)
    signing(engine, key_file)
    key = verifiers(key_file)[0].text()
    files = files_of(made(engine, "section/P", "2018-05-31", held=held))
    told = verdict(files, key)
    assert any(line.startswith("held: the checkpoint of 238 entries and that of ") for line in told), told
    path = json.loads(files["consistency.json"])
    forged = listed({**files, "consistency.json": json.dumps(path[::-1]).encode()})
    assert "REFUSED: consistency.json: the log of" in verdict(forged, key)[-1]


def test_what_no_checkpoint_covers_yet_is_not_bundled(engine: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    take(engine, TABLE.replace(b"Production Proving", b"Production Proofs!"))
    catch_up(engine)
    with pytest.raises(NotYetProved, match="the latest checkpoint covers 238 entries"):
        made(engine, "section/P", "2018-05-31")


def test_signatures_are_checked_as_the_library_checks_them() -> None:
    signed = alone().signed
    for number in range(8):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, message = private.public_key().public_bytes_raw(), b"words" * number
        signature = private.sign(message)
        assert signed(public, signature, message)
        for place in (0, 31, 32, 63):
            wrong = bytearray(signature)
            wrong[place] ^= 1
            assert not signed(public, bytes(wrong), message)
        assert not signed(public, signature, message + b"!")
        order = alone().ORDER + int.from_bytes(signature[32:], "little")
        assert not signed(public, signature[:32] + order.to_bytes(32, "little"), message)
    assert not signed(b"\xff" * 32, bytes(64), b"")
