"""A form made from a method's configuration schema, so that every method has one without writing it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from farfield.choices import INPUT
from farfield.config import JsonObject, check_config, settings_of
from farfield_web.submissions.written import number

Property = Mapping[str, Any]
PREFIX = "config"
_MESSAGES = {
    "min_value": "Must be at least %(limit_value)s.",
    "max_value": "Must be at most %(limit_value)s.",
    "max_length": "Must be at most %(limit_value)d characters; this has %(show_value)d.",
    "invalid_choice": "%(value)s is not one of the choices.",
}


class ConfigForm(forms.Form):
    """One field for each setting; `cleaned_data` is a configuration that fits the schema.

    A number left empty means its default. With `drawn`, the word for what draws settings, every field may be left
    empty, and `cleaned_data` holds only those that were not: a default must not win over what is drawn.
    Raises nothing: problems stand beside their field.
    """

    def __init__(self, schema: JsonObject, data: Mapping[str, Any] | None = None, *, drawn: str = "") -> None:
        super().__init__(data, prefix=PREFIX)
        self.schema, self.drawn = schema, drawn
        for name, prop in settings_of(schema):
            self.fields[name] = _form_field(name, prop, drawn)

    def clean(self) -> dict[str, Any]:
        values = {
            name: self.schema["properties"][name]["default"] if value is None else value
            for name, value in self.cleaned_data.items()
            if not self.drawn or value not in (None, "")
        }
        for problem in check_config(self.schema, values):
            name, _, reason = problem.partition(": ")
            self.add_error(name if name in self.fields else None, reason)
        return values


def _form_field(name: str, prop: Property, drawn: str) -> forms.Field:
    if name == INPUT and "enum" in prop:
        # What the other fields are follows from it, so it is chosen before they are shown.
        return forms.CharField(widget=forms.HiddenInput, initial=prop["default"], required=False)
    return _left_open(prop, _field(name, prop), drawn) if drawn else _field(name, prop)


def _field(name: str, prop: Property) -> forms.Field:
    label = name.replace("_", " ").capitalize()
    common: dict[str, Any] = {
        "label": label,
        "help_text": help_of(prop),
        "initial": prop["default"],
        "required": False,
        "error_messages": _MESSAGES,
    }
    if "enum" in prop:
        return _choice(prop, common)
    if prop["type"] == "boolean":
        return forms.BooleanField(**common)
    if prop["type"] == "string":
        return forms.CharField(max_length=prop["maxLength"], strip=False, **common)
    common |= {"min_value": prop.get("minimum"), "max_value": prop.get("maximum")}
    return forms.IntegerField(**common) if prop["type"] == "integer" else _Decimal(**common)


def _left_open(prop: Property, field: forms.Field, drawn: str) -> forms.Field:
    """The same field with nothing chosen; a box becomes a choice of three, because it cannot be left empty."""
    if prop["type"] == "boolean" and "enum" not in prop:
        words = {"on": True, "off": False}
        field = forms.TypedChoiceField(
            choices=[(word, word) for word in words],
            coerce=lambda word: words[word],
            empty_value=None,
            required=False,
            label=field.label,
            help_text=field.help_text,
            error_messages=_MESSAGES,
        )
    if isinstance(field, forms.TypedChoiceField):
        field.choices = [("", f"as the {drawn} draws it"), *field.choices]  # type: ignore[misc] # choices are pairs here
        field.empty_value = None
    field.initial = None
    return field


class _Decimal(forms.FloatField):
    """A float that browsers accept at any precision."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "step": "any"}


def _choice(prop: Property, common: dict[str, Any]) -> forms.Field:
    by_text = {str(value): value for value in prop["enum"]}
    return forms.TypedChoiceField(
        choices=[(text, text) for text in by_text],
        coerce=lambda text: by_text[text],
        empty_value=prop["default"],
        **{**common, "initial": str(prop["default"])},
    )


def help_of(prop: Property) -> str:
    """What a setting is for, what it may be, and what it is when left alone."""
    return " ".join(part for part in (_sentence(prop["description"]), bounds_of(prop), default_of(prop)) if part)


def bounds_of(prop: Property) -> str:
    """The allowed range in words; empty when there is none."""
    low, high = prop.get("minimum"), prop.get("maximum")
    if low is not None and high is not None:
        return f"From {number(low)} to {number(high)}."
    if low is not None:
        return f"At least {number(low)}."
    return "" if high is None else f"At most {number(high)}."


def default_of(prop: Property) -> str:
    """The default in words."""
    value = prop["default"]
    if prop["type"] == "boolean":
        return f"Default: {'on' if value else 'off'}."
    return f"Default: {number(value) if value != '' else 'empty'}."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
