"""Django's settings. One file; what differs between installations comes from the environment.

Every variable read here is documented in docs/reference/settings.md (a test holds the two together).
A process is one door: TODOKU_DOOR names it, and with it the URLs, the cookies and the database role.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("TODOKU_VAR", ROOT / "var")).resolve()

# Which door this process opens: resident (internet), office (allowlisted), municipality (VPN), or work
# (no pages: commands, worker, sweeper).
DOOR = os.environ.get("TODOKU_DOOR", "work")
DOORS = ("resident", "office", "municipality", "work")
if DOOR not in DOORS:
    raise SystemExit(f"TODOKU_DOOR={DOOR!r}: must be one of {', '.join(DOORS)}.")
# The resident door runs as its own process with its own database role: it cannot even read the office's rows.
DATABASE_ROLE = {"resident": "public"}.get(DOOR, "office")


def _database(url: str, role: str) -> dict[str, object]:
    """One entry of DATABASES from a postgresql:// address; the role's login replaces the owner's."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/")) or "todoku"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if role != "owner":
        user = f"{name}_{role}"
        password = os.environ.get(f"TODOKU_{role.upper()}_PASSWORD", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**query, **POOL},
        "ATOMIC_REQUESTS": role != "owner",
    }


# A small pool per process: 150 clients cost three times the throughput of 8 (measured with pgbench-like claims).
POOL: dict[str, object] = {"pool": {"min_size": 1, "max_size": 6, "timeout": 10}} if DOOR != "work" else {}
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql:///todoku")
DATABASES = {"default": _database(DATABASE_URL, DATABASE_ROLE)}
if DOOR == "work":
    DATABASES["owner"] = _database(DATABASE_URL, "owner")
DATABASE_ROUTERS: list[str] = []

SECRET_KEY = os.environ.get("TODOKU_SECRET_KEY", "")
# Two secrets of the letters: the look-up secret lets a door verify, the key secret lets the office print.
LOOKUP_SECRET = os.environ.get("TODOKU_LOOKUP_SECRET", "")
LETTER_KEY_SECRET = os.environ.get("TODOKU_LETTER_KEY_SECRET", "")
# Under this the gift codes are kept: without it they are of no use to whoever copies the database.
GIFT_CODE_SECRET = os.environ.get("TODOKU_GIFT_CODE_SECRET", "")
DEBUG = False
BASE_PORT = int(os.environ.get("TODOKU_PORT", "8000"))
HOSTS = {
    "resident": os.environ.get("TODOKU_RESIDENT_HOST", "todoku.localhost"),
    "office": os.environ.get("TODOKU_OFFICE_HOST", "office.localhost"),
    "municipality": os.environ.get("TODOKU_MUNICIPALITY_HOST", "city.localhost"),
}
PORTS = {"resident": BASE_PORT, "office": BASE_PORT + 1, "municipality": BASE_PORT + 2}
HTTPS = os.environ.get("TODOKU_HTTPS", "") == "1"
ALLOWED_HOSTS = [HOSTS[DOOR], "testserver"] if DOOR in HOSTS else ["testserver", *HOSTS.values()]
if DOOR in HOSTS and HTTPS:
    ALLOWED_HOSTS = [HOSTS[DOOR]]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "procrastinate.contrib.django",
    "todoku.apps.TodokuConfig",
]
AUTH_USER_MODEL = "todoku.Staff"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "todoku.web.shared.sessions.DoorSessionMiddleware",
    "todoku.web.shared.languages.DoorLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    *(["django.contrib.auth.middleware.AuthenticationMiddleware"] if DOOR != "resident" else []),
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "todoku.web.shared.privacy.NoStoreMiddleware",
]
ROOT_URLCONF = f"todoku.web.{DOOR}.urls" if DOOR != "work" else "todoku.web.office.urls"
WSGI_APPLICATION = "todoku.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            ROOT / "todoku/web" / door / "templates"
            for door in ("shared", "resident", "office", "municipality")
        ],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                *(["django.contrib.auth.context_processors.auth"] if DOOR != "resident" else []),
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "todoku.web.shared.tags"],
        },
    }
]

STATIC_URL = "/static/"
_STATIC = [ROOT / "todoku/web" / door / "static" for door in ("shared", "resident", "office", "municipality")]
STATICFILES_DIRS: list[object] = [path for path in _STATIC if path.is_dir()]
if (VAR / "assets").is_dir():
    STATICFILES_DIRS.append(("assets", VAR / "assets"))
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LANGUAGE_CODE = "ja"
LANGUAGES = [
    ("ja", "日本語"),
    ("en", "English"),
    ("zh-hans", "中文"),
    ("ko", "한국어"),
    ("vi", "Tiếng Việt"),
    ("es", "Español"),
]
LOCALE_PATHS = [VAR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

# Doors have cookies of their own: cookies ignore ports, so one host name would share them.
_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}{DOOR}-session"
CSRF_COOKIE_NAME = f"{_PREFIX}{DOOR}-csrf"
LANGUAGE_COOKIE_NAME = f"{DOOR}-language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax" if DOOR == "resident" else "Strict"
SESSION_ENGINE = "todoku.web.shared.sessions"
# Staff: 8 hours at most; a resident on a borrowed phone: 30 minutes.
SESSION_COOKIE_AGE = 30 * 60 if DOOR == "resident" else 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = DOOR == "resident"
if DOOR == "resident":
    CSRF_FAILURE_VIEW = "todoku.web.resident.errors.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGIN_URL = "/login/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SECURE_CONTENT_TYPE_NOSNIFF = True
# Nothing to other sites. Not "no-referrer": with it browsers send "Origin: null" and no form passes the CSRF check.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
        "object-src": ["'self'"],
        "frame-src": ["'self'"],
    }
}
# A resident's upload: two photos of at most 10 MB each; larger bodies are refused before they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None
UPLOAD_BYTES_MAX = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    *(["todoku.web.resident.upload.PhotoSized"] if DOOR == "resident" else []),
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # SQL with its parameters would carry people's data into the log.
    "loggers": {"django.db.backends": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
