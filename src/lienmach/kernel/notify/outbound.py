"""Calls to addresses that users typed in: only where they may go, and never for long.

The name is resolved once, every address it stands for is judged, and the connection is made to the judged
address itself: a name that changes its mind between the look and the call (DNS rebinding) gains nothing.
Redirects are not followed: they would lead around the judgement.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

CONNECT_S = 5
ANSWER_S = 15  # for the whole exchange, however slowly the other side trickles
MOST_READ = 2000

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BadAddress(Exception):
    """The address may not be called; the message says why and what to do."""


class NoAnswer(Exception):
    """The address could not be reached, or did not answer in time."""


@dataclass(frozen=True)
class Answer:
    """What came back: status and the beginning of the body, for people to read."""

    status: int
    beginning: str


def parsed(url: str, *, private_allowed: bool) -> SplitResult:
    """Return the parts of a callable URL.

    Raises
    ------
    BadAddress
        Unless it is https:// (or http:// where private addresses are allowed) with a host and no credentials.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(_("This is not an address: %s.") % error) from None
    schemes = {"https", "http"} if private_allowed else {"https"}
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise BadAddress(_("Write the address as https://host/path."))
    if parts.username is not None or parts.password is not None:
        raise BadAddress(_("Leave user name and password out of the address: calls are signed instead."))
    if parts.fragment or any(ord(letter) <= 32 or ord(letter) > 126 for letter in url):
        raise BadAddress(
            _("The address holds characters that do not belong there: write them percent-encoded.")
        )
    return parts


def is_private(address: Address) -> bool:
    """Say whether an address is not one of the public internet, seen through mapped and translated forms."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_private(inner)
    return not address.is_global or address.is_multicast


def judged(host: str, port: int, *, private_allowed: bool) -> list[str]:
    """Return the addresses behind `host`, all of them allowed.

    Raises
    ------
    NoAnswer
        When the name stands for nothing now.
    BadAddress
        When any of its addresses is private and private ones are not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(
            _("The name %(host)s cannot be found (%(error)s).") % {"host": host, "error": error}
        ) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not private_allowed:
        for address in addresses:
            if is_private(ipaddress.ip_address(address.partition("%")[0])):
                raise BadAddress(
                    _(
                        "%(host)s stands for %(address)s, an address inside a private network. Whoever runs "
                        "this platform can allow such calls with LIENMACH_WEBHOOK_PRIVATE=1."
                    )
                    % {"host": host, "address": address}
                )
    return addresses


class _Pinned(http.client.HTTPConnection):
    """A connection to one judged address, whatever the name says by now."""

    def __init__(self, parts: SplitResult, address: str) -> None:
        self._tls = parts.scheme == "https"
        super().__init__(str(parts.hostname), parts.port or (443 if self._tls else 80), timeout=CONNECT_S)
        self._address = address
        self.was_cut = False

    def connect(self) -> None:
        """Connect to the judged address; over TLS prove that it is the host."""
        plain = socket.create_connection((self._address, self.port), timeout=CONNECT_S)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        else:
            self.sock = plain

    def cut(self) -> None:
        """End the exchange from another thread: it has lasted too long."""
        self.was_cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself


def post(url: str, *, body: bytes, headers: Mapping[str, str], private_allowed: bool) -> Answer:
    """Post `body` to `url` and return the answer, whatever its status.

    Raises
    ------
    BadAddress, NoAnswer
    """
    parts = parsed(url, private_allowed=private_allowed)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    last: Exception | None = None
    for address in judged(str(parts.hostname), port, private_allowed=private_allowed)[:3]:
        connection = _Pinned(parts, address)
        try:
            connection.connect()
        except OSError as error:  # ssl.SSLError is one
            connection.close()
            last = error
            continue
        return _exchange(connection, parts, body, headers)
    raise NoAnswer(_("%(host)s cannot be reached (%(error)s).") % {"host": parts.hostname, "error": last})


def _exchange(connection: _Pinned, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    watch = threading.Timer(ANSWER_S, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", path, body=body, headers={**headers, "Connection": "close"})
        response = connection.getresponse()
        beginning = response.read(MOST_READ).decode("utf-8", "replace")
        if connection.was_cut:  # what was cut off in the headers looks like a whole answer
            raise TimeoutError(f"{ANSWER_S} s")
        return Answer(response.status, beginning)
    except (OSError, http.client.HTTPException) as error:
        why = {"host": parts.hostname, "error": str(error) or type(error).__name__}
        raise NoAnswer(_("%(host)s did not answer (%(error)s).") % why) from None
    finally:
        watch.cancel()
        connection.close()
