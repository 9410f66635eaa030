"""The witness over HTTP: `POST /add-checkpoint` and `GET /<origin hash>/checkpoint`, by threads."""

import re
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lienmach.engines.ledger.keys import SigningKey
from lienmach.engines.ledger.witness import (
    MAX_REQUEST_SIZE,
    TEXT,
    Answer,
    Status,
    add_checkpoint,
    conflict,
)
from lienmach.kernel.evidence.witness.store import Store

_LATEST = re.compile("/([0-9a-f]{64})/checkpoint")
TIMEOUT_S = 20


def _now() -> int:
    return int(time.time())


class WitnessServer(ThreadingHTTPServer):
    """A witness listening on an address.

    Parameters
    ----------
    address
        Host and port; port 0 takes a free one.
    store, signers
        What it keeps, and the keys it cosigns with.
    clock
        POSIX seconds: the time the cosignatures state.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        store: Store,
        signers: Sequence[SigningKey],
        clock: Callable[[], int] = _now,
    ) -> None:
        super().__init__(address, _Handler)
        self.store, self.signers, self.clock = store, signers, clock

    def decide(self, body: bytes) -> Answer:
        """Answer an add-checkpoint request; what it accepts is on the disk before this returns."""
        at = self.clock()
        answer = add_checkpoint(body, self.store.log, self.signers, at)
        if answer.suspicious:
            self.store.suspect(body, at)
        if answer.update is None:
            return answer
        faster = self.store.keep(answer.update)
        return answer if faster is None else conflict(faster)


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_S
    # One packet per answer: otherwise each waits 40 ms for the other side's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server_version = "lienmach-witness"
    sys_version = ""

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_REQUEST_SIZE:
            self.close_connection = True
            self._say(Status.BAD_REQUEST, b"The request has no length, or is too long.\n")
            return
        body = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            self._say(Status.NOT_FOUND, b"POST /add-checkpoint is what a witness takes.\n")
            return
        answer = self.server.decide(body)
        self._say(answer.status, answer.body.encode(), answer.content_type)

    def do_GET(self) -> None:
        match = _LATEST.fullmatch(self.path)
        note = self.server.store.note(match.group(1)) if match else None
        if note is None:
            self._say(Status.NOT_FOUND, b"Nothing was cosigned under this address.\n")
        else:
            self._say(Status.OK, note)

    def _say(self, status: int, body: bytes, content_type: str = TEXT) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        super().finish()
        self.server.store.close()  # the connection of this request's thread

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing for each request: a log asks once a second."""
