"""Single sign-on with OpenID Connect, against a small issuer of our own on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from lienmach.kernel.testing import PASSWORD


class Issuer(BaseHTTPRequestHandler):
    """Discovery, token and user information, for whoever the test says is there."""

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.endswith("openid-configuration"):
            self.answer(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        else:
            self.answer({"sub": self.server.subject, "name": "An"})

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.codes.append(sent["code"][0])
        self.answer({"access_token": "a", "token_type": "Bearer"})

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments):
        """Be quiet."""


@pytest.fixture
def issuer(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    server.subject, server.codes = "subject-1", []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    app = {
        "provider_id": "sso",
        "name": "Provincial sign-on",
        "client_id": "lienmach",
        "secret": "secret",
        "settings": {"server_url": address},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


def go_through(client, **extra):
    """Follow the way to the issuer and back; return the last answer."""
    there = client.post(reverse("openid_connect_login", args=["sso"]), extra)
    assert there.status_code == 302, there.content
    asked = parse_qs(urlsplit(there["Location"]).query)
    assert asked["client_id"] == ["lienmach"]
    back = reverse("openid_connect_callback", args=["sso"])
    return client.get(back, {"code": "the-code", "state": asked["state"][0]})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_button_says_the_issuers_name(client, db, issuer):
    assert "Provincial sign-on" in client.get(reverse("account_login")).content.decode()


def test_a_member_connects_once_and_signs_in_by_it_from_then_on(world, client, issuer):
    member = world.member(world.organisation())
    client.post(reverse("account_login"), {"login": member.person.username, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    go_through(client, process="connect")
    client.logout()
    assert not signed_in(client)
    go_through(client)
    assert client.session["_auth_user_id"] == str(member.person_id)
    assert issuer.codes == ["the-code", "the-code"]


def test_somebody_the_issuer_knows_and_we_do_not_gets_no_account(world, client, issuer):
    """Who may act here is decided by an organisation, not by an issuer."""
    world.member(world.organisation())
    go_through(client)
    assert not signed_in(client)


def test_an_answer_we_did_not_ask_for_is_refused(client, db, issuer):
    """Without our state it could sign somebody in as another person."""
    client.get(reverse("openid_connect_callback", args=["sso"]), {"code": "x", "state": "made-up"})
    assert not signed_in(client)
    assert issuer.codes == []
