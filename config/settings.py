"""Settings; every difference between two installations comes from the environment."""

import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from config import api, logs
from config.environment import load_runtime

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where we are -------------------------------------------------------------------------------
DATA_DIR = Path(env.str("ROTATION_DATA", default=str(BASE_DIR / "var"))).resolve()
load_runtime(DATA_DIR)
# The zones of the pinned tzdata package, never the machine's: invitations and pages must agree.
zoneinfo.reset_tzpath(to=())

ROTATION_DEMO = env.bool("ROTATION_DEMO", default=False)
ROTATION_PORT = env.int("ROTATION_PORT", default=8000)
PUBLIC_URL = env.str("ROTATION_PUBLIC_URL", default=f"http://localhost:{ROTATION_PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    message = "ROTATION_PUBLIC_URL must be a whole address such as https://rundgang.example.org"
    raise ImproperlyConfigured(message)

# --- Security -----------------------------------------------------------------------------------
SECRET_KEY = env.str("ROTATION_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.list(
    "ROTATION_ALLOWED_HOSTS", default=[_public.hostname, "localhost", "127.0.0.1", "[::1]"]
)
_https = _public.scheme == "https"
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
# Under https one reverse proxy stands before us; the limits of sign-in count its visitors apart.
ALLAUTH_TRUSTED_PROXY_COUNT = int(_https)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # Widths of bars and grid columns are data; scripts and style sheets stay strict.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Hosts inside the house that webhooks and calendar feeds may ask, by http too: "hooks.intern".
PRIVATE_HOSTS = env.list("ROTATION_PRIVATE_HOSTS", default=[])
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Django -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "rest_framework",
    "accounts",
    "rotation",
]
MIDDLEWARE = [
    "rotation.web.middleware.BodySwallowed",
    "rotation.web.middleware.KeptByTheReader",
    # Around all that answers by itself: files, redirects to https, unknown hosts.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.UserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rotation.web.navigation.navigation",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "rotation.templatetags.rundgang",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, broker, cache --------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
if "postgresql" not in DATABASES["default"]["ENGINE"]:
    message = "DATABASE_URL must name a PostgreSQL server (15 or newer)"
    raise ImproperlyConfigured(message)
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A server that is gone without a word is given up after seconds, not after libpq's minutes.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    **DATABASES["default"].get("OPTIONS", {}),
}
# Each select box of a form would open a cursor of its own; poolers do not know them either.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "rundgang",
        "OPTIONS": {"socket_timeout": 2},  # connecting included
    }
}

# --- Sign-in ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "overview"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Rundgang"
# Addresses come from the administrator or an import; nobody confirms them by mail.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Nobody makes us write to an address that is not a user's.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False

# --- Languages, time ----------------------------------------------------------------------------
LANGUAGE_CODE = env.str("ROTATION_LANGUAGE", default="de")
LANGUAGES = [("de", _("German")), ("en", _("English"))]
if LANGUAGE_CODE not in dict(LANGUAGES):
    message = "ROTATION_LANGUAGE must be de or en"
    raise ImproperlyConfigured(message)
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.str("ROTATION_TIME_ZONE", default="Europe/Berlin")
if TIME_ZONE not in zoneinfo.available_timezones():
    message = "ROTATION_TIME_ZONE must be a zone of the tz database, such as Europe/Berlin"
    raise ImproperlyConfigured(message)

# --- Static files -------------------------------------------------------------------------------
STATIC_URL = "static/"
# Served from where the packages keep them; nothing is collected.
WHITENOISE_USE_FINDERS = True

# --- Mail ---------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25"))
EMAIL_TIMEOUT = 20
MAIL_FROM = env.str("ROTATION_MAIL_FROM", default="rundgang@example.org")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"Rundgang <{MAIL_FROM}>"
ICS_ATTACHMENT = env.bool("ROTATION_ICS_ATTACHMENT", default=False)
INBOUND_IMAP_URL = env.str("ROTATION_INBOUND_IMAP_URL", default="")
INBOUND_SMTP_PORT = env.int("ROTATION_INBOUND_SMTP_PORT", default=0)
AUTHSERV_ID = env.str("ROTATION_AUTHSERV_ID", default="")

# --- Celery -------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "rundgang:",
    # Longer than the longest task; swept every 5 s, not every 100 s.
    "visibility_timeout": 150,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A broker that is gone without a word is noticed: a worker would wait for it for ever.
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "health_check_interval": 5,
}
# A worker serves both; where -Q gives each its own, a long import never delays a mail.
CELERY_TASK_QUEUES = [Queue("celery", routing_key="celery"), Queue("mail", routing_key="mail")]
CELERY_TASK_ROUTES = {"rotation.relay_mail": {"queue": "mail"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A relay takes a minute at most, and one more where it waits for the database to come back.
CELERY_TASK_TIME_LIMIT = 140
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A relay that the broker leaves in the middle finishes its mail: cancelled between the server's 250
# and our commit, the mail would leave twice. What then runs once more finds nothing to do.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "config.celery.BeatScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# Every how many seconds beat calls each step; a call that came to nothing expires with the next.
_BEAT = {
    "relay_mail": 3,
    "send_invites": 60,
    "send_webhooks": 5,
    "receive_replies": 30,
    "promote_waiting": 60,
    "remind_approvers": 60,
    "close_day": 3600,
    "read_feeds": 300,
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": f"rotation.{name}", "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in _BEAT.items()
}

# --- API, logs ----------------------------------------------------------------------------------
REST_FRAMEWORK = api.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api.SPECTACULAR_SETTINGS
LOGGING = logs.LOGGING
# Requests a minute of one token or one session; 0: no limit.
API_PER_MINUTE = env.int("ROTATION_API_PER_MINUTE", default=12_000)
