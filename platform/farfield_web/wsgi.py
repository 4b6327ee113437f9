"""The site as a WSGI application. It refuses to start with a configuration that is not safe to serve."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farfield_web.settings")
application = get_wsgi_application()

from farfield_web.checks import refuse_unsafe  # noqa: E402 - settings must be loaded first

refuse_unsafe()
