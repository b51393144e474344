"""What Remit asks of servers outside: JSON, posted to public https addresses that somebody typed.

Such an address may be meant to reach what stands beside this server and nobody else can. So the name is resolved here,
every address it has is judged, and the connection goes to the very address that was judged, while TLS still checks the
name. No redirect is followed, and of the answer nothing is read but its first line.
"""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from .refusals import Refused

PORT = 443
ADDRESS_LIMIT = 2_000  # characters
CONNECT_WITHIN, ALL_WITHIN = 3.0, 5.0  # seconds from the beginning: until TLS stands, and until the answer has begun
ANSWER_LIMIT = 64 * 1024  # bytes

NOT_PUBLIC = "There is no public server at that address."
TOO_SLOW = "The server took too long to answer."
UNANSWERED = "The server did not say that it has it. It may have arrived; look, then post again."

# What `is_global` of Python 3.11 takes for public, and what leads to an IPv4 address in other clothes.
_NEVER_V4 = [IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "224.0.0.0/4")]
_NEVER_V6 = [IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_UNICAST_V6 = IPv6Network("2000::/3")  # all others are inner, embed IPv4 (::/96, 64:ff9b::/96) or are not given out

_ADDRESS = re.compile(r"https://[^/?#]+[!-~]*", re.IGNORECASE)
_VISIBLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9_.-]{1,253}|[0-9a-f:.]{2,45}")
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r\n]")

Place = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


@dataclass
class Unreachable(Exception):
    """Nothing was posted, or nobody said that it arrived; `reason` is a sentence that quotes nothing of the answer.
    With `is_final`, another attempt would end in the same way."""

    reason: str
    is_final: bool = False

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    target: str


def check_address(url: str) -> str:
    """The host of an address that may be posted to, as far as can be told now. Raises Refused."""
    try:
        address = _read(url)
        _places(address.host, time.monotonic() + CONNECT_WITHIN)
    except Unreachable as error:
        raise Refused(f"{error.reason} Copy the address again from your chat tool.") from error
    return address.host


def post_json(url: str, payload: Mapping[str, object]) -> None:
    """Posts it, and returns once the server has said that it has it. Raises Unreachable."""
    address, body, start = _read(url), json.dumps(payload).encode(), time.monotonic()
    head = (
        f"POST {address.target} HTTP/1.1\r\n"
        f"Host: {f'[{address.host}]' if ':' in address.host else address.host}\r\n"
        "User-Agent: Remit\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    places = _places(address.host, start + CONNECT_WITHIN)
    try:
        with _connected(places, address.host, start + CONNECT_WITHIN) as line:
            _send(line, head.encode("ascii") + body, start + ALL_WITHIN)
            answer = _answered(line, start + ALL_WITHIN)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable("The certificate of the server does not fit its name, or is not valid.") from error
    except TimeoutError as error:
        raise Unreachable(TOO_SLOW) from error
    except OSError as error:
        raise Unreachable("The server cannot be reached.") from error
    _judge(answer)


def is_public(address: str) -> bool:
    """Whether an address is one that the whole internet can reach."""
    match ip_address(address):
        case IPv4Address() as v4:
            return v4.is_global and not any(v4 in net for net in _NEVER_V4)
        case IPv6Address() as v6:
            return v6.is_global and v6 in _UNICAST_V6 and not any(v6 in net for net in _NEVER_V6)


def _read(url: str) -> _Address:
    """What an address is made of. One that programs could read in different ways is none."""
    if len(url) > ADDRESS_LIMIT:
        raise Unreachable(f"An address has up to {ADDRESS_LIMIT:,} characters.", is_final=True)
    if not _ADDRESS.fullmatch(url) or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise Unreachable("That is no address that begins with https://.", is_final=True)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Unreachable("That is no address that begins with https://.", is_final=True) from error
    if "@" in parts.netloc or not _HOST.fullmatch(host) or ("[" in parts.netloc) != (":" in host):
        raise Unreachable("After https:// there has to be the name of a server.", is_final=True)
    if port not in (None, PORT):
        raise Unreachable(f"Only port {PORT}, that of https, is posted to.", is_final=True)
    return _Address(host, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _places(host: str, until: float) -> list[Place]:
    """Where a name leads. One place that is not public is enough to refuse them all: which of them is asked would be
    chance. What stands in an inner network, and what does not exist, is answered alike."""
    found = _resolved(host, until)
    if not found or not all(is_public(str(address[0])) for _, address in found):
        raise Unreachable(NOT_PUBLIC)
    return found


def _resolved(host: str, until: float) -> list[Place]:
    """In a thread of its own, because a name server may take minutes, and nothing stops it."""
    found: list[Place] = []

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        except (OSError, UnicodeError):
            return
        found.extend((answer[0], answer[4]) for answer in answers)

    thread = threading.Thread(target=resolve, name="resolving", daemon=True)
    thread.start()
    thread.join(_left(until))
    if thread.is_alive():
        raise Unreachable(NOT_PUBLIC)
    return found


def _connected(places: list[Place], host: str, until: float) -> ssl.SSLSocket:
    """A line to the host, whose certificate has to be its own: to one place of each family, because the network here
    may know only one of them. The first gets half of the time."""
    context = ssl.create_default_context()
    ways = sorted(dict(reversed(places)).items(), key=places.index)
    trouble: OSError = TimeoutError()
    for at, (family, place) in enumerate(ways):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(_left(until) / (len(ways) - at))
            line.connect(place)
            line.settimeout(_left(until))
            return context.wrap_socket(line, server_hostname=host)
        except OSError as error:
            line.close()
            trouble = error
    raise trouble


def _send(line: ssl.SSLSocket, request: bytes, until: float) -> None:
    while request:
        line.settimeout(_left(until))
        request = request[line.send(request) :]


def _answered(line: ssl.SSLSocket, until: float) -> bytes:
    """The first line of the answer. A server that trickles gains no time by it. Where none comes the server has all of
    the request, and may have taken it: sent again and again, it could stand there as often."""
    answer = b""
    try:
        while b"\n" not in answer and len(answer) < ANSWER_LIMIT:
            line.settimeout(_left(until))
            more = line.recv(ANSWER_LIMIT - len(answer))
            if not more:
                break
            answer += more
    except OSError as error:  # a TimeoutError is one too
        raise Unreachable(UNANSWERED, is_final=True) from error
    if not answer:
        raise Unreachable(UNANSWERED, is_final=True)
    return answer.partition(b"\n")[0] + b"\n"


def _judge(answer: bytes) -> None:
    """Raises Unreachable unless the server said that it has it."""
    found = _STATUS.match(answer)
    if found is None:
        raise Unreachable("What the server answered is no answer.")
    match status := int(found[1]):
        case _ if 200 <= status < 300:
            return
        case _ if 300 <= status < 400:
            raise Unreachable("The server sent us on to another address, which is not followed.", is_final=True)
        case 408 | 425 | 429:
            raise Unreachable(f"The server asks for more time: {status}.")
        case _ if 400 <= status < 500:
            raise Unreachable(f"The server refused it: {status}.", is_final=True)
    raise Unreachable(f"The server had a fault: {status}.")


def _left(until: float) -> float:
    """The seconds that are left. Raises TimeoutError where none are."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
