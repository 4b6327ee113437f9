"""Who may come in here: operators; everybody else signs in, or is told that it is not for them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from farfield_web.gate import viewer_of
from farfield_web.operations.deeds.perform import may_operate

View = Callable[..., HttpResponse]


def operators_only(view: View) -> View:
    """Raises PermissionDenied for a person who does not run the site; nobody's browser keeps what it shows."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if not viewer.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not may_operate(viewer):
            raise PermissionDenied("This page is for the operators of the site.")
        return view(request, *args, **named)

    return never_cache(handle)
