"""Where a request comes from: the address that limits are counted by."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# An IPv6 customer has at least this much of the address to themselves, and could change the rest at will.
IPV6_NETWORK = 64


def address_of(request: HttpRequest) -> str:
    """The caller's address; of IPv6 its network.

    Of proxies, the last settings.PROXIES entries of X-Forwarded-For are believed, for those proxies wrote them; with
    none, the header is the caller's own and counts for nothing.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES and forwarded:
        hops = forwarded.split(",")
        seen = hops[-min(settings.PROXIES, len(hops))]
    return network(seen.strip())


def network(address: str) -> str:
    """The part of an address that stands for one customer; as it came when it is none, as of a Unix socket.

    >>> network("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::'
    >>> network("::ffff:192.0.2.1")
    '192.0.2.1'
    """
    try:
        known = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, IPV6_NETWORK), strict=False).network_address)
