"""The forms of a benchmark's hosts."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms

from farfield_web.errors import HostingError
from farfield_web.hosting.change import LONGEST_SENTENCE, LONGEST_TITLE, MOST_DAYS
from farfield_web.hosting.questions import Question, read_questions
from farfield_web.hosting.rules import INTAKES, Rules
from farfield_web.words import capitalised

_EXAMPLE = '[{"key": "code", "title": "Where is the code?", "kind": "text", "required": true, "on_board": true}]'


class RulesForm(forms.Form):
    """Intake, questions and retention."""

    intake = forms.ChoiceField(choices=[(name, f"{capitalised(name)}: {about}") for name, about in INTAKES.items()])
    sentence = forms.CharField(
        required=False,
        max_length=LONGEST_SENTENCE,
        label="Why it is not open",
        help_text="Optional. Whoever wants to submit reads it.",
    )
    questions = forms.CharField(
        required=False,
        label="Questions",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=f"What every entry is asked, as a JSON list: {_EXAMPLE} A kind is text, yes-no, or choice with its "
        "choices. What was answered stays with its entry when a question goes.",
    )
    keep_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        label="Days to keep files",
        help_text="Logs, pictures and outcomes of entries that ended longer ago are removed; scores never are. "
        "Empty keeps them.",
    )
    hidden_until = forms.DateTimeField(
        required=False,
        label="Hide scores until (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Until then hosts and operators alone see the board, its files, and entries of others.",
    )
    authors_see = forms.BooleanField(
        required=False,
        label="Authors see the scores of their own entries meanwhile",
        help_text="Never their rank.",
    )

    def clean_questions(self) -> list[dict[str, Any]]:
        text = self.cleaned_data["questions"].strip()
        try:
            return [question.as_json() for question in read_questions(json.loads(text) if text else [])]
        except json.JSONDecodeError as error:
            said = f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            raise forms.ValidationError(said) from error
        except HostingError as error:
            raise forms.ValidationError(error.message) from error


class PhaseForm(forms.Form):
    """A further phase; all times are UTC."""

    title = forms.CharField(max_length=LONGEST_TITLE)
    opens_at = forms.DateTimeField(label="Opens (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    closes_at = forms.DateTimeField(
        required=False,
        label="Closes (UTC)",
        help_text="Optional.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    most = forms.IntegerField(
        min_value=0,
        max_value=10_000,
        initial=0,
        label="Entries of a person",
        help_text="0 leaves it to the site's quota.",
    )


def values_of(rules: Rules) -> Mapping[str, Any]:
    """The rules as the form shows them."""
    return {
        "intake": rules.intake,
        "sentence": rules.sentence,
        "questions": questions_text(rules.questions),
        "keep_days": rules.keep_days,
        "hidden_until": rules.hidden_until,
        "authors_see": rules.authors_see,
    }


def questions_text(questions: Sequence[Question]) -> str:
    """As JSON, one question a line."""
    lines = [json.dumps(question.as_json(), ensure_ascii=False) for question in questions]
    return "[\n " + ",\n ".join(lines) + "\n]" if lines else ""


def in_utc(values: Mapping[str, Any]) -> dict[str, Any]:
    """A form's times, which it calls UTC."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in values.items()}
