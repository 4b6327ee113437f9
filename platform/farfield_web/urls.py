"""Addresses of the site."""

from django.urls import include, path

from farfield_web.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("farfield_web.api.urls")),
    path("api/worker/v1/", include("farfield_web.api.worker_urls")),
    path("", include("farfield_web.pages.urls")),
]

handler400 = "farfield_web.pages.views.errors.bad_request"
