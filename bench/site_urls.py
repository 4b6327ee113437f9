"""The site's addresses, and a view that does one query and says whether it found something."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from farfield_web.submissions.models import Submission


def bare(request: HttpRequest) -> HttpResponse:
    """What a page costs at the least: all middleware, one query by a key, and an answer."""
    there = Submission.objects.filter(pk=request.GET["key"]).exists()
    return HttpResponse("yes" if there else "no")


urlpatterns = [path("bare/", bare), path("", include("farfield_web.urls"))]
