"""Where workers send what a run said of each example. There is no address that gives it out."""

import uuid
from typing import Any, cast

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.parsers import PieceParser
from farfield_web.api.views.workers import WorkerView
from farfield_web.runs import example_outcomes, lease


class PieceForm(serializers.Serializer[Any]):
    """Which bytes of which file these are."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    size = serializers.IntegerField(min_value=1, max_value=2**53)
    rows = serializers.IntegerField(min_value=0, max_value=2**53)
    offset = serializers.IntegerField(min_value=0, max_value=2**53)


class SentOutcomes(WorkerView):
    """The outcomes of a run, in pieces."""

    parser_classes = [PieceParser]

    def put(self, request: Request, number: uuid.UUID) -> Response:
        """How many bytes are here, which is where the next piece begins; 409 tells the worker to stop."""
        form = PieceForm(data=request.query_params)
        form.is_valid(raise_exception=True)
        content: bytes = cast(Any, request.data).get("content", b"")
        piece = example_outcomes.Piece(content=content, **form.validated_data)
        with transaction.atomic():
            run = lease.held_run(number, request.headers.get("Farfield-Run-Token", ""), "submission__method")
            return Response({"received": example_outcomes.receive(run, piece)})
