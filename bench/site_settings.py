"""The site's settings with one view more: the bare one that pages are held against."""

from farfield_web.settings import *  # noqa: F403

ROOT_URLCONF = "bench.site_urls"
