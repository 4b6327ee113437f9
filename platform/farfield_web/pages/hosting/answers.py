"""What authors answered to the questions of a benchmark's hosts, in the words of a page."""

from collections.abc import Sequence

from farfield_web.hosting.questions import Answer, Question
from farfield_web.hosting.rules import questions_of
from farfield_web.submissions.models import Submission

Told = tuple[tuple[str, str], ...]


def answers_of(submission: Submission) -> Told:
    """All answers of an entry with their questions; that of a question that is gone stands behind its key."""
    if not submission.answers:
        return ()
    titles = {question.key: question.title for question in questions_of(submission.benchmark)}
    return tuple((titles.get(key, key), _text(answer)) for key, answer in submission.answers.items())


def asked_on_board(submissions: Sequence[Submission]) -> tuple[Question, ...]:
    """The questions whose answers stand beside these entries, which are of one board; read where one has answers."""
    answered = next((one for one in submissions if one.answers), None)
    if answered is None:
        return ()
    return tuple(question for question in questions_of(answered.benchmark) if question.on_board)


def answers_to(questions: Sequence[Question], submission: Submission) -> Told:
    """Its answers to these questions, as far as it has some."""
    given = submission.answers
    return tuple((question.title, _text(given[question.key])) for question in questions if question.key in given)


def _text(answer: Answer) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer
