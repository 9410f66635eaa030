"""Every setting that comes from the environment: its name, default and meaning, declared once.

`docs/reference/settings.md` is generated from this list.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("LIENMACH_DATA", "~/lienmach", "Folder for the database, files, keys and logs."),
    Setting("DATABASE_URL", "", "postgres://user:password@host:port/name; empty: SQLite in the data folder."),
    Setting("LIENMACH_SECRET", "", "Secret key; empty: made once and kept in the data folder."),
    Setting("LIENMACH_HOSTS", "localhost,127.0.0.1", "Host names the server answers to, with commas."),
    Setting(
        "LIENMACH_URL",
        "http://localhost:8000",
        "Address at which people reach the server: used in links and QR codes; https:// switches strict "
        "cookies and transport security on.",
    ),
    Setting("LIENMACH_BIND", "127.0.0.1:8000", "Address and port the web process listens on."),
    Setting("LIENMACH_LANGUAGE", "vi", "Language of a first visit: vi or en."),
    Setting("LIENMACH_DEBUG", "", "1 shows error details. Never on a server that others can reach."),
    Setting("LIENMACH_DEMO", "", "1 marks every page as a demonstration with generated data."),
    Setting(
        "LIENMACH_MAIL",
        "",
        "smtp://user:password@host:port (smtps:// for TLS); empty: e-mail goes to a file.",
    ),
    Setting("LIENMACH_MAIL_FROM", "lienmach@localhost", "Sender of e-mail."),
    Setting("LIENMACH_OIDC_SERVER", "", "OpenID Connect issuer; empty: no single sign-on."),
    Setting("LIENMACH_OIDC_CLIENT", "", "Client identifier at the issuer."),
    Setting("LIENMACH_OIDC_SECRET", "", "Client secret at the issuer."),
    Setting("LIENMACH_OIDC_NAME", "OpenID Connect", "What the single sign-on button says."),
    Setting(
        "LIENMACH_LOG_MLDSA", "", "1 signs checkpoints of logs a second time with ML-DSA-44 (3.3 kB each)."
    ),
    Setting("LIENMACH_WEBHOOK_PRIVATE", "", "1 lets webhooks call addresses in private networks."),
)

_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


class BadSetting(Exception):
    """An environment variable has a value that cannot be used; the message says which and why."""


def get(name: str) -> str:
    """Return the value of a declared setting."""
    return os.environ.get(name, _DEFAULTS[name])


def flag(name: str) -> bool:
    """Return whether a declared setting is switched on."""
    return get(name).strip().lower() in {"1", "true", "yes", "on"}


def data_folder() -> Path:
    """Return the data folder; it is made, readable by its owner only, when first asked for."""
    folder = Path(get("LIENMACH_DATA")).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret_key() -> str:
    """Return the secret key: the given one, or one made once and kept in the data folder."""
    if given := get("LIENMACH_SECRET"):
        return given
    path = data_folder() / "secret.key"
    try:
        with open(
            path, "x", opener=lambda name, flags: os.open(name, flags, 0o600), encoding="ascii"
        ) as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass  # made before, or by another process at this moment
    return path.read_text(encoding="ascii").strip()


def database() -> dict[str, object]:
    """Return Django's database settings for `DATABASE_URL`, by default SQLite in the data folder."""
    url = get("DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data_folder() / "lienmach.sqlite3"),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise BadSetting("DATABASE_URL: write it as postgres://user:password@host:port/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def mail() -> dict[str, object]:
    """Return Django's e-mail settings for `LIENMACH_MAIL`."""
    sender = {"DEFAULT_FROM_EMAIL": get("LIENMACH_MAIL_FROM")}
    url = get("LIENMACH_MAIL")
    if not url:
        return {
            **sender,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(data_folder() / "mail"),
        }
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadSetting("LIENMACH_MAIL: write it as smtp://user:password@host:port or smtps://…")
    return {
        **sender,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
    }
