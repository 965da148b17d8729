"""
Every setting of the platform, from the environment where a deployment may differ.

Without `DATABASE_URL` the embedded PostgreSQL is started (demo and tests); PostgreSQL is the only database.
"""

import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from kernel import embedded_postgres
from web import logs
from web.maps import map_origins

BASE_DIR = Path(__file__).resolve().parent.parent.parent
TESTING = "pytest" in sys.modules
DEBUG = os.environ.get("GONGHENG_DEBUG") == "1"
DEMO = os.environ.get("GONGHENG_DEMO", "1" if not os.environ.get("DATABASE_URL") else "0") == "1"
SECRET_KEY = os.environ.get("GONGHENG_SECRET_KEY", "")
if not SECRET_KEY:
    if not (DEMO or TESTING):
        raise RuntimeError("Set GONGHENG_SECRET_KEY to a long random text.")
    SECRET_KEY = "the-demo-has-no-secrets-do-not-serve-real-people-with-this-key"  # noqa: S105 -- demo and tests only
ALLOWED_HOSTS = os.environ.get("GONGHENG_HOSTS", "*" if DEMO or TESTING else "").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("GONGHENG_ORIGINS", "").split(",") if origin]
PLATFORM_URL = os.environ.get("GONGHENG_URL", "http://127.0.0.1:8000")
PLATFORM_DOMAIN = os.environ.get("GONGHENG_DOMAIN", "gongheng.example")
"""The domain in the UIDs of calendar events; it must never change once calendars are subscribed."""

INSTALLED_APPS = [
    "kernel",
    "accounts",
    "audit",
    "web",
    "api",
    "notices",
    "portal",
    "labs",
    "billing",
    "bookings",
    "config",
    "demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sites",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "procrastinate.contrib.django",
    "pgtrigger",
]
SITE_ID = 1

MIDDLEWARE = [
    "web.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.acting.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.errors.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.page",
                "notices.context.bell",
            ],
        },
    },
]
FORM_RENDERER = "web.forms.TablerRenderer"


# --- The one database ---------------------------------------------------------------------------------------------

LOCK_WAIT_MILLISECONDS = 2_000
"""How long an operation waits for rows held by others before it refuses as busy (BK-17)."""
MOST_BOOKINGS_AHEAD, MOST_HOLDS = 10, 3
"""What one organisation may have ahead, and on hold at once (BK-12), unless it has limits of its own."""


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL")
    found: dict[str, Any] = dict(dj_database_url.parse(url)) if url else embedded_postgres.start(for_tests=TESTING)
    found["ENGINE"] = "django.db.backends.postgresql"
    found["CONN_MAX_AGE"] = 0
    found["OPTIONS"] = {
        "pool": False if TESTING else {"min_size": 1, "max_size": int(os.environ.get("GONGHENG_POOL", "8"))},
        # A prepared statement keeps its plan: planning the facts of a booking costs several times their execution.
        "options": f"-c lock_timeout={LOCK_WAIT_MILLISECONDS} -c timezone=UTC -c plan_cache_mode=force_generic_plan",
        "server_side_binding": True,  # so that statements are prepared: planning costs more than most of them
        "prepare_threshold": 5,
    }
    return found


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

# --- People -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/my/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_ADAPTER = "portal.adapter.Adapter"
ACCOUNT_SIGNUP_FORM_CLASS = "portal.profile.forms.SignUpForm"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("GONGHENG_PROXIES", "0"))
"""How many proxies of one's own stand before the platform: rate limits then count by the address they saw."""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Gongheng"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# --- Mail: the demo writes it to files and the console; a deployment names its server ------------------------------

DEFAULT_FROM_EMAIL = os.environ.get("GONGHENG_MAIL_FROM", "Gongheng <no-reply@gongheng.example>")
EMAIL_FILE_PATH = BASE_DIR / ".run" / "mail"
if os.environ.get("GONGHENG_MAIL_HOST"):
    EMAIL_HOST = os.environ["GONGHENG_MAIL_HOST"]
    EMAIL_PORT = int(os.environ.get("GONGHENG_MAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("GONGHENG_MAIL_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("GONGHENG_MAIL_PASSWORD", "")
    EMAIL_USE_TLS = True
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = os.environ.get("GONGHENG_MAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")

# --- Language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
"""The zone pages are shown in where no lab's zone applies; instants are stored and computed in UTC."""

# --- Files --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".run" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_AUTOREFRESH = TESTING
"""Tests make many clients: each would read the whole list of static files."""
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "npm.finders.NpmFinder",
]
NPM_ROOT_PATH = str(BASE_DIR)
NPM_STATIC_FILES_PREFIX = "vendor"
NPM_FILE_PATTERNS = {
    "@tabler/core": ["dist/css/tabler.min.css", "dist/js/tabler.min.js"],
    "@event-calendar/build": ["dist/event-calendar.min.css", "dist/event-calendar.min.js"],
    "chart.js": ["dist/chart.umd.min.js"],
    "leaflet": ["dist/leaflet.css", "dist/leaflet.js", "dist/images/*.png"],
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if TESTING else "web.storage.StaticFiles"
    },
}
MEDIA_ROOT = BASE_DIR / ".run" / "media"

