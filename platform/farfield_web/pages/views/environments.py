"""What is installed where packages run, for who writes one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_web.submissions.environments import environments


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The base environments of the workers that take packages at present."""
    found = [
        {**base, "platform": base["platforms"][0] if base["platforms"] else "", "rows": base["distributions"].items()}
        for base in environments()
    ]
    return render(request, "pages/environments.html", {"section": "submit", "environments": found})
