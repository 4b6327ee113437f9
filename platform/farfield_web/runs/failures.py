"""What a failure code means, in a sentence for the author of the method. The codes are stable: people rely on them."""

from collections.abc import Mapping

LOST_WORKER = "platform.lost_worker"
BAD_REPORT = "platform.bad_report"
WITHDRAWN = "benchmark.withdrawn"

SENTENCES: Mapping[str, str] = {
    LOST_WORKER: "The worker stopped answering, three times in a row. This is ours to mend; your quota was given back.",
    BAD_REPORT: "The worker's report could not be read. This is ours to mend; your quota was given back.",
    WITHDRAWN: "The benchmark was withdrawn or replaced by a new version before the run started.",
    "platform.error": "The platform failed. This is ours to mend; your quota was given back.",
    "platform.bad_job": "The platform staged an incomplete job. This is ours to mend; your quota was given back.",
    "platform.lost_sandbox": "The sandbox ended without an answer. This is ours to mend; your quota was given back.",
    "plugin.broken_import": "Your plugin could not be imported on the worker; the log has the traceback.",
    "plugin.unknown_name": "The worker that took the run does not have this method installed.",
    "plugin.bad_config": "The configuration does not fit the method as it is installed on the worker.",
    "plugin.bad_spec": "The method's specification is not usable as written.",
    "plugin.protocol": "The method returned something its protocol does not allow; run `farfield check` on it.",
    "plugin.error": "The method raised an exception; the log has the traceback.",
    "method.exception": "The method raised an exception; the log has the traceback.",
    "method.timeout": "The method took longer than its declared time; declare more minutes, or do less.",
    "method.memory": "The method needed more memory than it declared; declare more, or use smaller batches.",
    "predictions.invalid": "The predictions cannot be scored: wrong shapes, types or values.",
}
UNKNOWN = "The run failed; the message and the log say more."


def sentence(code: str) -> str:
    """The sentence of a code; a general one for a code that a newer worker may send."""
    return SENTENCES.get(code, UNKNOWN) if code else ""
