"""/.well-known/farfield-keys.json: the public keys by which signed results of this site are checked."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from farfield_web.exports.signing import public_keys


@require_safe
def published_keys(request: HttpRequest) -> JsonResponse:
    """All keys that ever signed here, oldest first, with the times in which they sign."""
    return JsonResponse({"keys": [key.as_json() for key in public_keys()]})
