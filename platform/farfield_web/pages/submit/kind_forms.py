"""The forms of what people bring themselves: a package, predictions, a container image."""

import json
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from farfield import training_data
from farfield.departures import DEPARTURES
from farfield.errors import SpecError
from farfield.packaging.plain import read_json
from farfield.training_data import TrainingData
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.standing import StandingRules
from farfield_web.errors import UserError
from farfield_web.hosting.rules import rules_of
from farfield_web.pages.forms import AboutSubmissionForm
from farfield_web.pages.submit.question_fields import PREFIX, answers_of
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.request import Claims, Request
from farfield_web.words import capitalised

# Which field of the form an error of the site stands beside, where it is called otherwise.
_FIELDS = {"upload": "file", "claims": "backbone"}
_CHOOSE = "Choose a file."


class KindForm(AboutSubmissionForm):
    """What all of them ask. `wanted` is the request, once the form is valid."""

    kind: ClassVar[Kind]
    repeats: Submission | None = None  # the earlier one that a refused form would repeat

    track = forms.ChoiceField(error_messages={"required": "Choose a track.", "invalid_choice": "Choose a track."})

    def __init__(self, benchmark: Benchmark, *data: Any) -> None:
        super().__init__(rules_of(benchmark.name).questions, *data)
        self.benchmark = benchmark
        track: Any = self.fields["track"]
        track.choices = [(one.name, one.title) for one in benchmark.tracks]
        if benchmark.plan.tiers:
            self.fields["tier"] = _tier_field(benchmark)
        if "file" in self.fields:
            self.fields["file"].help_text += f" At most {settings.MAX_UPLOAD_BYTES // 1024**2} MB."

    @property
    def about(self) -> list[forms.BoundField]:
        """What a person may say about the submission."""
        return [
            self["title"],
            self["note"],
            self["team"],
            *(self[name] for name in self.fields if name.startswith(PREFIX)),
        ]

    @property
    def content(self) -> list[forms.BoundField]:
        """The fields of this kind alone."""
        about = {"track", "tier", *(field.name for field in self.about)}
        return [field for field in self.visible_fields() if field.name not in about]

    def explain(self, error: UserError) -> None:
        """Put what the site refuses beside the field at fault, with its code."""
        text = f"{error.message} {error.hint or ''}".strip()
        field = _FIELDS.get(error.field or "", error.field)
        marked = format_html("{} <code>{}</code>", text, error.code)
        self.add_error(field if field in self.fields else None, marked)

    def wanted(self) -> Request:
        """The request of a valid form."""
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in ("track", "title", "note", "team")}
        values["answers"] = answers_of(self.cleaned_data)
        return Request(benchmark=self.benchmark.name, kind=self.kind.value, **values, **self.own_values())

    def own_values(self) -> dict[str, Any]:
        """What the request has besides."""
        names = ("method", "config", "image", "upload", "tier")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def _tier_field(benchmark: Benchmark) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[(one.name, one.title) for one in benchmark.plan.tiers],
        error_messages={"required": "Choose a tier.", "invalid_choice": "Choose a tier."},
    )


