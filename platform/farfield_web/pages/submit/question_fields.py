"""What a benchmark asks of every entry, as fields of a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from farfield_web.hosting.questions import LONGEST_ANSWER, Answers, Question

PREFIX = "answer-"
_YES_NO = [("", "-"), ("yes", "Yes"), ("no", "No")]
_OPTIONAL = "Optional."


def fields_of(questions: Sequence[Question]) -> dict[str, forms.Field]:
    """A field for each question, by its name in the form."""
    return {PREFIX + question.key: _field(question) for question in questions}


def answers_of(cleaned: Mapping[str, Any]) -> Answers:
    """The answers of a valid form, by the keys of the questions; what was left open is not there."""
    given = {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)}
    return {key: value for key, value in given.items() if value not in ("", None)}


def _field(question: Question) -> forms.Field:
    about: dict[str, Any] = {"label": question.title, "required": question.required}
    told = [] if question.required else [_OPTIONAL]
    told += ["Shown on the board."] if question.on_board else ["Anyone can read it."]
    about["help_text"] = " ".join(told)
    if question.kind == "yes-no":
        return forms.TypedChoiceField(choices=_YES_NO, coerce=lambda value: value == "yes", empty_value=None, **about)
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", "-"), *((choice, choice) for choice in question.choices)], **about)
    return forms.CharField(max_length=LONGEST_ANSWER, **about)
