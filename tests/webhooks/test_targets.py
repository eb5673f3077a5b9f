"""Where webhooks may go: every odd address refused when asked for and at each connection, the checked address connected to."""

import asyncio
import datetime
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.projection.publish.webhooks.sending import Answer, Sender
from services.projection.publish.webhooks.targets import BadTarget, accepted, read
from tests.webhooks.receiver import receiving

ADDRESSES = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "100.100.100.200", "192.0.0.8",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.1.2.3",
    "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1",
    "ff02::1", "ff0e::1", "2001:db8::1", "2001:20::1", "3fff::1", "5f00::1", "100::1", "::127.0.0.1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a00:1::1",
    "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:0:a00:1:0:0:f7f7:f7f7", "::ffff:0:127.0.0.1",
]  # fmt: skip
"""Not public, each in its plain form."""

ODD = [
    "https://2130706433/", "https://0x7f000001/", "https://017700000001/", "https://0177.0.0.1/", "https://0x7f.0.0.1/",
    "https://127.1/", "https://127.0.1/", "https://127.0.0.1./", "https://127.0.0.01/", "https://8.8.8.8./",
    "https://134744072/", "https://8.8.2056/", "https://1.2.3.4.5/", "https://0x08080808/", "https://256.1.1.1/",
    "https://\uff11\uff12\uff17.0.0.1/", "https://127\u30020\u30020\u30021/", "https://\u2460\u2461\u2466.0.0.1/",
    "https://%31%32%37.0.0.1/", "https://example.com%00.evil.test/", "https://receiver.test./", "https://.receiver.test/",
    "https://receiver..test/", "https://-receiver.test/", "https://[::1", "https://::1/", "https://[::1]x/",
    "https://[fe80::1%25eth0]/", "https://[v1.x]/", "https://[127.0.0.1]:x/", "https://user@receiver.test/",
    "https://user:pass@receiver.test/", "https://receiver.test@127.0.0.1/", "https://receiver.test\\@127.0.0.1/",
    "https://receiver.test#@127.0.0.1/", "https:///hook", "https://", "https:receiver.test", "//receiver.test/",
    "receiver.test", "", " https://receiver.test/", "https://receiver.test/ hook", "https://receiver.test/\r\nHost: x",
    "https://receiver.test\t/", "https://receiver.test/\x00", "https://receiver.test:0/", "https://receiver.test:65536/",
    "https://receiver.test:/", "https://receiver.test:443a/", "https://receiver.test:-1/", "https://receiver.test/#top",
    "http://receiver.test/", "ftp://receiver.test/", "file:///etc/passwd", "gopher://receiver.test/", "javascript:alert(1)",
    "https://" + "a" * 64 + ".test/", "https://receiver.test/" + "a" * 2_100, "https://receiver.test/\u00e9",
]  # fmt: skip
"""Written otherwise than a URL of a public receiver is."""

PLAIN = {
    "https://receiver.test": ("receiver.test", 443),
    "https://Receiver.TEST:8443/hook?a=b%20c&d=/": ("receiver.test", 8443),
    "https://8.8.8.8/": ("8.8.8.8", 443),
    "https://[2606:4700::1111]:8443/": ("2606:4700::1111", 8443),
    "https://b\u00fccher.test/": ("xn--bcher-kva.test", 443),
    "https://under_score.xn--bcher-kva.test/": ("under_score.xn--bcher-kva.test", 443),
}


def public(_: str, __: int) -> Sequence[str]:
    return ["8.8.8.8", "2606:4700::1111"]


