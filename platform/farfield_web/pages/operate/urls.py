"""Addresses below /operate/."""

from django.urls import path

from farfield_web.pages.operate import views
from farfield_web.pages.operate.admin import ADMIN

urlpatterns = [
    path("", views.home, name="operate"),
    path("runs/", views.runs, name="operate-runs"),
    path("data/", views.data, name="operate-data"),
    path("people/", views.people, name="operate-people"),
    path("corrections/", views.corrections, name="operate-corrections"),
    path("storage/", views.storage, name="operate-storage"),
    path("audit/", views.audit_log, name="operate-audit"),
    path("do/<slug:name>/", views.deed, name="operate-deed"),
    path("admin/", ADMIN.urls),
]
