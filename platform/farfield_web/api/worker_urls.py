"""Addresses below /api/worker/v1."""

from django.urls import path, re_path

from farfield_web.api.errors import not_found
from farfield_web.api.views import confusions, outcomes, pictures, workers

app_name = "worker-api"
urlpatterns = [
    path("announce", workers.Announce.as_view(), name="announce"),
    path("claim", workers.Claim.as_view(), name="claim"),
    path("runs/<uuid:number>/heartbeat", workers.Heartbeat.as_view(), name="heartbeat"),
    path("runs/<uuid:number>/hand-back", workers.HandBack.as_view(), name="hand-back"),
    path("runs/<uuid:number>/introduce", workers.Introduce.as_view(), name="introduce"),
    path("runs/<uuid:number>/upload", workers.UploadedFile.as_view(), name="upload"),
    path("runs/<uuid:number>/outcomes", outcomes.SentOutcomes.as_view(), name="outcomes"),
    path("runs/<uuid:number>/pictures", pictures.SentPictures.as_view(), name="pictures"),
    path("runs/<uuid:number>/confusions", confusions.SentConfusions.as_view(), name="confusions"),
    re_path("", not_found),
]
