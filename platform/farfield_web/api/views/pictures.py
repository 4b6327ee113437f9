"""Pictures of runs: sent by the worker that holds a run, and listed with what they are about."""

import uuid
from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_evaluators.pictures.about import About
from farfield_evaluators.wire import WireError
from farfield_web.api.parsers import PieceParser
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.workers import WorkerView
from farfield_web.runs import lease
from farfield_web.runs.models import Run, RunPicture
from farfield_web.runs.pictures import LAYERS, MOST_SIDE, MOST_WORDS, Layers, Sent, pictures_of, receive


class PictureForm(serializers.Serializer[Any]):
    """Which layer of which picture this is."""

    place = serializers.IntegerField(min_value=0, max_value=1000)
    layer = serializers.ChoiceField(choices=LAYERS)
    width = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    height = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    words = serializers.CharField(max_length=10 * MOST_WORDS)
    about = serializers.JSONField(binary=True, required=False)

    def validate_about(self, value: Any) -> About:
        """As the worker has it. Raises ValidationError for another form."""
        try:
            about: About = About.read(value, "about")
        except WireError as error:
            raise serializers.ValidationError(str(error)) from error
        return about


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


class LayerBody(serializers.Serializer[Any]):
    """A picture that lies over an image, and what it shows in words."""

    address = serializers.SerializerMethodField()
    words = serializers.CharField()

    def get_address(self, one: RunPicture) -> str:
        return one.address


class AboutBody(serializers.Serializer[Any]):
    """Which test image it is, and what was said of it; `right` is null where nothing is, or is not shown.

    `why` is chance (as every entry has it), further, or mistake. `value` is a classifier's confidence, and of an OOD
    detector the share of in-distribution images with a lower score.
    """

    domain = serializers.CharField()
    example = serializers.IntegerField(help_text="Its place in the pack.")
    why = serializers.CharField()
    said = serializers.CharField()
    truth = serializers.CharField()
    right = serializers.BooleanField(allow_null=True)
    value = serializers.FloatField(allow_null=True)


class PictureBody(serializers.Serializer[Any]):
    """A test image. Of a detector of objects `said` lies over it, and `truth` where its benchmark shows that."""

    image = serializers.SerializerMethodField()
    width = serializers.IntegerField(source="image.picture.width")
    height = serializers.IntegerField(source="image.picture.height")
    about = AboutBody(allow_null=True)
    said = LayerBody(allow_null=True)
    truth = LayerBody(allow_null=True)

    def get_image(self, one: Layers) -> str:
        return one.image.address


class Pictures(PublicView):
    """The pictures of a run."""

    @extend_schema(responses={200: PictureBody(many=True), 404: ErrorBody}, operation_id="runs_pictures")
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """Test images of a run with what it said of them, as far as its benchmark lets everybody see them."""
        run = get_object_or_404(Run.objects.select_related("submission"), pk=number)
        return Response(PictureBody(pictures_of(run), many=True).data)
