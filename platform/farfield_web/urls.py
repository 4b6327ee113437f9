"""Addresses of the site."""

from django.urls import include, path, re_path

from farfield_web.api.errors import not_found
from farfield_web.exports.published_keys import published_keys
from farfield_web.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path(".well-known/farfield-keys.json", published_keys, name="signing-keys"),
    path("api/v1/", include("farfield_web.api.urls")),
    path("api/worker/v1/", include("farfield_web.api.worker_urls")),
    re_path("^api/", not_found),
    path("", include("farfield_web.pages.urls")),
]

handler403 = "farfield_web.pages.views.errors.forbidden"
handler404 = "farfield_web.pages.views.errors.not_found"
handler500 = "farfield_web.pages.views.errors.failed"
handler400 = "farfield_web.pages.views.errors.bad_request"
