"""What must be in place before the processes start: the database's tables and the collected static files."""

from django.core.management import call_command


def prepare_database() -> None:
    """Create or update the tables; nothing happens when they are up to date."""
    call_command("migrate", interactive=False, verbosity=0)


def prepare() -> None:
    """Prepare the database and collect the static files into the data folder."""
    prepare_database()
    call_command("collectstatic", interactive=False, verbosity=0)
