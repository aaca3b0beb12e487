"""The one settings file. Every variable comes through `env.py`; empty settings are safe settings."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from clinic import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What the operator decides -----------------------------------------------------------------------------------
LOCAL = env.flag("LOCAL", default=False)  # one machine, plain http, letters kept in files: `make run` and the tests
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.required("SECRET_KEY", "write 50 random characters, and keep them")
_bind, _port = env.text("BIND", "127.0.0.1"), env.number("PORT", 8000, least=1)
SITE_URL = env.origin("SITE_URL", f"http://{_bind}:{_port}" if LOCAL else "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f"127.0.0.1,localhost,{_bind}" if LOCAL else "")
HTTPS = env.flag("HTTPS", default=not LOCAL)
KEYRING = env.keyring("KEYRING_FILE")
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
MEDIA_DIR = Path(env.text("MEDIA_DIR", str(VAR_DIR / "photos")))
SITE_NAME = env.text("SITE_NAME", "The clinic")
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR", default=not LOCAL)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)

# --- The site ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "treatments",
    "patients",
    "clinic.accounts",
    "clinic.messaging",
    "clinic.scheduling",
    "clinic.records",
    "clinic.workspace",
    "clinic.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_include_bootstrap",
    "heroicons",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.accounts.middleware.SessionLimits",
    "clinic.accounts.middleware.SecondFactor",
    "clinic.accounts.middleware.PrivatePages",
    "clinic.accounts.middleware.BrokenSeals",
    "clinic.accounts.handover.HandOver",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.accounts.middleware.FormsAddresses",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "clinic" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.accounts.context.site",
                "clinic.scheduling.context.hold",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- The database ------------------------------------------------------------------------------------------------
# `default` runs the site; `owner` migrates. Both are the same database, so tests see one through the other.
_url = env.required("DATABASE_URL", "write postgresql://user:password@host:5432/name, or use `make run`")
DATABASES: dict[str, Any] = {
    "default": {**env.database("DATABASE_URL", _url), "TEST": {"MIRROR": "owner"}},
    "owner": env.database("DATABASE_OWNER_URL", env.text("DATABASE_OWNER_URL", _url)),
}
ONE_DATABASE_ROLE = DATABASES["default"]["USER"] == DATABASES["owner"]["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_cache_url = env.text("CACHE_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _cache_url}
    if _cache_url
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "clinic.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "clinic.accounts.forms.AddressForm",
    "confirm_login_code": "clinic.accounts.forms.CodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a closed account gets no letter, and the same page
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code itself verifies the address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
MFA_ADAPTER = "clinic.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "clinic.accounts.forms.SecondStepForm",
    "reauthenticate": "clinic.accounts.forms.SecondStepAgainForm",
    "activate_totp": "clinic.accounts.forms.SetUpForm",
    "deactivate_totp": "clinic.accounts.forms.SwitchOffForm",
    "generate_recovery_codes": "clinic.accounts.forms.NewCodesForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Clinic"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Idle and absolute limits (NIST SP 800-63B AAL2: 30 minutes idle, 12 hours in all; staff shorter).
SESSION_IDLE = timedelta(minutes=30)
SESSION_IDLE_STAFF = timedelta(minutes=15)
SESSION_LONGEST = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "clinic.views.csrf_failure"

# --- Booking (a clinic's own figures come from its policy rows; these are the system's) --------------------------
ADULT_AGE = env.number("ADULT_AGE", 18)  # who is younger, or a parent, telephones
HOLD_LASTS = timedelta(minutes=10)
HOLD_LONGEST = timedelta(minutes=60)
HOLDS_PER_ADDRESS = 8
PROPOSAL_LASTS = timedelta(hours=24)  # another time for a visit that lies in closed time
OFFER_LASTS = timedelta(hours=4)  # a time that is offered to somebody on the waitlist
EMERGENCY_LASTS = timedelta(minutes=60)  # a record that was opened in an emergency
REVIEW_BEFORE = timedelta(hours=48)  # what still waits for a clinician then stands on everybody's day
COVER_LONGEST = timedelta(days=90)  # for a colleague who is away
OUTBOX_COMPOSE = "clinic.letters.compose"
SEALED_STORES = [  # what `reencrypt` walks through
    "patients.resealing.columns",
    "patients.pictures.resealing.files",
    "clinic.accounts.resealing.second_factors",
]

# --- Browser -----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
}
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"

# --- Files, letters, words ---------------------------------------------------------------------------------------
MEDIA_URL = "media/"  # nothing is served there; Django takes an empty one for the whole site
STATIC_URL = "static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "static_root"  # one machine serves them from where they are
STATICFILES_DIRS = [BASE_DIR / "clinic" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = LOCAL  # files may change while they are served

_mail = env.mail("EMAIL_URL")
if not _mail and not LOCAL:
    raise env.SettingError("EMAIL_URL", "is not set; write smtp://user:password@host:587")
MAILBOX = not _mail  # letters go to files, and a page of this machine shows them
EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if MAILBOX else 'smtp'}.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10
globals().update(_mail)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "clinic@example.org")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "clinic" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # pages name the location's zone; nothing is shown in this one

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Pictures ----------------------------------------------------------------------------------------------------
PHOTO_BYTES = 10_000_000  # of a file
PHOTO_PIXELS = 40_000_000
PHOTOS_A_DAY = 12  # of one patient by one person
FILE_UPLOAD_HANDLERS = ["patients.pictures.receiving.InMemory"]  # Django's own would write the original to disk, in clear
DATA_UPLOAD_MAX_NUMBER_FILES = 2  # a picture's form has a field for the camera and one for a file
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
