"""Django settings, from the home (`CEAP_HOME`)."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from ceap.kit import sqlite
from ceap.kit.home import SINK_USER, Home

sqlite.install()

HOME = Home.load()
SECRET_KEY = HOME.secret
DEBUG = False
ALLOWED_HOSTS = HOME.allowed_hosts
CSRF_TRUSTED_ORIGINS = [HOME.app_url]
ROOT_URLCONF = "ceap.web.urls"
ASGI_APPLICATION = "ceap.web.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

PACKAGES = [
    "accounts", "jobs", "customers", "events", "catalog", "connectors", "consent", "learning", "segments",
    "content", "channels", "campaigns", "measurement", "reports",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "django_tasks_db",
    *(f"ceap.{name}" for name in PACKAGES),
]
MIDDLEWARE = [
    "ceap.web.transport.strict",
    "django.middleware.security.SecurityMiddleware",
    "ceap.accounts.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ceap.accounts.middleware.Guard",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]


def database(home: Home) -> dict[str, object]:
    """The Django database of the home's store URL."""
    if home.store_file:
        return {
            "ENGINE": "ceap.web.pooled",
            "NAME": str(home.store_file),
            "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": sqlite.PRAGMAS},
        }
    url = urlsplit(home.store_url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": url.port or "",
        "CONN_MAX_AGE": 60,
    }


DATABASES = {"default": database(HOME)}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
CACHES = {
    "default": {  # in the store, so that limits on attempts hold across processes
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

PASSWORD_HASHERS = ["ceap.accounts.hashing.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "ceap.accounts.adapters.NotTheCurrent"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # of links to set a password, in seconds

ACCOUNT_ADAPTER = "ceap.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # administrators vouch for addresses; there is no sign-up
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(HOME.get("trusted_proxies", 0))  # in front, each adding to X-Forwarded-For
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key", "login": "60/m/ip"}
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_reset_password": f"{HOME.app_url}/login",
    "account_reset_password_from_key": HOME.app_url + "/login/set-password/{key}",
}
USERSESSIONS_TRACK_ACTIVITY = True  # noted by accounts.middleware, every few minutes
MFA_ADAPTER = "ceap.accounts.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "CEAP"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HOME.app_url.startswith("https://")  # browsers allow it for localhost only

if HOME.sink:
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
        "127.0.0.1", HOME.sink_port, SINK_USER, HOME.sink_password,
    )  # fmt: skip
else:
    EMAIL_HOST = HOME.get("smtp_host", "")  # empty: no mail about accounts is sent, links are handed over by hand
    EMAIL_PORT = int(HOME.get("smtp_port", 25))
    EMAIL_HOST_USER = HOME.get("smtp_user", "")
    EMAIL_HOST_PASSWORD = HOME.get("smtp_password", "")
EMAIL_USE_TLS = HOME.get("smtp_tls", "") == "starttls"
EMAIL_USE_SSL = HOME.get("smtp_tls", "") == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = HOME.get("smtp_from", f"CEAP <ceap@{urlsplit(HOME.app_url).hostname}>")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = HOME.app_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # browsers then take these cookies from this host alone, and only over TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "ceap.kit.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"ceap": {"level": "INFO"}},
}
