"""Where a request comes from, as its headers tell: a browser's page of another origin, a proxy, this machine. Pure."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from services.settings import is_loopback

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_PORTS = {"http": 80, "https": 443}


def foreign(headers: Headers, own_url: str) -> bool:
    """Whether a browser made the request for a page of another origin than the service's."""
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    return any(_foreign(origin, headers.get("host", ""), own_url) for origin in headers.getlist("origin"))


def forwarded(headers: Headers) -> bool:
    """Whether a proxy passed the request on, so that the connection's address is not who made it."""
    return any(name in headers for name in _FORWARDED)


def named_as_loopback(headers: Headers) -> bool:
    """Whether the request's Host is this machine: a name that somebody else's DNS points here is not."""
    hosts = headers.getlist("host")
    return len(hosts) == 1 and is_loopback(_place(f"http://{hosts[0]}")[0])


def _foreign(origin: str, host: str, own_url: str) -> bool:
    # The scheme is left out against Host: a proxy that ends TLS speaks plain HTTP to us.
    scheme = origin.partition("://")[0]
    if scheme not in _PORTS:
        return True
    place = _place(origin)
    return not place[0] or place not in {_place(f"{scheme}://{host}"), _place(own_url)}


def _place(url: str) -> tuple[str, int]:
    """Host and port of a URL; an empty host where it is none."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0
