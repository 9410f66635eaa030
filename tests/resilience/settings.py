"""The platform's own settings with the probe installed, for processes that tests start."""

from lienmach.config.settings import *  # noqa: F403
from lienmach.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.resilience.probe"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
