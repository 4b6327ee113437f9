"""What an author may do with an entry whatever became of its runs: withdraw it, and take it back."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView, StrictSerializer
from farfield_web.api.submission_serializers import SubmissionBody
from farfield_web.api.views.accounts import caller
from farfield_web.api.views.submissions import body_of
from farfield_web.entries import verbs
from farfield_web.submissions.models import Submission

ANSWERS: dict[int, Any] = {
    200: SubmissionBody,
    400: ErrorBody,
    401: ErrorBody,
    403: ErrorBody,
    404: ErrorBody,
    409: ErrorBody,
}


class Reason(StrictSerializer):
    """Why an entry is withdrawn; everybody can read it."""

    reason = serializers.CharField()


class Withdrawal(PublicView):
    """Whether an entry is withdrawn by its author."""

    permission_classes = [IsAuthenticated]

    @extend_schema(request=Reason, responses=ANSWERS, operation_id="submissions_withdraw")
    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Take your entry off the boards. It stays readable, with the reason."""
        form = Reason(data=request.data)
        form.is_valid(raise_exception=True)
        verbs.withdraw(get_object_or_404(Submission, pk=number), caller(request), form.validated_data["reason"])
        return Response(body_of(request, number))

    @extend_schema(request=None, responses=ANSWERS, operation_id="submissions_take_back")
    def delete(self, request: Request, number: uuid.UUID) -> Response:
        """Put your withdrawn entry back where it stood."""
        verbs.take_back(get_object_or_404(Submission, pk=number), caller(request))
        return Response(body_of(request, number))
