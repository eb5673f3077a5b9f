"""Which addresses a webhook may go to: public ones, whatever tunnel they are wrapped in. Pure."""

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")

_REFUSED = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # protocol assignments; a cloud keeps its metadata in it
            "192.88.99.0/24",  # relays into 6to4
            "168.63.129.16/32",  # a cloud's own host, though the address is a public one
            "2001::/23",  # protocol assignments; Teredo, which lies in it, is looked into before
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may be meant: an address that carries others is as public as all of them."""
    carried = _carried(address)
    if carried:
        return all(map(is_public, carried))
    if address.version == 6 and address not in _UNICAST:
        return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_private
    return address.is_global and not special and not any(address in network for network in _REFUSED)


def is_loopback(address: Address) -> bool:
    """Whether it is this machine, mapped into IPv6 or not."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that a mapped, 6to4, Teredo or NAT64 address leads to."""
    if isinstance(address, IPv4Address):
        return ()
    if address in _NAT64:
        return (IPv4Address(address.packed[-4:]),)
    one = address.ipv4_mapped or address.sixtofour
    return (one,) if one else address.teredo or ()
