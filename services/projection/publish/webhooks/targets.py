"""Where a webhook may go: the URL read strictly, every address of its name checked."""

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import idna

from services.doors.parameters import BadParameter
from services.projection.publish.webhooks.addresses import Address, is_loopback, is_public

LONGEST = 2_048
PORTS = {"http": 80, "https": 443}

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name, as text; OSError where it has none."""

May = Callable[[Address], bool]
"""Whether an address may be connected to."""

_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::([0-9]{1,5}))?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class BadTarget(BadParameter):
    """The URL is none that a webhook may go to; the message says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"url: {why}")


class Target(NamedTuple):
    """A URL that is written as it may be; its host in ASCII, lower case, without brackets."""

    url: str
    scheme: str
    host: str
    port: int


def system(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def read(url: str, *, allow_private: bool) -> Target:
    """The parts of a URL that is written plainly; BadTarget for any other, whatever it would have meant."""
    if not 0 < len(url) <= LONGEST:
        raise BadTarget(f"has {len(url)} characters; expected 1 to {LONGEST}")
    if any(not each.isprintable() or each.isspace() or each in '\\"<>^`{|}' for each in url):
        raise BadTarget("has a character that no URL has; expected it percent-encoded")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadTarget("is no URL") from None
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not allow_private):
        raise BadTarget(f"has the scheme {parts.scheme[:20]!r}; expected https")
    if "#" in url or not (parts.path + parts.query).isascii():
        raise BadTarget("has a fragment, or a path that is not percent-encoded")
    host, port = _place(parts.netloc)
    written = f"[{host}]" if ":" in host else host
    if not url.isascii():
        url = parts._replace(netloc=written + (f":{port}" if port else "")).geturl()
    return Target(url, parts.scheme, host, port or PORTS[parts.scheme])


def checked(host: str, port: int, resolve: Resolve, may: May) -> list[str]:
    """The addresses of the host, each of them one that may be connected to; BadTarget where one may not."""
    try:
        found = [ip_address(each) for each in ([host] if _is_address(host) else resolve(host, port))]
    except (OSError, ValueError):
        found = []
    if not found:
        raise BadTarget(f"{host} has no address")
    if not all(map(may, found)):
        # Not named: what a private name means here is nobody's business outside.
        raise BadTarget(f"{host} is, or leads to, an address that is not public")
    return [str(each) for each in found]


def rule(scheme: str, *, allow_private: bool) -> May:
    """What the scheme may connect to: public addresses, this machine where private ones are allowed; plain http nothing else."""
    if scheme == "http":
        return lambda address: allow_private and is_loopback(address)
    return lambda address: is_public(address) or (allow_private and is_loopback(address))


def accepted(url: str, resolve: Resolve, *, allow_private: bool) -> str:
    """The URL as it is kept, read and checked now; it is checked again at each connection."""
    target = read(url, allow_private=allow_private)
    checked(target.host, target.port, resolve, rule(target.scheme, allow_private=allow_private))
    return target.url


def _place(netloc: str) -> tuple[str, int | None]:
    if "@" in netloc:
        raise BadTarget("names a user; expected a host alone")
    found = _PLACE.fullmatch(netloc)
    if not found:
        raise BadTarget("has no plain host and port")
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65_536:
        raise BadTarget(f"has the port {port}; expected 1 to 65535")
    return (_literal(found[1][1:-1]) if found[1].startswith("[") else _host(found[1])), port


def _host(text: str) -> str:
    try:
        name = text.lower() if text.isascii() else idna.encode(text.lower()).decode("ascii")
    except idna.IDNAError:
        raise BadTarget("has a host that no name in the DNS can have") from None
    if not _NAME.fullmatch(name):
        raise BadTarget("has a host that is not written as a name or an address")
    # What ends in a number is an address to every client: only its one plain form is taken.
    return _literal(text) if _NUMBER.fullmatch(name.rpartition(".")[2]) else name


def _literal(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise BadTarget(
            "has an address that is not written plainly; expected one like 192.0.2.1 or [2001:db8::1]"
        ) from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