@pytest.mark.parametrize("url", ODD)
def test_a_url_written_oddly_is_refused_wherever_it_would_lead(url: str) -> None:
    with pytest.raises(BadTarget, match=r"^url: "):
        accepted(url, public, allow_private=False)
    assert sent(url, public).error


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_public_is_refused_when_asked_for_and_when_connected_to(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    for url, found in ((f"https://{literal}/", [address]), ("https://receiver.test/", ["8.8.8.8", address])):
        with pytest.raises(BadTarget, match=r"^url: .* not public"):
            accepted(url, lambda *_, found=found: found, allow_private=False)
        answer = sent(url, lambda *_, found=found: found)
        assert answer.status is None
        assert "not public" in str(answer.error)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "169.254.169.254", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0", "100.64.0.1"]
)
def test_where_this_machine_is_allowed_nothing_else_that_is_private_is(address: str) -> None:
    with pytest.raises(BadTarget):
        accepted("https://receiver.test/", lambda *_: [address], allow_private=True)
    with pytest.raises(BadTarget):
        accepted("http://receiver.test/", lambda *_: ["8.8.8.8"], allow_private=True)
    assert accepted("http://localhost:8080/", lambda *_: ["127.0.0.1", "::1"], allow_private=True)


@pytest.mark.parametrize("url", PLAIN)
def test_a_url_written_plainly_leads_to_its_host_and_port(url: str) -> None:
    target = read(url, allow_private=False)
    assert (target.host, target.port) == PLAIN[url]
    assert accepted(url, public, allow_private=False) == target.url
    assert target.url.isascii()


def test_a_name_without_an_address_is_refused() -> None:
    def nothing(_: str, __: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(BadTarget, match="has no address"):
        accepted("https://receiver.test/", nothing, allow_private=False)


def test_a_name_that_turns_private_after_it_was_asked_for_is_refused_at_the_connection() -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["10.0.0.1"]])
    with receiving() as receiver:
        url = f"https://receiver.test:{receiver.port}/"
        accepted(url, lambda *_: next(answers), allow_private=False)
        for _ in range(2):
            assert "not public" in str(sent(url, lambda *_: next(answers)).error)
    assert receiver.got == []


def test_the_address_that_was_checked_is_the_one_connected_to_under_the_name_it_was_asked_by(tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def once(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    with _authority(tmp_path, "receiver.test") as (theirs, ours), receiving(tls=theirs) as receiver:
        url = f"https://receiver.test:{receiver.port}/hook?a=b"
        assert sent(url, once, tls=ours, allow_private=True).delivered
        assert "CERTIFICATE_VERIFY_FAILED" in str(sent(url, once, allow_private=True).error)
        other = sent(url.replace("receiver", "other"), once, tls=ours, allow_private=True)
        assert "CERTIFICATE_VERIFY_FAILED" in str(other.error)
    assert asked[0] == ("receiver.test", receiver.port)
    assert len(asked) == 3, "no name is resolved a second time for one connection"
    assert [(each.path, each.headers["host"]) for each in receiver.got] == [
        ("/hook?a=b", f"receiver.test:{receiver.port}")
    ]


def test_the_next_of_several_addresses_is_tried_where_nobody_answers_at_the_first() -> None:
    with receiving() as receiver:
        url = f"http://receiver.test:{receiver.port}/"
        assert sent(url, lambda *_: ["::1", "127.0.0.1"], allow_private=True).delivered


def sent(url: str, resolve: Any, *, allow_private: bool = False, tls: ssl.SSLContext | None = None) -> Answer:
    async def send() -> Answer:
        sender = Sender(allow_private=allow_private, resolve=resolve, tls=tls)
        try:
            return await sender.post(url, [], b"{}")
        finally:
            await sender.close()

    return asyncio.run(send())


@contextmanager
def _authority(directory: Path, name: str) -> Iterator[tuple[ssl.SSLContext, ssl.SSLContext]]:
    """A receiver's certificate for a name, and a client's trust in it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate = built.sign(key, hashes.SHA256())
    file = directory / "receiver.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(file)
    yield theirs, ssl.create_default_context(cafile=file)


def test_the_table_holds_addresses_that_are_what_they_say() -> None:
    assert len({ip_address(each) for each in ADDRESSES}) == len(ADDRESSES) >= 40
