from dataclasses import dataclass
from typing import Any

import pytest

from farfield import setting
from farfield.config import schema_of
from farfield_web.pages.submit.config_form import ConfigForm


@dataclass(frozen=True, kw_only=True)
class Config:
    rate: float = setting(1e-3, help="Peak learning rate", ge=0.0, le=1.0)
    steps: int = setting(100, help="Optimiser steps.", ge=1)
    head: str = setting("cosine", help="The head", choices=("cosine", "linear"))
    shots: int = setting(4, help="Shots", choices=(1, 2, 4))
    freeze: bool = setting(True, help="Freeze the backbone")
    prompt: str = setting("", help="A prompt", max_length=20)


VALID = {"rate": "0.5", "steps": "7", "head": "linear", "shots": "2", "freeze": "on", "prompt": "a photo"}


def form(**changes: str | None) -> ConfigForm:
    values = {name: value for name, value in {**VALID, **changes}.items() if value is not None}
    return ConfigForm(schema_of(Config), {f"config-{name}": value for name, value in values.items()})


def test_a_valid_form_gives_typed_values() -> None:
    sent = form()
    assert sent.is_valid()
    assert sent.cleaned_data == {
        "rate": 0.5, "steps": 7, "head": "linear", "shots": 2, "freeze": True, "prompt": "a photo",
    }  # fmt: skip


def test_empty_numbers_take_their_default_and_an_absent_checkbox_is_off() -> None:
    sent = form(rate="", steps=None, shots="", freeze=None, prompt="")
    assert sent.is_valid(), sent.errors
    assert sent.cleaned_data == {
        "rate": 1e-3, "steps": 100, "head": "linear", "shots": 4, "freeze": False, "prompt": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("rate", "2", "at most 1"),
        ("rate", "nan", "Enter a number"),
        ("rate", "1e999", "Enter a number"),
        ("steps", "0", "at least 1"),
        ("steps", "many", "whole number"),
        ("head", "other", "not one of the choices"),
        ("prompt", "x" * 21, "at most 20 characters"),
        ("prompt", "nul\x00byte", "Null characters"),
    ],
)
def test_a_wrong_value_has_its_reason_beside_the_field(name: str, value: str, reason: str) -> None:
    sent = form(**{name: value})
    assert not sent.is_valid()
    assert list(sent.errors) == [name]
    assert reason in " ".join(map(str, sent.errors[name]))


def test_the_form_shows_defaults_bounds_and_help() -> None:
    page = str(ConfigForm(schema_of(Config))["rate"])
    assert 'value="0.001"' in page
    assert 'max="1' in page
    fields: dict[str, Any] = ConfigForm(schema_of(Config)).fields
    assert fields["rate"].help_text == "Peak learning rate. From 0 to 1. Default: 0.001."
    assert fields["steps"].help_text == "Optimiser steps. At least 1. Default: 100."
    assert fields["freeze"].help_text.endswith("Default: on.")
    assert fields["prompt"].help_text.endswith("Default: empty.")


def test_a_method_without_settings_has_an_empty_valid_form() -> None:
    sent = ConfigForm({"type": "object", "properties": {}}, {})
    assert sent.is_valid()
    assert sent.cleaned_data == {}


def drawn(**values: str) -> ConfigForm:
    return ConfigForm(schema_of(Config), {f"config-{name}": value for name, value in values.items()}, drawn="sweep")


def test_of_a_sweep_only_what_was_filled_in_counts() -> None:
    empty = drawn(rate="", steps="", head="", shots="", freeze="", prompt="")
    assert empty.is_valid()
    assert empty.cleaned_data == {}
    some = drawn(rate="0.25", freeze="off", shots="2")
    assert some.is_valid()
    assert some.cleaned_data == {"rate": 0.25, "freeze": False, "shots": 2}


def test_of_a_sweep_a_wrong_value_is_still_wrong() -> None:
    assert not drawn(rate="2").is_valid()
    assert not drawn(freeze="perhaps").is_valid()


def test_of_a_sweep_nothing_is_filled_in_beforehand() -> None:
    form = ConfigForm(schema_of(Config), drawn="sweep")
    assert all(field.initial is None for field in form.fields.values())
    assert "as the sweep draws it" in form.as_p()
