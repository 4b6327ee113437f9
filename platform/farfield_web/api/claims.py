"""What an author says that uploaded predictions learned from, as the API takes it."""

from typing import Any

from rest_framework import serializers

from farfield import training_data
from farfield.departures import DEPARTURES
from farfield.described import LISTS
from farfield.errors import SpecError
from farfield_web.api.strict import StrictSerializer
from farfield_web.errors import SubmissionError
from farfield_web.submissions.request import Claims
from farfield_web.words import capitalised


class TrainingDataForm(StrictSerializer):
    """A data set that something of the method was trained on, and the benchmarks whose images are in it."""

    name = serializers.CharField(max_length=200)
    role = serializers.ChoiceField(choices=training_data.ROLES, required=False, default="pretraining")
    contains = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)
    version = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ClaimsForm(StrictSerializer):
    """What predictions were allowed to learn from."""

    backbone = serializers.CharField(max_length=200)
    pretraining = serializers.ListField(child=serializers.CharField(max_length=300), required=False, default=list)
    extra_data = serializers.ListField(child=serializers.CharField(max_length=300), required=False, default=list)
    departs = serializers.ListField(
        child=serializers.ChoiceField(choices=list(DEPARTURES)),
        required=False,
        default=list,
        help_text="In what it leaves the rules of the benchmark's authors, where they have some.",
    )
    training_data = TrainingDataForm(
        many=True,
        required=False,
        allow_null=True,
        default=None,
        help_text="Of which benchmarks there are images in it; null is unknown, and an empty list says: of none.",
    )


def claims_in(values: dict[str, Any]) -> Claims:
    """Claims of a valid form. Raises SubmissionError for training data that cannot be read."""
    try:
        known = training_data.read(values["training_data"])
    except SpecError as error:
        raise SubmissionError("claims.invalid", f"{capitalised(str(error))}.", "claims.training_data") from error
    lists = {name: tuple(values[name]) for name in LISTS}
    return Claims(backbone=values["backbone"], training_data=known, **lists)
