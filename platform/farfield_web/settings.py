"""The site's settings. Everything that differs between installations is an environment variable FARFIELD_*."""

import hashlib
from datetime import timedelta
from pathlib import Path

import environ

from farfield_web.account_settings import *  # noqa: F403 - all of them are settings
from farfield_web.account_settings import ACCOUNT_APPS

env = environ.Env()
HERE = Path(__file__).resolve().parent

DEBUG = env.bool("FARFIELD_DEBUG", default=False)
# An empty key makes Django refuse to sign anything; checks.py says so before the first request.
SECRET_KEY = env.str("FARFIELD_SECRET_KEY", default="only-for-development" if DEBUG else "")
ALLOWED_HOSTS = env.list("FARFIELD_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("FARFIELD_SITE_URL", default="http://localhost:8000").rstrip("/")
VAR = Path(env.str("FARFIELD_VAR", default="var"))
# The folder of the keys with which results are signed; below FARFIELD_VAR where it is empty.
SIGNING_KEYS = env.str("FARFIELD_SIGNING_KEYS", default="")

# Workers
WORKER_TOKEN = env.str("FARFIELD_WORKER_TOKEN", default="")
BROKER_URL = env.str("FARFIELD_BROKER_URL", default="")
LEASE_TIME = timedelta(seconds=env.float("FARFIELD_LEASE_SECONDS", default=60.0))
REAP_SECONDS = env.float("FARFIELD_REAP_SECONDS", default=5.0)
WAKE_AGAIN_AFTER = timedelta(seconds=30)
ATTEMPTS_PER_TRY = 3
# A worker not heard of for this long counts as gone; the reaper calls those it has not heard of for half of it.
WORKER_SEEN_WITHIN = timedelta(minutes=10)
# Registries, or registry/path prefixes, from which people may name container images. None: only images that the
# operator loaded, named by their id.
IMAGE_REGISTRIES = env.list("FARFIELD_IMAGE_REGISTRIES", default=[])

# With which a Prometheus server reads /metrics from elsewhere; without it only this machine may.
METRICS_TOKEN = env.str("FARFIELD_METRICS_TOKEN", default="")

# People
QUOTA_SUBMISSIONS = env.int("FARFIELD_QUOTA_SUBMISSIONS", default=50)
QUOTA_WINDOW = timedelta(hours=env.float("FARFIELD_QUOTA_HOURS", default=24.0))
MAX_OPEN_RUNS = env.int("FARFIELD_MAX_OPEN_RUNS", default=60)
# The most runs that one entry may have. The second name is that of releases in which only sweeps had many.
MAX_ENTRY_RUNS = env.int("FARFIELD_MAX_ENTRY_RUNS", default=env.int("FARFIELD_MAX_SWEEP_RUNS", default=2000))
# How many runs of one person may be under way at once; 0 is no limit.
MAX_RUNNING_RUNS = env.int("FARFIELD_MAX_RUNNING_RUNS", default=8)
MAX_UPLOAD_BYTES = env.int("FARFIELD_MAX_UPLOAD_MB", default=256) * 1024 * 1024
# What the uploads of one person may take on disk together.
MAX_STORED_BYTES = env.int("FARFIELD_MAX_STORED_MB", default=4096) * 1024 * 1024

# What is kept of a run example by example; 0 keeps none.
MAX_OUTCOMES_BYTES = env.int("FARFIELD_MAX_OUTCOMES_MB", default=256) * 1024 * 1024
# For how long, where no board stands on it; 0 is for ever.
OUTCOMES_TIME = timedelta(days=_days) if (_days := env.float("FARFIELD_OUTCOMES_DAYS", default=90.0)) else None

# Rendered pages of boards and the like, kept in each web process while nothing changes; 0 keeps none.
KEPT_BYTES = env.int("FARFIELD_KEPT_MB", default=64) * 1024 * 1024

INSTALLED_APPS = [
    "farfield_web.accounts",
    "farfield_web.hosting",
    "farfield_web.people",
    "farfield_web.submissions",
    "farfield_web.runs",
    "farfield_web.entries",
    "farfield_web.leaderboards",
    "farfield_web.exports",
    "farfield_web.contrasts",
    "farfield_web.operations",
    "farfield_web.api",
    "farfield_web.pages",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    *ACCOUNT_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "farfield_web.statics.StaticFiles",
    "corsheaders.middleware.CorsMiddleware",
    "farfield_web.limits.told_limits",
    "farfield_web.middleware.content_security_policy",
    "farfield_web.middleware.told_errors",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "farfield_web.api.reading.tokens_on_pages",
    "farfield_web.middleware.counted_doors",
    "farfield_web.gate.private_boards",
]
ROOT_URLCONF = "farfield_web.urls"
WSGI_APPLICATION = "farfield_web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "farfield_web.pages.footer.links",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("FARFIELD_DATABASE_URL", default="postgres:///farfield")}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["farfield_web.accounts.backends.NameAndPassword"]
AUTH_PASSWORD_VALIDATORS = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
    {"NAME": "farfield_web.accounts.passwords.DistinctCharacters"},
]
# How many, and within how many seconds; 0 is no limit. What is used comes back bit by bit: see accounts/throttle.py.
THROTTLES = {
    "wrong passwords by address": (env.int("FARFIELD_WRONG_PASSWORDS_OF_ADDRESS", default=30), 600),
    "wrong passwords by name": (env.int("FARFIELD_WRONG_PASSWORDS_OF_NAME", default=20), 3600),
    "wrong passwords at home": (env.int("FARFIELD_WRONG_PASSWORDS_AT_HOME", default=10), 600),
    # Generous: a whole course behind one address may sign up.
    "sign-ups": (env.int("FARFIELD_SIGN_UPS_PER_HOUR", default=60), 3600),
    "wrong tokens": (60, 60),
    # A code has six digits and lives for a minute and a half: 20 tries in an hour find one in a hundred years.
    "wrong codes": (20, 3600),
    "codes tried": (60, 3600),
    "letters to a mailbox": (env.int("FARFIELD_LETTERS_TO_MAILBOX", default=6), 3600),
    "letters asked for": (env.int("FARFIELD_LETTERS_PER_HOUR", default=60), 3600),
    "mailed keys": (60, 3600),
    "account changes": (120, 3600),
    "sign-ins from elsewhere": (120, 3600),
    "tokens": (60, 3600),
    "uploads": (env.int("FARFIELD_UPLOADS_PER_HOUR", default=60), 3600),
    "API calls": (env.int("FARFIELD_API_CALLS_PER_MINUTE", default=1200), 60),
}
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# Below every page, such as Documents=https://docs.example.org,Source=https://git.example.org/farfield
LINKS: dict[str, str] = env.dict("FARFIELD_LINKS", default={})

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
# Gathered by the web process when it starts, under names with fingerprints; under their own names from the sources.
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "farfield_web.statics.Fingerprinted"},
}
WHITENOISE_USE_FINDERS = True

