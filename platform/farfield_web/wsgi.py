"""The site as a WSGI application. It refuses to start with a configuration that is not safe to serve."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farfield_web.settings")
django.setup()

# The settings must be loaded first, and the static files gathered before the application looks for them.
from farfield_web.checks import refuse_unsafe  # noqa: E402
from farfield_web.installed import log_suites  # noqa: E402
from farfield_web.statics import gather  # noqa: E402

refuse_unsafe()
log_suites()
gather()

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
