"""Settings of the test suite: a temporary data folder, plain static files, fast password hashes."""

import os
import tempfile

os.environ.setdefault("LIENMACH_DATA", tempfile.mkdtemp(prefix="lienmach-test-"))
os.environ.setdefault("LIENMACH_SECRET", "only-for-tests")

from lienmach.config.settings import *  # noqa: F403
from lienmach.config.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["*"]
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
ACCOUNT_RATE_LIMITS = False
LANGUAGE_CODE = "en"
