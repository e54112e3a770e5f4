"""All settings, read from the environment (the table in README.md lists them)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from console import clouds_yaml, env
from console.branding import Branding, read_logo
from console.cloud.config import EMBEDDED_URL, CloudConfig

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", "Give it, or SECRET_KEY_FILE, a long random text.")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

BRANDING = Branding(
    name=env.text("PORTAL_NAME", "BMS Console"),
    accent=env.matching("PORTAL_ACCENT", r"#[0-9a-fA-F]{6}", "a colour such as #0a7d5a"),
    logo=read_logo(env.text("PORTAL_LOGO")),
)

# --- the cloud ------------------------------------------------------------------------------------

# Whoever names an address means that cloud alone, whatever else the shell has set.
env.fall_back_on({})
CLOUD_NAMES = [] if env.text("CLOUD_AUTH_URL") else env.words("OS_CLOUD")
if len(CLOUD_NAMES) > 1:
    env.unset(*clouds_yaml.VARIABLES, why="OS_CLOUD names several clouds. Say it in clouds.yaml.")
if not CLOUD_NAMES:
    env.required("CLOUD_AUTH_URL", "Give Keystone's address, or: embedded")
EMBEDDED = env.text("CLOUD_AUTH_URL") == "embedded"
EMBEDDED_PROFILE = env.choice("EMBEDDED_PROFILE", "otc", ["otc", "openstack"])
EMBEDDED_SERVERS = env.integer("EMBEDDED_SERVERS", 30, least=0, most=20_000)
EMBEDDED_LATENCY_MS = env.integer("EMBEDDED_LATENCY_MS", 0, most=60_000)
WEB_CONCURRENCY = env.integer("WEB_CONCURRENCY", 1, least=1, most=512)

ONE_WORKER = (
    "WEB_CONCURRENCY: the embedded cloud lives in the memory of one process, so it cannot be "
    "served by {} workers. Use one, or start `manage.py cloud_emulator` and point CLOUD_AUTH_URL "
    "at it."
)
if EMBEDDED and WEB_CONCURRENCY > 1:
    raise ImproperlyConfigured(ONE_WORKER.format(WEB_CONCURRENCY))


@cache
def embedded_cloud() -> object:
    """The demo cloud of this process (a WSGI application)."""
    from console.emulator.seed import demo  # noqa: PLC0415 - only a demo pays for it

    return demo(
        profile="otc" if EMBEDDED_PROFILE == "otc" else "openstack",
        servers=EMBEDDED_SERVERS,
        latency_ms=EMBEDDED_LATENCY_MS,
    )


SERVICES = ("identity", "compute", "network", "image", "vpc")


def cloud_config(name: str) -> CloudConfig:
    """The cloud of that name in clouds.yaml; without a name, the one that the variables tell."""
    env.fall_back_on(clouds_yaml.variables(name, env.text("OS_CLIENT_CONFIG_FILE")))
    return CloudConfig(
        auth_url=f"{EMBEDDED_URL}/v3" if EMBEDDED else env.url("CLOUD_AUTH_URL"),
        profile=env.choice("CLOUD_PROFILE", "auto", ["auto", "otc", "openstack"]),  # type: ignore[arg-type]
        regions=tuple(env.words("CLOUD_REGIONS")),
        interface=env.choice("CLOUD_INTERFACE", "public", ["public", "internal", "admin"]),
        endpoints={
            service: address
            for service in SERVICES
            if (address := env.url(f"CLOUD_ENDPOINT_{service.upper()}"))
        },
        ca_bundle=env.existing_path("CLOUD_CA_BUNDLE"),
        connect_timeout=env.number("CLOUD_CONNECT_TIMEOUT", 3.05, least=0.1, most=60),
        read_timeout=env.number("CLOUD_READ_TIMEOUT", 8, least=0.1, most=300),
        read_retries=env.integer("CLOUD_READ_RETRIES", 2, most=10),
        read_deadline=env.number("CLOUD_READ_DEADLINE", 10, least=0.1, most=300),
        write_deadline=env.number("CLOUD_WRITE_DEADLINE", 30, least=0.1, most=600),
        bms_flavors=tuple(env.words("CLOUD_BMS_FLAVORS")),
        vip_owners=env.owners("CLOUD_VIP_OWNERS"),
        read_only_roles=frozenset(env.words("CLOUD_READ_ONLY_ROLES", "reader,readonly")),
        embedded=embedded_cloud if EMBEDDED else None,
    )


CLOUDS = {name: cloud_config(name) for name in CLOUD_NAMES or [""]}
"""Offered at sign-in where there are several; the first one unless chosen otherwise."""

# --- sign-in --------------------------------------------------------------------------------------

SIGN_IN_ATTEMPTS_PER_USER = env.integer("SIGN_IN_ATTEMPTS_PER_USER", 5, least=1)
SIGN_IN_ATTEMPTS_PER_ADDRESS = env.integer("SIGN_IN_ATTEMPTS_PER_ADDRESS", 30, least=1)
SIGN_IN_WINDOW_MINUTES = env.integer("SIGN_IN_WINDOW_MINUTES", 15, least=1, most=7 * 24 * 60)
TRUST_PROXY = env.flag("TRUST_PROXY", default=False)

OPERATION_RETENTION_DAYS = env.integer("OPERATION_RETENTION_DAYS", 365, least=0, most=36_500)

DEMO = (
    {
        "domain": "acme",
        "username": "demo",
        "password": "demo-password",
        "viewer_username": "viewer",
        "viewer_password": "viewer-password",
    }
    if EMBEDDED
    else None
)

# --- Django ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "console",
    "bms",
    "vpc",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "console.languages.LanguageMiddleware",
    "console.middleware.ToastMiddleware",
    "console.middleware.CloudMiddleware",
]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "template_partials.templatetags.partials",
                "django_htmx.templatetags.django_htmx",
                "console.templatetags.console",
                "console.templatetags.values",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "console.navigation.context",
            ],
        },
    }
]
FORM_RENDERER = "console.forms.Renderer"

DATABASE_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
try:
    DATABASES = {
        "default": dj_database_url.parse(
            env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'console.sqlite3'}"),
            conn_max_age=60,
            conn_health_checks=True,
        )
    }
except (ValueError, KeyError):
    # The address itself stays out of the message: it may hold a password.
    raise ImproperlyConfigured("DATABASE_URL is not a database's address.") from None
if DATABASES["default"]["ENGINE"] not in DATABASE_ENGINES:
    raise ImproperlyConfigured("DATABASE_URL is neither SQLite's nor PostgreSQL's address.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Unless the address itself says otherwise: a host that is gone is noticed in seconds. The
    # kernel alone would hold each page for a quarter of an hour.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        **DATABASES["default"].get("OPTIONS", {}),
    }

# Of each process: what it read of the cloud, and apart from that the rows it rendered, which many
# people looking at large tables replace quickly.
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
    for name in ("default", "template_fragments")
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "console_session"
CSRF_COOKIE_NAME = "console_csrf"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "console_language"
CSRF_FAILURE_VIEW = "console.views.errors.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# --- transport security ---------------------------------------------------------------------------

HTTPS = env.flag("HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- static files, language, logs -----------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.choice(
            "STATIC_STORAGE",
            "whitenoise.storage.CompressedManifestStaticFilesStorage",
            [
                "whitenoise.storage.CompressedManifestStaticFilesStorage",
                "django.contrib.staticfiles.storage.StaticFilesStorage",
            ],
        )
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "console": {"level": LOG_LEVEL},
        "bms": {"level": LOG_LEVEL},
        "vpc": {"level": LOG_LEVEL},
        # keystoneauth logs headers and bodies below WARNING; it hashes tokens, but we log
        # method, path, status and request id ourselves, so nothing else is wanted.
        "keystoneauth": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
    },
}
