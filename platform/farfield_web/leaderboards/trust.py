"""What is known of an entry's training data against the test data of its benchmark."""

from farfield.errors import SpecError
from farfield_evaluators.seen import Seen, seen
from farfield_web.submissions.claims import read_claims
from farfield_web.submissions.models import Submission

WORDS = {
    Seen.NONE: "no test data seen",
    Seen.IN_DOMAIN: "in-domain data seen",
    Seen.TEST_LIKE: "test-like data seen",
    Seen.UNKNOWN: "unknown what it has seen",
}


def seen_by(submission: Submission) -> Seen:
    """As declared when it was entered; by its method where that was not kept."""
    benchmark = submission.known_benchmark
    if benchmark is None:
        return Seen.UNKNOWN
    spec = submission.method.chosen(submission.config).spec if submission.method else {}
    try:
        return seen(benchmark, read_claims(submission.claims or spec.get("claims", {})).training_data)
    except SpecError:  # kept by a release that read declarations otherwise
        return Seen.UNKNOWN
