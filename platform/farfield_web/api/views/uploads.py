"""Files that people send in order to submit them."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.parsers import FileParser
from farfield_web.api.serializers import ErrorBody, NewUpload, UploadBody
from farfield_web.api.strict import PublicView
from farfield_web.api.throttles import ApiCalls
from farfield_web.api.throttles import Uploads as UploadLimit
from farfield_web.api.views.accounts import caller
from farfield_web.submissions import storage
from farfield_web.submissions.receiving import was_too_large
from farfield_web.submissions.uploads import receive


class Uploads(PublicView):
    """Uploads."""

    permission_classes = [IsAuthenticated]
    parser_classes = [FileParser]
    throttle_classes = [UploadLimit, ApiCalls]

    @extend_schema(
        request={"multipart/form-data": NewUpload},
        responses={201: UploadBody, 400: ErrorBody, 401: ErrorBody, 413: ErrorBody, 429: ErrorBody},
        operation_id="uploads_create",
    )
    def post(self, request: Request) -> Response:
        """Send a wheel, a source distribution, predictions or records; inspected, never run.

        Then submit it by its `sha256`. The same content may be sent under other names, as other kinds: what others
        sent, and what you sent before, decides nothing about it.
        """
        form = NewUpload(data=request.data)
        if was_too_large(request._request):
            raise storage.too_large()
        form.is_valid(raise_exception=True)
        upload = receive(caller(request), form.validated_data["file"], form.validated_data.get("kind", ""))
        return Response(UploadBody(upload).data, status=201)
