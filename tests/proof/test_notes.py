"""Signed notes against the vector in the comment of x/mod's package `note`, and against all that it refuses."""

import base64

import pytest

from events import notes
from events.merkle import EMPTY_ROOT
from events.notes import BadKey, BadNote, Checkpoint

SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
KNOWN = [notes.verifier(VERIFIER)]
OTHER = notes.signer_of("other", bytes(32))


def message(text: str = TEXT, *lines: str) -> bytes:
    return (text + "\n" + "".join(lines or (LINE,))).encode()


def test_the_key_pair_of_the_package_comment_signs_its_text_as_it_does() -> None:
    signer = notes.signer(SIGNER)
    assert signer.text() == SIGNER
    assert signer.verifier.text() == VERIFIER
    assert notes.sign(TEXT, [signer]) == message()
    assert notes.opened(message(), KNOWN) == notes.Note(TEXT, (signer.verifier,), 0)


def test_signatures_of_keys_not_known_are_ignored_but_one_known_is_needed() -> None:
    assert notes.opened(message(TEXT, ENOCH, LINE, ENOCH), KNOWN).unknown == 2
    with pytest.raises(BadNote, match="the note has no signature of PeterNeumann"):
        notes.opened(message(TEXT, ENOCH), KNOWN)
    with pytest.raises(BadNote, match="no signature of any key"):
        notes.opened(message(), [])


def test_a_second_signature_of_one_key_counts_once() -> None:
    assert len(notes.opened(message(TEXT, LINE, LINE), KNOWN).signed_by) == 1


def test_a_wrong_signature_of_a_known_key_refuses_the_note_whatever_else_is_right() -> None:
    both = [*KNOWN, OTHER.verifier]
    wrong = notes.sign("another text\n", [OTHER]).decode().split("\n\n")[1]
    for lines in ((LINE, wrong), (wrong, LINE)):
        with pytest.raises(BadNote, match="the signature of other"):
            notes.opened(message(TEXT, *lines), both)
    with pytest.raises(BadNote, match="not that key's"):
        notes.opened(message(TEXT.replace("know", "knew")), KNOWN)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        TEXT.encode(),
        message()[:-1],
        message().replace(b"\n\n", b"\n"),
        message() + b"\n",
        message(TEXT + "\x07\n"),
        message(TEXT + "\r\n"),
        message().replace(b"know", b"kn\xffw"),
        message(TEXT, LINE.replace("—", "-")),
        message(TEXT, LINE.replace("— ", "—")),
        message(TEXT, LINE.replace("PeterNeumann ", "PeterNeumann\u00a0")),
        message(TEXT, LINE.replace("PeterNeumann", "Peter+Neumann")),
        message(TEXT, LINE.replace("PeterNeumann ", " ")),
        message(TEXT, LINE.replace("AM=", "AM")),
        message(TEXT, LINE.replace("AM=", "AM==")),
        message(TEXT, LINE.replace("x08", "x0 8")),
        message(TEXT, "— PeterNeumann x08gow==\n"),
        message(TEXT, "— PeterNeumann \n"),
        message(TEXT, "— PeterNeumann\n"),
        message(TEXT, LINE, "words\n"),
        message(TEXT, *[ENOCH] * 100, LINE),
    ],
)
def test_what_x_mod_refuses_is_refused(broken: bytes) -> None:
    with pytest.raises(BadNote):
        notes.opened(broken, KNOWN)


def test_a_hundred_signatures_are_read() -> None:
    assert notes.opened(message(TEXT, *[ENOCH] * 99, LINE), KNOWN).unknown == 99


def test_two_keys_of_one_name_and_id_are_one_too_many() -> None:
    double = KNOWN[0]._replace(public=OTHER.verifier.public)
    with pytest.raises(BadNote, match="one name and one key id"):
        notes.opened(message(), [*KNOWN, double])


@pytest.mark.parametrize(
    "text",
    [
        "",
        VERIFIER[1:],
        VERIFIER.replace("c74f20a3", "c74f20a4"),
        VERIFIER.replace("c74f20a3", "c74f20a"),
        VERIFIER.replace("PeterNeumann", ""),
        VERIFIER.replace("PeterNeumann", "Peter Neumann"),
        VERIFIER.replace("+ARpc", "+ApRc"),
        VERIFIER[:-1],
        VERIFIER + "\n",
        "PeterNeumann+c74f20a3+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    ],
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey):
        notes.verifier(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        VERIFIER,
        SIGNER[1:],
        SIGNER[:-1],
        SIGNER + "=",
        SIGNER.replace("c74f20a3", "c74f20a4"),
        SIGNER.replace("AYEK", "AYEL"),
        SIGNER.replace("+AY", "+BY"),
        "x" + SIGNER,
    ],
)
def test_a_damaged_signer_key_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(BadKey) as refusal:
        notes.signer(text)
    assert "EKFALVFGyNhPJEMzD1QIDr" not in str(refusal.value)


def test_a_signer_never_shows_its_seed() -> None:
    signer = notes.signer(SIGNER)
    assert "AYEKFALVFGyNhPJEMzD1QIDr" not in f"{signer} {signer!r}"
    assert str(signer.seed) not in f"{signer} {signer!r}"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x07b", "a\ud800b"])
def test_a_name_with_a_space_or_a_plus_is_none(name: str) -> None:
    with pytest.raises(BadKey):
        notes.signer_of(name, bytes(32))


def test_a_text_that_does_not_end_in_a_newline_is_not_signed() -> None:
    for text in ("", "a", "a\tb\n"):
        with pytest.raises(BadNote):
            notes.sign(text, [OTHER])


def test_a_checkpoint_is_three_lines_and_is_read_back() -> None:
    empty = Checkpoint("example.com/log", 0, EMPTY_ROOT)
    assert empty.text() == "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert notes.checkpoint(empty.text()) == empty


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n1\n{ROOT}",
        f"o\n1\n{ROOT}\nmore\n",
        f"o\n1\n{ROOT[4:]}\n",
        "o\n1\n\n",
        f"o\n1\n {ROOT}\n",
        f"o\n١\n{ROOT}\n",
    ],
)
def test_no_other_text_is_a_checkpoint(text: str) -> None:
    with pytest.raises(BadNote, match="no checkpoint"):
        notes.checkpoint(text)


def test_a_checkpoint_counts_only_under_the_name_of_its_own_log() -> None:
    text = Checkpoint("example.com/log", 0, EMPTY_ROOT).text()
    own = notes.signer_of("example.com/log", bytes(32))
    assert notes.checkpoint_in(notes.sign(text, [own]), [own.verifier]).size == 0
    with pytest.raises(BadNote, match=r"the checkpoint is of 'example[.]com/log', signed by 'other'"):
        notes.checkpoint_in(notes.sign(text, [OTHER]), [OTHER.verifier])
