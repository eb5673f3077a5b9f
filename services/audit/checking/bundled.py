"""The check of an audit bundle: python3 verify.py [BUNDLE] [--key KEY]; BUNDLE is the file or the directory it was unpacked to.

KEY is the log's verifier key as you got it from somebody you trust. Exit code 0: all of it holds; 1: refused, with where.
"""

import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from services.audit.checking.acts import Book, read
from services.audit.checking.proofs import Refused, checkpoint_of, consistent, included, leaf_of
from services.law.codes import shape
from services.law.fold import Act, Answer, Family, Touch

FORMAT = "inforce-audit/1"

Files = dict[str, bytes]


def files_in(path: Path) -> Files:
    """Every file of a bundle by its name."""
    if path.is_dir():
        found = (each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
        return {each.relative_to(path).as_posix(): each.read_bytes() for each in found}
    with zipfile.ZipFile(path) as bundle:
        return {each: bundle.read(each) for each in bundle.namelist()}


def check_files(files: Files) -> None:
    """Every file is there, no other, each as it was put in."""
    manifest = parsed(files, "manifest.json")
    if manifest.get("format") != FORMAT:
        raise Refused(f"manifest.json: expected the format {FORMAT}, found {manifest.get('format')!r}")
    listed = manifest["files"]
    for name in sorted({*listed, *files} - {"manifest.json"}):
        if name not in files or name not in listed:
            raise Refused(f"{name}: {'missing' if name in listed else 'does not belong to the bundle'}")
        if hashlib.sha256(files[name]).hexdigest() != listed[name]:
            raise Refused(f"{name}: changed since the bundle was made")


def check(files: Files, keys: list[str], tell: Callable[[str], object]) -> None:
    """Checks all of it, tells what holds; Refused with where it does not."""
    check_files(files)
    question, answer = parsed(files, "question.json"), parsed(files, "answer.json")
    size, root = checkpoint_of(files["checkpoint"], keys or files["key"].decode().splitlines(), "checkpoint")
    tell(f"checkpoint: {size} entries, signed by {(keys or files['key'].decode().splitlines())[0]}")
    if not keys:
        tell("  the key came with the bundle: compare it with the one that you got another way (--key)")
    check_held(files, keys, size, root, tell)
    events = check_events(parsed(files, "events.json"), question, size, root)
    tell(f"{len(events)} events: each is in the signed log, at its position")
    check_sources(files, events)
    tell(f"{len([each for each in files if each.startswith('sources/')])} documents: the words quoted stand in them")
    check_answer(question, answer, read(events))
    name = f"{question['kind']}/{question['ref']}"
    tell(
        f"{name} on {question['as_of']}, known at position {question['position']}: {answer['state']}, {answer['version']}"
    )
    tell("the answer follows from the events. That no other event bears on it, only the whole log can show;")
    tell("titles, other names, and the status of each change are told beside the answer, and not recomputed;")
    tell("when an event was recorded is what the ledger says, its bytes hold the writer's clock (written_at).")


def check_held(files: Files, keys: list[str], size: int, root: bytes, tell: Callable[[str], object]) -> None:
    """The checkpoint that the asker held before is extended by the bundle's."""
    if "held" not in files:
        return
    own = keys or files["key"].decode().splitlines()
    old_size, old_root = checkpoint_of(files["held"], own, "held")
    path = [base64.b64decode(each, validate=True) for each in parsed(files, "consistency.json")]
    if old_size <= size and not consistent(old_size, size, old_root, root, path):
        raise Refused(f"consistency.json: the log of {size} entries does not extend that of {old_size}")
    if old_size > size and not consistent(size, old_size, root, old_root, path):
        raise Refused(f"consistency.json: the log of {old_size} entries does not extend that of {size}")
    tell(f"held: the checkpoint of {old_size} entries and that of {size} are of one log")


def check_events(listed: list[Any], question: Any, size: int, root: bytes) -> list[tuple[int, str, Any]]:  # noqa: ANN401
    """The events: each proved to be in the log, of the code asked about, in the order of the positions."""
    found: list[tuple[int, str, Any]] = []
    for each in listed:
        position, entry = each["position"], each["entry"].encode()
        path = [base64.b64decode(one, validate=True) for one in each["path"]]
        if not included(position - 1, size, leaf_of(entry), path, root):
            raise Refused(f"events.json, position {position}: the entry is not in the signed log there")
        if position > question["position"] or (found and position <= found[-1][0]):
            raise Refused(f"events.json, position {position}: out of order, or not yet known then")
        held = json.loads(entry)
        found.append((position, held["id"], held["event"]))
    return found


def check_sources(files: Files, events: list[tuple[int, str, Any]]) -> None:
    """The documents: each is the one that the events quote, and says so where they say that it does."""
    for name, content in files.items():
        if name.startswith("sources/") and hashlib.sha256(content).hexdigest() != name.partition("/")[2]:
            raise Refused(f"{name}: the bytes are not those of the document of this SHA-256")
    for position, _, said in events:
        quoted = said.get("source")
        if not quoted:
            continue
        name = f"sources/{quoted['sha256']}"
        if name not in files:
            raise Refused(f"{name}: missing, position {position} quotes it")
        text = files[name].removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        words = " ".join(" ".join(text[start:end] for start, end in quoted["spans"]).split())
        quote = quoted["quote"]
        cut = len(quoted["spans"]) >= 100 or quote.endswith("…")
        if quote != words and not (cut and quote.rstrip("…")[: len(words)] == words[: len(quote.rstrip("…"))]):
            raise Refused(f"events.json, position {position}: the document does not say {quote[:60]!r} there")


def check_answer(question: Any, answer: Any, book: Book) -> None:  # noqa: ANN401 - JSON
    """The answer is recomputed from the acts, and is the one given."""
    kind, ref, day = question["kind"], question["ref"], date.fromisoformat(question["as_of"])
    acts = [act for own_kind, act in book.acts.values() if own_kind == kind]
    found = Family(shape(question["code"]), kind, acts).answer(ref, day)
    expected = told(found)
    for name, value in expected.items():
        if answer[name] != value:
            raise Refused(f"answer.json, {name}: given is {answer[name]!r}, the events give {value!r}")
    for name, touches in (("because", found.because), ("next", found.upcoming)):
        check_touches(name, answer[name], touches, book)
    meta, asked = answer["meta"], (question["code"], kind, ref, question["as_of"], question["position"])
    if (answer["code"], answer["kind"], answer["ref"], meta["as_of"], meta["position"]) != asked:
        raise Refused("answer.json: is to another question than question.json")


def told(found: Answer) -> dict[str, Any]:
    """An answer's own fields, as JSON has them."""
    specs = [{"spec": each.spec, "version": each.version, "since": text(each.since)} for each in found.spec_versions]
    return {
        "state": found.state,
        "version": found.version,
        "valid": {"from": text(found.valid_from), "to": text(found.valid_to)},
        "exclusions": list(found.exclusions),
        "spec_versions": specs,
    }


def check_touches(name: str, given: list[Any], touches: tuple[Touch, ...], book: Book) -> None:
    """The changes that an answer names are those that it follows from, each told as its event tells it."""
    if [(each["id"], each["via"]) for each in given] != [(each.act.id, each.via) for each in touches]:
        raise Refused(f"answer.json, {name}: names other changes than the events give")
    for each, touch in zip(given, touches, strict=True):
        for field_name, value in change_told(touch.act, book).items():
            if each[field_name] != value:
                where = f"answer.json, {name}, position {touch.act.position}, {field_name}"
                raise Refused(f"{where}: given is {each[field_name]!r}, the event says {value!r}")


def change_told(act: Act, book: Book) -> dict[str, Any]:
    """What an answer says of a change, from the events alone."""
    said = book.told[act.id]
    source = said.get("source") and {name: said["source"][name] for name in ("sha256", "spans", "quote")}
    found = {"position": act.position, "action": act.action, "version": act.version, "effective": text(act.effective)}
    found |= {
        name: said.get(name) for name in ("kind", "ref", "title", "spec", "spec_version", "instrument", "proposal")
    }
    found |= {"source": source, "exclusions": said.get("exclusions", [])}
    by = book.instruments.get(said.get("instrument") or "")
    return found | ({"authority": by["authority"], "legal_basis": by.get("legal_basis", [])} if by else {})


def text(day: date | None) -> str | None:
    """A day as JSON has it."""
    return day.isoformat() if day else None


def parsed(files: Files, name: str) -> Any:  # noqa: ANN401 - JSON
    """A file of JSON."""
    try:
        return json.loads(files[name])
    except KeyError:
        raise Refused(f"{name}: missing") from None
    except ValueError as why:
        raise Refused(f"{name}: no JSON: {why}") from None


def main(arguments: list[str]) -> int:
    """Checks the bundle that is named, else the one that this file came in; the exit code."""
    keys = [arguments[at + 1] for at, each in enumerate(arguments[:-1]) if each == "--key"]
    named = [each for at, each in enumerate(arguments) if each != "--key" and arguments[at - 1 : at] != ["--key"]]
    path = Path(named[0]) if named else Path(__file__).parent
    try:
        check(files_in(path), keys, lambda line: sys.stdout.write(line + "\n"))
    except Refused as why:
        sys.stdout.write(f"REFUSED: {why}\n")
        return 1
    except Exception as why:  # a damaged file fails in as many ways as there are bytes
        sys.stdout.write(f"REFUSED: {path} is no bundle, or a damaged one: {why!r}\n")
        return 1
    sys.stdout.write("HOLDS\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