# --- Maps: a deployment names its tiles; without any, points stand on empty ground ---------------------------------

MAP_TILES = os.environ.get("GONGHENG_MAP_TILES", "")
"""The address of map tiles with {z}, {x} and {y}; the browser asks there, so the CSP lets pictures come from it."""
MAP_ATTRIBUTION = os.environ.get("GONGHENG_MAP_ATTRIBUTION", "")
MAP_DATUM = os.environ.get("GONGHENG_MAP_DATUM", "wgs84")
"""The datum of the tiles, `wgs84` or `gcj02`: what is stored in WGS-84 is shown in it."""

# --- Open data ----------------------------------------------------------------------------------------------------

OPEN_DATA_LICENCE = os.environ.get("GONGHENG_OPEN_DATA_LICENCE", "CC BY 4.0")
OPEN_DATA_LICENCE_URL = os.environ.get("GONGHENG_OPEN_DATA_LICENCE_URL", "https://creativecommons.org/licenses/by/4.0/")
"""Under which licence the open catalogue may be taken along."""

# --- Security -----------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", *map_origins(MAP_TILES)],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
}
SECURE_HTTPS = os.environ.get("GONGHENG_HTTPS", "0" if DEMO or TESTING else "1") == "1"
SESSION_COOKIE_SECURE = SECURE_HTTPS
CSRF_COOKIE_SECURE = SECURE_HTTPS
SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by load balancers, inside
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.errors.csrf"

# --- Bookings -----------------------------------------------------------------------------------------------------

WAITLIST_MOST_ENTRIES = int(os.environ.get("GONGHENG_WAITLIST_MOST", "20"))
"""For how many things an organisation may wait at once (BK-19)."""

BANK_ACCOUNT = {
    "payee": os.environ.get("GONGHENG_BANK_PAYEE", "公衡平台存管户（演示）" if DEMO or TESTING else ""),
    "bank": os.environ.get("GONGHENG_BANK_NAME", "演示银行广州越秀支行" if DEMO or TESTING else ""),
    "number": os.environ.get("GONGHENG_BANK_NUMBER", "6200 0000 0000 0000 001" if DEMO or TESTING else ""),
}
"""Whose account, at which bank, takes bank transfers; without a number nobody is offered to pay so."""

# --- Jobs ---------------------------------------------------------------------------------------------------------

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = [
    "config.jobs",
    "audit.requests.jobs",
    "notices.jobs",
    "portal.jobs",
    "labs.hours.jobs",
    "labs.exchange.jobs",
    "labs.expiries.jobs",
    "billing.ledger.jobs",
    "billing.payments.jobs",
    "billing.payouts.jobs",
    "billing.vouchers.jobs",
    "bookings.availability.jobs",
    "bookings.discovery.jobs",
    "bookings.rentals.jobs",
    "bookings.board.jobs",
    "bookings.waitlist.jobs",
]
"""Where tasks are: the `jobs.py` of steps, which the worker imports; periodic ones run nowhere else."""
JOBS_KEPT_DAYS = int(os.environ.get("GONGHENG_JOBS_KEPT_DAYS", "3"))
FAILED_JOBS_KEPT_DAYS = int(os.environ.get("GONGHENG_FAILED_JOBS_KEPT_DAYS", "30"))
"""For how many days jobs are kept that succeeded, and that failed or were called off."""

# --- REST ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.ByAccessRule"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "PAGE_SIZE": 20,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gongheng 公衡",
    "DESCRIPTION": "The common scale: find, book and share the quality infrastructure of a city.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.schema.with_problems"],
}

LOG_LEVEL = os.environ.get("GONGHENG_LOG", "WARNING" if DEMO or TESTING else "INFO")
LOGGING = logs.settings(level=LOG_LEVEL, readable=DEMO or TESTING)
