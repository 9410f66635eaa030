"""A program hears what it asked for, signed, at least once; nobody reaches through us what is private."""

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from lienmach.kernel.evidence import EventBody, event_type, record
from lienmach.kernel.jobs.models import Job
from lienmach.kernel.notify import outbound, queries, services
from lienmach.kernel.notify.models import Webhook
from lienmach.kernel.scope import Denied


@event_type("notify.bell_rung", version=1)
class BellRung(EventBody):
    """A bell was rung (only in tests)."""

    times: int


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it hears; answers as it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body, self.path))
        self.send_response(self.server.answer)
        if self.server.answer == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"thank you")

    def log_message(self, *arguments):
        """Be quiet."""


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.heard, server.answer = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def owner(world):
    return world.scope(world.organisation())


@pytest.fixture
def private(settings):
    settings.WEBHOOK_PRIVATE = True


def add(world, owner, url, types=("notify.bell_rung",)):
    return services.webhook_add(owner, url=url, types=types, at=world.at)


def ring(world, scope, times=1):
    with transaction.atomic():
        return record(scope, BellRung(times=times), subject="bell:1", time=world.at, at=world.at)


def verify(secret, headers, body):
    """As a receiver would, from the words of Standard Webhooks alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_it_hears_its_events_signed_and_knows_a_repeat(world, owner, receiver, private):
    add(world, owner, receiver.url)
    event = ring(world, owner, 3)
    world.deliver_all()
    world.run_jobs()
    ((headers, body, path),) = receiver.heard
    headers = {name.lower(): value for name, value in headers.items()}
    (webhook,) = queries.webhook_list(owner)
    assert verify(webhook.secret, headers, body)
    assert not verify(webhook.secret, headers, body + b" ")
    assert headers["webhook-id"] == str(event.event_id)
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    heard = json.loads(body)
    assert (heard["type"], heard["body"], path) == ("notify.bell_rung", {"times": 3}, "/hook?x=1")
    assert webhook.succeeded_at is not None
    Job.objects.update(state="queued", attempts=0)
    world.run_jobs()
    assert receiver.heard[1][0]["webhook-id"] == headers["webhook-id"]


def test_it_hears_nothing_else(world, owner, receiver, private):
    """Not other types, not other organisations, not what happened before, nothing after its removal."""
    ring(world, owner, 1)
    world.later(seconds=1)
    webhook = add(world, owner, receiver.url)
    stranger = world.scope(world.organisation())
    ring(world, stranger, 2)
    world.deliver_all()
    assert world.run_jobs() == 0
    ring(world, owner, 3)
    world.deliver_all()
    services.webhook_remove(owner, webhook=webhook.id, at=world.at)
    ring(world, owner, 4)
    world.deliver_all()
    world.run_jobs()
    assert receiver.heard == []


def test_a_failing_address_is_tried_again_with_growing_waits_and_its_owner_is_told(
    world, owner, receiver, private
):
    receiver.answer = 500
    add(world, owner, receiver.url)
    ring(world, owner)
    world.deliver_all()
    waits = []
    for _ in range(9):
        assert world.run_jobs() == 1
        job = Job.objects.get()
        if job.not_before is not None:
            waits.append(job.not_before)
            world.at = job.not_before + timedelta(seconds=1)
    assert len(receiver.heard) == 9
    assert job.state == "failed"
    (webhook,) = queries.webhook_list(owner)
    assert "500" in webhook.error
    assert queries.unread_count(owner) == 1
    receiver.answer = 200
    world.at = datetime.now(UTC)
    ring(world, owner)
    world.deliver_all()
    world.run_jobs()
    assert queries.webhook_list(owner)[0].error == "", "and it recovers by itself"


def test_an_address_that_says_it_is_gone_is_removed(world, owner, receiver, private):
    receiver.answer = 410
    add(world, owner, receiver.url)
    ring(world, owner)
    world.deliver_all()
    world.run_jobs()
    assert queries.webhook_list(owner) == []
    assert queries.unread_count(owner) == 1


def test_redirects_are_not_followed(world, owner, receiver, private):
    """They would lead around the judgement of the address."""
    receiver.answer = 302
    answer = outbound.post(receiver.url, body=b"{}", headers={}, private_allowed=True)
    assert answer.status == 302
    assert [path for _, _, path in receiver.heard] == ["/hook?x=1"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_private_addresses_are_seen_in_every_dress(address):
    assert outbound.is_private(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_public_addresses_are_public(address):
    assert not outbound.is_private(ipaddress.ip_address(address))


def test_a_private_address_is_refused_at_the_call(world, owner, receiver):
    with pytest.raises(outbound.BadAddress, match="LIENMACH_WEBHOOK_PRIVATE"):
        outbound.judged("localhost", 80, private_allowed=False)
    with pytest.raises(outbound.BadAddress):
        outbound.post(receiver.url.replace("http", "https"), body=b"", headers={}, private_allowed=False)
    assert receiver.heard == []


def test_a_name_that_changes_its_mind_gains_nothing(receiver, monkeypatch):
    """DNS rebinding: public when it is looked at, private when it is called. We call what we looked at."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    called = []

    def resolve(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address, *args, **kwargs):
        called.append(address[0])
        raise TimeoutError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outbound.NoAnswer):
        outbound.post("https://rebind.example/", body=b"", headers={}, private_allowed=False)
    assert called == ["93.184.215.14"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    def resolve(host, port, *args, **kwargs):
        found = ("93.184.215.14", "10.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(outbound.BadAddress):
        outbound.judged("both.example", 443, private_allowed=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https://user:word@example.com/", "",
        "https://example.com:0/", "https://example.com:99999/", "https://example.com/a b", "example.com",
        "https://example.com/\r\nHost: x", "https://[::1", "https://example.com/#x", "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(world, owner, url):
    with pytest.raises(ValidationError):
        add(world, owner, url)
    assert not Webhook.objects.exists()


def test_a_slow_answer_is_cut(monkeypatch):
    """A receiver that trickles cannot hold a worker."""
    monkeypatch.setattr(outbound, "ANSWER_S", 0.5)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        stop = threading.Event()

        def trickle():
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not stop.wait(0.1):
                        connection.sendall(b"X-More: 1\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        started = datetime.now(UTC)
        with pytest.raises(outbound.NoAnswer):
            outbound.post(url, body=b"", headers={}, private_allowed=True)
        assert datetime.now(UTC) - started < timedelta(seconds=4)
        stop.set()
        thread.join()


def test_certificates_are_checked(tmp_path):
    """A server that cannot prove its name gets nothing."""
    import ssl

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.heard, server.answer = [], 200
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *arguments: None
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with pytest.raises(outbound.NoAnswer, match="certificate"):
            outbound.post(
                f"https://localhost:{server.server_port}/", body=b"{}", headers={}, private_allowed=True
            )
    finally:
        server.shutdown()
        server.server_close()
    assert server.heard == []


def test_only_owners_manage_webhooks(world, owner):
    planner = world.scope(world.organisation(), "planner")
    with pytest.raises(Denied):
        add(world, planner, "https://example.com/")
    with pytest.raises(Denied):
        queries.webhook_list(planner)


def test_a_stranger_cannot_touch_a_webhook(world, owner):
    webhook = add(world, owner, "https://example.com/")
    stranger = world.scope(world.organisation())
    assert queries.webhook_list(stranger) == []
    with pytest.raises(Webhook.DoesNotExist):
        services.webhook_remove(stranger, webhook=webhook.id, at=world.at)
    with pytest.raises(Webhook.DoesNotExist):
        services.webhook_test(stranger, webhook=webhook.id, at=world.at)


def test_the_secret_is_not_in_the_database(world, owner):
    add(world, owner, "https://example.com/")
    (webhook,) = queries.webhook_list(owner)
    assert webhook.secret.removeprefix("whsec_") not in str(list(Webhook.objects.values()))


def test_the_page(world, signed_in, receiver, private):
    organisation = world.organisation()
    client = signed_in(world.member(organisation))
    address = f"/o/{organisation.slug}/messages/webhooks/"
    assert client.get(address).status_code == 200
    wrong = client.post(f"{address}add/", {"url": "ftp://x", "types": ["notify.bell_rung"]})
    assert wrong.status_code == 422
    assert "https://host/path" in wrong.content.decode()
    assert (
        client.post(f"{address}add/", {"url": receiver.url, "types": ["notify.bell_rung"]}).status_code == 302
    )
    webhook = Webhook.objects.get()
    assert client.post(f"{address}{webhook.id}/try/").status_code == 302
    world.at = datetime.now(UTC)
    world.run_jobs()
    assert json.loads(receiver.heard[0][1])["type"] == "notify.webhook_added"
    assert receiver.url.split("?")[0] in client.get(address).content.decode()
    assert client.post(f"{address}{webhook.id}/remove/").status_code == 302
    assert queries.webhook_list(world.scope(organisation)) == []


def test_events_of_webhooks_are_recorded(world, owner):
    """Data that leaves by itself leaves a trace in the organisation's own log."""
    from lienmach.kernel.evidence.queries import event_list

    webhook = add(world, owner, "https://example.com/secret-path")
    services.webhook_remove(owner, webhook=webhook.id, at=world.at)
    told = {event.type: event.body for event in event_list(owner, subject=f"webhook:{webhook.id}")}
    assert told["notify.webhook_added"] == {"host": "example.com", "types": ["notify.bell_rung"]}
    assert told["notify.webhook_removed"]["host"] == "example.com"
