"""Tables and migrations say the same, and nothing a number depends on is deleted along the way."""

import io

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    """A model changed without its migration installs here and breaks at a customer's."""
    out = io.StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=out, no_color=True)
    except SystemExit:
        pytest.fail(f"Make the migration (CONTRIBUTING.md says how):\n{out.getvalue()}")
