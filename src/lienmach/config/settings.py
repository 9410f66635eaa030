"""Django settings: everything from the environment, safe by default."""

import pkgutil
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

import lienmach.apps
from lienmach.config import environment

DATA = environment.data_folder()
PACKAGE = Path(lienmach.apps.__file__).parent.parent
ADDRESS = environment.get("LIENMACH_URL").rstrip("/")
SECURE = ADDRESS.startswith("https://")

SECRET_KEY = environment.secret_key()
DEBUG = environment.flag("LIENMACH_DEBUG")
DEMO = environment.flag("LIENMACH_DEMO")
ALLOWED_HOSTS = [host.strip() for host in environment.get("LIENMACH_HOSTS").split(",") if host.strip()]
if (host := urlsplit(ADDRESS).hostname) and host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(host)
CSRF_TRUSTED_ORIGINS = [ADDRESS] if SECURE else []

APPS = sorted(
    f"lienmach.apps.{module.name}" for module in pkgutil.iter_modules(lienmach.apps.__path__) if module.ispkg
)

INSTALLED_APPS = [
    "lienmach.kernel.evidence",
    "lienmach.kernel.places",
    "lienmach.kernel.identity",
    "lienmach.kernel.jobs",
    "lienmach.kernel.notify",
    "lienmach.kernel.sheets",
    "lienmach.kernel.web",
    "lienmach.kernel.workspace",
    *APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lienmach.kernel.web.middleware.ShellMiddleware",
    "lienmach.kernel.web.middleware.NoStoreMiddleware",
]

ROOT_URLCONF = "lienmach.config.urls"
WSGI_APPLICATION = "lienmach.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lienmach.kernel.web.shell.furniture",
            ],
        },
    }
]

DATABASES = {"default": environment.database()}
globals().update(environment.mail())

# People and log-in
AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_ADAPTER = "lienmach.kernel.identity.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_DISPLAY = str
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Liền Mạch"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "sso",
                "name": environment.get("LIENMACH_OIDC_NAME"),
                "client_id": environment.get("LIENMACH_OIDC_CLIENT"),
                "secret": environment.get("LIENMACH_OIDC_SECRET"),
                "settings": {"server_url": environment.get("LIENMACH_OIDC_SERVER")},
            }
        ]
        if environment.get("LIENMACH_OIDC_SERVER")
        else []
    }
}

# Language and time
LANGUAGE_CODE = environment.get("LIENMACH_LANGUAGE")
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "kernel" / "i18n" / "locale"]
FORMAT_MODULE_PATH = ["lienmach.kernel.i18n.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_THOUSAND_SEPARATOR = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "lienmach.kernel.web.finders.ChartBundleFinder",
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA / "files")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# What leaves the platform by itself
LOG_MLDSA = environment.flag("LIENMACH_LOG_MLDSA")
WEBHOOK_PRIVATE = environment.flag("LIENMACH_WEBHOOK_PRIVATE")

# Security
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lienmach.kernel.web.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = False  # the proxy in front ends TLS and redirects
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique user names are a database constraint that ignores case

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