# Transport. Behind a proxy that ends TLS, FARFIELD_PROXIES says how many proxies to trust.
HTTPS = env.bool("FARFIELD_HTTPS", default=not DEBUG)
PROXIES = env.int("FARFIELD_PROXIES", default=0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Browsers keep cookies by host, whatever the port: two sites on one host must not sign one another's people out.
_COOKIES = hashlib.sha256(SITE_URL.encode()).hexdigest()[:8]
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"farfield_session_{_COOKIES}", f"farfield_csrf_{_COOKIES}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS and not DEBUG else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "farfield_web.pages.views.errors.forgery"
CSRF_TRUSTED_ORIGINS = env.list("FARFIELD_TRUSTED_ORIGINS", default=[SITE_URL])
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "farfield_web.submissions.receiving.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Pages of other sites may read what anybody may: never with cookies or a token, which preflights do not allow.
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = r"^/(api/v1/.*|\.well-known/.*|.*\.(atom|bib|csv|json|md|parquet|svg|tex))$"
CORS_ALLOW_METHODS = ("GET", "HEAD", "OPTIONS")
CORS_ALLOW_HEADERS = ("accept", "if-none-match")
CORS_EXPOSE_HEADERS = ("ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "Content-Disposition")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "farfield_web.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["farfield_web.api.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "farfield_web.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "farfield_web.api.schema.Described",
    "DEFAULT_THROTTLE_CLASSES": ["farfield_web.api.throttles.ApiCalls"],
    "EXCEPTION_HANDLER": "farfield_web.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    # Three fields are called `kind`: of a submission, of a file, and of a team.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "farfield_web.submissions.kinds.CHOICES",
        "TeamKindEnum": "farfield_web.people.models.KINDS",
        "TeamRoleEnum": "farfield_web.people.models.ROLES",
    },
    "TITLE": "Farfield",
    "DESCRIPTION": "Leaderboards of vision methods under distribution shift that mean what they say.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["farfield_web.api.schema.public_only"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "farfield_web.api.schema.with_errors",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Every few seconds a task is sent, received and done: megabytes a day that say nothing has happened.
    "loggers": {name: {"level": "WARNING"} for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")},
}
