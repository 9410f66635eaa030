"""How log-in behaves: accounts are made by an organisation's owner or the operator, nobody signs up alone."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """allauth's account behaviour with open sign-up switched off."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up: an account without an organisation could see nothing."""
        return False