class UploadForm(KindForm):
    """A form with a file. A file that was taken before is named by its hash, and need not be sent again."""

    upload = forms.RegexField("^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not values.get("upload") and not self.has_error("file"):
            self.add_error("file", _CHOOSE)
        return values


def _settings_field() -> forms.CharField:
    return forms.CharField(
        required=False,
        label="Settings",
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"}),
        help_text='As a JSON object, such as {"rate": 0.001, "steps": 200}. Those left out take their defaults.',
    )


def read_settings(text: str) -> dict[str, Any]:
    """Settings written as JSON; empty text is none. Raises forms.ValidationError that says where it is wrong."""
    if not text:
        return {}
    try:
        found = read_json(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _bad_settings(
            f"This is not JSON: {error.msg} at {where}. Names and texts stand in double quotes."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _bad_settings(f"These settings cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise _bad_settings('Write an object in braces, such as {"rate": 0.001}.')
    return found


def _bad_settings(text: str) -> forms.ValidationError:
    return forms.ValidationError(format_html("{} <code>config.invalid</code>", text))


class PackageForm(UploadForm):
    """An uploaded wheel or source distribution."""

    kind = Kind.PLUGIN

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="Package",
        help_text="A wheel (.whl) or a source distribution (.tar.gz) with an entry point in the group farfield.",
        widget=forms.FileInput(attrs={"accept": ".whl,.gz,.zip"}),
    )
    method = forms.CharField(
        required=False,
        max_length=60,
        label="Method",
        help_text="Its name, as its MethodSpec has it. Needed only when the package brings several.",
    )
    config = _settings_field()

    def clean_config(self) -> dict[str, Any]:
        return read_settings(self.cleaned_data["config"])


class ContainerForm(KindForm):
    """An image by its digest."""

    kind = Kind.CONTAINER

    image = forms.CharField(max_length=300, label="Image", help_text="By its digest, because a tag can change.")
    method = forms.CharField(
        required=False,
        max_length=60,
        label="Method",
        help_text="Its name, as its MethodSpec has it. Needed only when the image brings several.",
    )
    config = _settings_field()

    def clean_config(self) -> dict[str, Any]:
        return read_settings(self.cleaned_data["config"])


class PredictionsForm(UploadForm):
    """Results made elsewhere, in the benchmark's form; their author says what they were made with."""

    kind = Kind.PREDICTIONS

    file = forms.FileField(required=False, allow_empty_file=True)
    method = forms.CharField(
        max_length=60, label="Method", help_text="A name of your own for it: lower-case letters, digits and hyphens."
    )
    summary = forms.CharField(max_length=200, label="Summary", help_text="What the method does, in one line.")
    backbone = forms.CharField(
        max_length=200, label="Backbone", help_text="The network that it stands on, or none. For example: clip-vit-b16."
    )
    pretraining = forms.CharField(
        required=False,
        max_length=2000,
        label="Pre-training data",
        help_text="The data of every pre-trained part, separated by commas: imagenet-1k, laion-2b. Empty when none.",
    )
    extra_data = forms.CharField(
        required=False,
        max_length=2000,
        label="Extra data",
        help_text="What it learned from beyond the benchmark's own training split, separated by commas.",
    )

    training_data = forms.CharField(
        required=False,
        max_length=5000,
        label="What its training data contains",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One data set a line: name; pretraining, finetuning or adaptation; the benchmarks whose images, or "
        "images of the same origin, are in it, as imagenet-ood or imagenet-ood#sketches. Write: nothing, "
        "if it was trained on nothing else. Left empty, boards say that it is not known what it has seen.",
    )

    def __init__(self, benchmark: Benchmark, *data: Any) -> None:
        super().__init__(benchmark, *data)
        if benchmark.standing is not None:
            self.fields["departs"] = _departs_field(benchmark.standing)
        form = benchmark.handed_in
        if form is not None:
            file = self.fields["file"]
            file.label, file.help_text = form.door.label, f"{form.door.help}{file.help_text}"
            file.widget.attrs["accept"] = form.suffix

    def clean_training_data(self) -> tuple[TrainingData, ...] | None:
        try:
            return training_data.written(self.cleaned_data["training_data"])
        except SpecError as error:
            raise ValidationError(f"{capitalised(str(error))}.") from error

    def own_values(self) -> dict[str, Any]:
        values = self.cleaned_data
        claims = Claims(
            backbone=values["backbone"],
            pretraining=_listed(values["pretraining"]),
            extra_data=_listed(values["extra_data"]),
            departs=tuple(values.get("departs", ())),
            training_data=values["training_data"],
        )
        return {**super().own_values(), "claims": claims, "summary": values["summary"]}


def _departs_field(rules: StandingRules) -> forms.MultipleChoiceField:
    """In what the results leave the rules of the benchmark's authors; nothing that is chosen is standard."""
    asked = [name for name in DEPARTURES if name in (*rules.forbids, *rules.refuses)]
    return forms.MultipleChoiceField(
        required=False,
        choices=[(name, capitalised(DEPARTURES[name])) for name in asked],
        widget=forms.CheckboxSelectMultiple,
        label=f"What leaves the rules of {rules.of}",
        help_text="Leave all of it open where nothing does. What you say stands beside the entry.",
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
