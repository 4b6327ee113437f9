"""What a benchmark asks of every entry: questions as its hosts write them, and the answers held to them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from farfield.packaging.plain import text_problem
from farfield_web.errors import HostingError, SubmissionError

KINDS = {"yes-no": "yes or no", "text": "a line of text", "choice": "one of several"}
MOST_QUESTIONS, MOST_CHOICES = 20, 20
LONGEST_TITLE, LONGEST_CHOICE, LONGEST_ANSWER = 150, 60, 200
KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
Answer = str | bool
Answers = dict[str, Answer]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question on the form of submission. `key` names its answer in the API; `on_board` shows it beside entries."""

    key: str
    title: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    on_board: bool = False

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "choices": list(self.choices)}

    @property
    def wants(self) -> str:
        """What an answer is, in words."""
        return f"one of: {', '.join(self.choices)}" if self.kind == "choice" else KINDS[self.kind]


def read_questions(given: object) -> tuple[Question, ...]:
    """Questions from JSON. Raises HostingError `hosting.bad_question` that names the one at fault."""
    if not isinstance(given, list) or len(given) > MOST_QUESTIONS:
        raise _bad(f"Questions are a list of at most {MOST_QUESTIONS}.")
    questions = tuple(_read(each, number) for number, each in enumerate(given, 1))
    keys = [question.key for question in questions]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise _bad(f"Two questions have the key {twice!r}.")
    return questions


def check_answers(questions: Sequence[Question], given: Mapping[str, object]) -> Answers:
    """The answers, in the order of the questions; what was not answered is left out.

    Raises SubmissionError `answers.unknown` or `answers.invalid` that names the question.
    """
    unknown = next((key for key in given if key not in {question.key for question in questions}), None)
    if unknown is not None:
        asked = ", ".join(question.key for question in questions) or "nothing"
        text = f"Nothing called {unknown[:40]!r} is asked here; asked is: {asked}."
        raise SubmissionError("answers.unknown", text, "answers")
    answers = {question.key: _answer(question, given.get(question.key)) for question in questions}
    return {key: answer for key, answer in answers.items() if answer is not None}


def _answer(question: Question, given: object) -> Answer | None:
    text = given.strip() if isinstance(given, str) else given
    if text is None or text == "":
        if question.required:
            raise _no(question, "it needs an answer")
        return None
    if question.kind == "yes-no":
        if not isinstance(text, bool):
            raise _no(question, "it is answered by true or false")
        return text
    problem = text_problem(text, LONGEST_ANSWER)
    if problem:
        raise _no(question, problem)
    if question.kind == "choice" and text not in question.choices:
        raise _no(question, f"it is {question.wants}")
    return str(text)


def _no(question: Question, problem: str) -> SubmissionError:
    return SubmissionError("answers.invalid", f"{question.title} ({question.key}): {problem}.", "answers")


def _read(given: object, number: int) -> Question:
    if not isinstance(given, dict) or not {"key", "title"} <= set(given) <= set(Question.__dataclass_fields__):
        raise _bad(f"Question {number} has a key and a title, and may have: kind, choices, required, on_board.")
    choices = given.get("choices", [])
    if not isinstance(choices, list | tuple) or not all(isinstance(choice, str) for choice in choices):
        raise _bad(f"Question {number}: choices are a list of texts.")
    question = Question(**{**given, "choices": tuple(choices)})
    checks = (_key_problem, _title_problem, _choices_problem, _flag_problem)
    problem = next(filter(None, (check(question) for check in checks)), "")
    if problem:
        raise _bad(f"Question {number}: {problem}.")
    return question


def _key_problem(question: Question) -> str:
    well = isinstance(question.key, str) and KEY.fullmatch(question.key)
    return "" if well else "a key is lower-case letters, digits and hyphens, at most 40"


def _title_problem(question: Question) -> str:
    problem = text_problem(question.title, LONGEST_TITLE)
    return f"the title cannot be kept: {problem}" if problem else "" if question.title.strip() else "it has no title"


def _choices_problem(question: Question) -> str:
    if not isinstance(question.kind, str) or question.kind not in KINDS:
        return f"there is no kind {question.kind!r}; there are: {', '.join(KINDS)}"
    if (question.kind == "choice") != bool(question.choices):
        return "choices belong to the kind choice, which needs some"
    if len(question.choices) > MOST_CHOICES or len(set(question.choices)) < len(question.choices):
        return f"there may be {MOST_CHOICES} different choices"
    problem = next(filter(None, (text_problem(choice, LONGEST_CHOICE) for choice in question.choices)), "")
    return f"a choice cannot be kept: {problem}" if problem else ""


def _flag_problem(question: Question) -> str:
    flags = (question.required, question.on_board)
    return "" if all(isinstance(flag, bool) for flag in flags) else "required and on_board are true or false"


def _bad(text: str) -> HostingError:
    return HostingError("hosting.bad_question", text, "questions")
