"""Where workers send pictures of the runs that they hold."""

import uuid
from typing import Any, cast

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.parsers import PieceParser
from farfield_web.api.views.workers import WorkerView
from farfield_web.runs import lease
from farfield_web.runs.pictures import LAYERS, MOST_SIDE, MOST_WORDS, Sent, receive


class PictureForm(serializers.Serializer[Any]):
    """Which layer of which picture this is."""

    place = serializers.IntegerField(min_value=0, max_value=1000)
    layer = serializers.ChoiceField(choices=LAYERS)
    width = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    height = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    words = serializers.CharField(max_length=10 * MOST_WORDS)


class SentPictures(WorkerView):
    """The pictures of a run, a layer at a time."""

    parser_classes = [PieceParser]

    def put(self, request: Request, number: uuid.UUID) -> Response:
        """Keep one; 409 tells the worker to stop."""
        form = PictureForm(data=request.query_params)
        form.is_valid(raise_exception=True)
        content: bytes = cast(Any, request.data).get("content", b"")
        with transaction.atomic():
            run = lease.held_run(number, request.headers.get("Farfield-Run-Token", ""))
            receive(run, Sent(content=content, **form.validated_data))
        return Response({"place": form.validated_data["place"], "layer": form.validated_data["layer"]})
