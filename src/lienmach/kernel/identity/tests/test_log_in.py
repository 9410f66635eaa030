"""Signing in: guessing is slowed down, a second factor and passkeys can be set up, sign-up is closed."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from lienmach.kernel.testing import PASSWORD


@pytest.fixture
def member(world):
    return world.member(world.organisation())


def sign_in(client, member, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": member.person.username, "password": password})


def sign_in_for_changes(client, member):
    """Signed in, and the password given once more, as security settings ask for."""
    sign_in(client, member)
    assert client.get(reverse("account_reauthenticate")).status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_a_member_signs_in_and_lands_at_home(client, member):
    answer = sign_in(client, member)
    assert (answer.status_code, answer["Location"]) == (302, "/home/")
    assert client.get("/home/", follow=True).status_code == 200


def test_guessing_is_slowed_down(client, member, settings):
    """After a few wrong passwords the right one does not help for a while, from wherever it comes."""
    from allauth.account import app_settings

    settings.ACCOUNT_RATE_LIMITS = {}
    cache.clear()
    limits = app_settings.RATE_LIMITS
    assert "login_failed" in limits
    statuses = [sign_in(client, member, f"wrong-{number}").status_code for number in range(12)]
    assert statuses[0] == 200
    last = sign_in(client, member)
    assert last.status_code != 302 or last["Location"] != "/home/", "the right password was let in"
    cache.clear()


def test_an_unknown_person_and_a_wrong_password_look_alike(client, member):
    wrong = sign_in(client, member, "wrong").content.decode()
    unknown = client.post(
        reverse("account_login"), {"login": "nobody-here", "password": "wrong"}
    ).content.decode()
    assert "nobody-here" not in unknown.split("<form")[0]
    for text in (wrong, unknown):
        assert "not correct" in text


def test_who_is_switched_off_cannot_sign_in(client, member):
    member.person.is_active = False
    member.person.save()
    answer = sign_in(client, member)
    assert answer.status_code != 302 or answer["Location"] != "/home/"


def test_nobody_signs_up_alone(client, db):
    """An account without an organisation could see nothing."""
    answer = client.post(
        reverse("account_signup"), {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert answer.status_code == 200
    assert not client.login(username="new", password=PASSWORD)


@pytest.mark.parametrize(
    "view",
    ["mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "account_change_password"],
)
def test_second_factor_and_passkey_pages_render(client, member, view):
    sign_in_for_changes(client, member)
    answer = client.get(reverse(view))
    assert answer.status_code == 200
    assert b"<form" in answer.content or view == "mfa_index"


def test_security_settings_ask_for_the_password_again(client, member):
    """A phone left on the bench must not become somebody else's passkey."""
    sign_in(client, member)
    answer = client.get(reverse("mfa_add_webauthn"))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_a_second_factor_can_be_set_up_and_is_asked_for(client, member):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    sign_in_for_changes(client, member)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302
    client.logout()
    answer = sign_in(client, member)
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    home = reverse("notify:list", args=[member.organisation.slug])
    assert client.get(home).status_code == 302, "not in before the second factor"


def test_the_address_after_signing_in_is_a_local_one(client, member):
    answer = client.post(
        reverse("account_login") + "?next=https://evil.example/",
        {"login": member.person.username, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/home/"
