"""What a failure code means, in a sentence for the author of the method. The codes are stable: people rely on them.

Where the platform is at fault there is a sentence for its operator as well, in OPERATOR.
"""

from collections.abc import Mapping

from farfield_web.runs.status import Status
from farfield_web.submissions.kinds import Kind

LOST_WORKER = "platform.lost_worker"
BAD_REPORT = "platform.bad_report"
OTHER_SUITE = "platform.suite_version"
WITHDRAWN = "benchmark.withdrawn"
RENAMED = "method.renamed"
NOBODYS = frozenset({WITHDRAWN, RENAMED})
PLATFORM = "platform.error"
RAISED = "plugin.raised"
TEST_INPUTS = "plugin.test_inputs"
NOT_OFFERED = "resources.not_offered"
CHECKPOINTS = "resources.checkpoints"
INSPECTION = "resources.inspection"
REFUSED_EARLY = "refused before it ran"
HAS_RUN = (Status.RUNNING, Status.SCORING, Status.SUCCEEDED)

_PLUGIN: Mapping[str, str] = {
    "plugin.not_a_package": "The file is neither a wheel nor a source distribution that can be read.",
    "plugin.bad_metadata": "The package's metadata are missing, contradict one another, or cannot be read.",
    "plugin.no_entry_point": "The package has no entry point in the group `farfield`, so no method can be found in it.",
    "plugin.duplicate_entry_point": "The package has two entry points of one name in the group `farfield`.",
    "plugin.archive_too_large": "The archive unpacks to more than is allowed.",
    "plugin.unsafe_path": "The archive holds a path that leads out of it, or that two systems would read differently.",
    "plugin.link": "The archive holds a link or a device; only plain files and folders are taken.",
    "plugin.wrong_python": "The package does not run on the Python version of this platform.",
    "plugin.wrong_platform": "The wheel was built for another operating system or processor.",
    "plugin.build_failed": "The package could not be built or installed; the log has the output.",
    "plugin.dependencies": "The package's dependencies cannot be had as wheels that fit the platform's environment.",
    "plugin.no_method": "The package offers no method to the platform.",
    "plugin.which_method": "It is not clear which method is meant: the package brings several, or not the one named.",
    "plugin.broken_import": "Your plugin could not be imported on the worker; the log has the traceback.",
    "plugin.unknown_name": "The worker that took the run does not have this method installed.",
    "plugin.protocol": "The method returned something its protocol does not allow; run `farfield check` on it.",
    "plugin.bad_config": "The configuration does not fit the method as it is installed on the worker.",
    "plugin.bad_spec": "The method's specification is not usable as written.",
    RAISED: "The method raised an exception; the log has the traceback.",
    TEST_INPUTS: "The run did not take the test images as they are given: in their order, each before the next.",
    "plugin.labels": "The run asked for labels that it cannot have: beyond its budget, twice, or after it predicted.",
    "plugin.crashed": "The method's process ended without a result; the end of the log may say why.",
    "plugin.name_taken": "The name of the method or of its distribution belongs to somebody else.",
    "plugin.base_phase": "The method's base phase cannot be a run of its own, or what it saved cannot be kept.",
    "plugin.wrong_inputs": "The method takes features, which this benchmark cannot give: it makes its images anew.",
    "plugin.wrong_family": "The method is of another family than the benchmark.",
    "plugin.track_refused": "The method learned from what this track does not allow, by its own claims.",
    "plugin.old_runner": "The container image holds an older farfield, which does not know how test images are given.",
    "plugin.image_unavailable": "The container image could not be fetched or is not on the worker.",
    "plugin.not_allowed": "This site does not take what was entered from there.",
}
_PREDICTIONS: Mapping[str, str] = {
    "predictions.invalid": "The predictions cannot be scored: wrong shapes, types or values.",
    "predictions.changed": "Predictions were changed after later test images had been seen.",
    "predictions.not_a_file": "The predictions are not a .npz file that can be read.",
    "predictions.missing_ids": "The predictions leave out examples of the benchmark.",
    "predictions.duplicate_ids": "The predictions hold an example more than once.",
    "predictions.unknown_ids": "The predictions hold examples that the benchmark does not have.",
    "predictions.not_finite": "The predictions hold NaN or infinite numbers, which cannot be scored.",
    "predictions.too_large": "The predictions take more space than those of this benchmark can.",
    "predictions.members": "The file does not hold exactly the arrays that the benchmark asks for.",
    "predictions.dtype": "An array of the predictions is of a type that the benchmark does not take.",
    "predictions.shape": "An array of the predictions has another shape than the benchmark asks for.",
}
_RECORDS: Mapping[str, str] = {
    "records.invalid": "The records have several faults; the message names each.",
    "records.not_a_zip": "The records are not a zip of run folders that can be read.",
    "records.empty": "There is no record in any run folder.",
    "records.unreadable": "A file of records cannot be read.",
    "records.not_json": "A line of the records is not a JSON object.",
    "records.missing_key": "A record lacks what DomainBed's scripts always write.",
    "records.bad_value": "A value in the records is of the wrong type, or outside its range.",
    "records.wrong_length": "A record has another number of environments, or a run other checkpoints, than it must.",
    "records.unknown_dataset": "The records are of a data set that is not known here.",
    "records.duplicate": "A run, or a checkpoint of it, is there twice.",
    "records.mixed": "The records are of several methods or data sets, or of runs with different settings.",
    "records.unfinished": "The records are not of all runs: some, or checkpoints of them, are missing.",
    "records.wrong_benchmark": "The records are of another data set than the benchmark's.",
    "records.wrong_tier": "The records are not exactly the runs and checkpoints of the tier.",
}
_FOLDER: Mapping[str, str] = {
    "folder.invalid": "The folder of predictions has several faults; the message names each.",
    "folder.not_a_zip": "The predictions are not a zip of a folder that can be read.",
    "folder.empty": "There is no file of predictions in the folder.",
    "folder.missing": "The predictions of a split and replicate are missing.",
    "folder.extra": "A file belongs to no split and replicate of the data set.",
    "folder.twice": "Two files have the predictions of one split and replicate.",
    "folder.unreadable": "A file of predictions cannot be read.",
    "folder.length": "A file has more or fewer predictions than there are examples, or lines of another length.",
    "folder.unsorted": "A file has an index beside its predictions, which must be in the data set's own order.",
    "folder.not_numbers": "A line of a file holds something else than finite numbers.",
    "folder.pickled": "A file would have to be unpickled, which is never done.",
    "folder.undefined": "A figure is undefined in a replicate, so that there is no mean of it.",
    "folder.wrong_benchmark": "The predictions are of another data set than the benchmark's.",
}
_RESOURCES: Mapping[str, str] = {
    "resources.time": "The method took longer than its declared time; declare more minutes, or do less.",
    "resources.memory": "The method needed more memory than it declared; declare more, or use smaller batches.",
    "resources.output": "The method wrote more files or more log than allowed.",
    "resources.disk": "The method filled the space it may write to.",
    INSPECTION: "Looking into the file takes more memory or time than any honest file takes; nothing of it was run.",
    CHECKPOINTS: "The run's steps, checkpoints and predictions do not fit together, or not into the memory declared.",
    NOT_OFFERED: "The method declares more memory or minutes than this site allows.",
}
_AGAIN = "Your quota was given back."
_PLATFORM: Mapping[str, str] = {
    PLATFORM: "The platform failed, not your method. This is ours to mend.",
    LOST_WORKER: f"The worker stopped answering, three times in a row. This is ours to mend; {_AGAIN.lower()}",
    BAD_REPORT: f"The worker's report could not be read. This is ours to mend; {_AGAIN.lower()}",
    "platform.bad_job": "The run's inputs could not be read in the sandbox; if it happens again, tell the operator.",
    "platform.no_gpu": "The worker that took the run has no GPU that works. This is ours to mend.",
    "platform.no_sandbox": "The worker that took the run has no sandbox for submitted code. This is ours to mend.",
    "platform.upload_missing": "The site has lost the file that you sent. Send it again; the loss is ours to mend.",
    "platform.upload": "The file that reached the worker is not the one that you sent. This is ours to mend.",
    "platform.benchmark_version": "The worker has another version of the benchmark. This is ours to mend.",
    OTHER_SUITE: "The worker has another version of the benchmark's suite than the site. This is ours to mend.",
    "platform.scorer": "A scorer of the benchmark's suite failed. This is ours to mend.",
    "platform.plan": "The benchmark's plan cannot be followed. This is ours to mend.",
    "platform.features": "Features that the method needs could not be computed. This is ours to mend.",
    "platform.labels": "The labels that the run asked for could not be given. This is ours to mend.",
    "platform.test_inputs": "The test images could not be given to the run. This is ours to mend.",
    "platform.settings": "The worker is set up wrongly. This is ours to mend.",
    "platform.site_unreachable": "The worker could not reach the site. This is ours to mend.",
    "platform.site_refused": "The site refused what its own worker sent. This is ours to mend.",
    "platform.wire": "Worker and site could not read one another. This is ours to mend.",
    "platform.wire_version": "Worker and site are of different releases. This is ours to mend.",
    "platform.sandbox": "The sandbox could not be started. This is ours to mend.",
    "platform.disk": "The worker's disk is full. This is ours to mend.",
    "platform.index_unreachable": "The package index did not answer for the dependencies. This is ours to mend.",
    "platform.no_uv": "The worker cannot build packages. This is ours to mend.",
    "data.pack": "The benchmark's data is missing on the worker, or damaged. This is ours to mend.",
    "data.unreadable_image": "An image of the benchmark cannot be decoded on the worker. This is ours to mend.",
}
SENTENCES: Mapping[str, str] = {
    **_PLUGIN,
    **_PREDICTIONS,
    **_RECORDS,
    **_FOLDER,
    **_RESOURCES,
    **_PLATFORM,
    WITHDRAWN: "The benchmark was withdrawn or replaced by a new version before the run started.",
    RENAMED: "The method got another name before the run started; the message has it.",
}
OPERATOR: Mapping[str, str] = {
    PLATFORM: "A defect: the worker's log has the traceback.",
    LOST_WORKER: "Look at the worker's log and at the machine for crashes, a full memory or a lost network.",
    BAD_REPORT: "Worker and site are probably of different releases; install the same on both.",
    "platform.bad_job": "Worker and runner are of different releases, or the staging folder was changed.",
    "platform.no_gpu": "Check FARFIELD_GPU, the driver and, with Docker, the container toolkit on this worker.",
    "platform.no_sandbox": "Install Docker or bubblewrap on a worker and start it again; its log says what is missing.",
    "platform.upload_missing": "Files below FARFIELD_VAR/uploads are gone; restore them, and keep the folder.",
    "platform.upload": "A file below FARFIELD_VAR/uploads is not what its name, its hash, says; check the disk.",
    "platform.benchmark_version": "Install the same release on the site and on every worker.",
    "platform.scorer": "A defect of the benchmark's suite: the message names the scorer; upgrade the suite everywhere.",
    "platform.plan": "A defect of the benchmark's suite: the message says what its plan does; upgrade it everywhere.",
    OTHER_SUITE: "`farfield suites` on both sides says which is which; the message says which to upgrade.",
    "platform.features": "Look at the worker's log; the backbone's weights may be missing or the memory too small.",
    "platform.labels": "Run `farfield data verify` on the worker; its packs may be damaged, or its disk.",
    "platform.test_inputs": "Run `farfield data verify` on the worker; its packs may be damaged, or its disk.",
    "platform.settings": "The worker's log names the variable to set.",
    "platform.site_unreachable": "Check FARFIELD_SITE_URL and the network between the worker and the site.",
    "platform.site_refused": "Check that FARFIELD_WORKER_TOKEN is the same on both, and that releases are equal.",
    "platform.wire": "Install the same release on both; where it is the same, it is a defect: the worker's log has it.",
    "platform.wire_version": "The message says which side to upgrade.",
    "platform.sandbox": "Run the worker's own check; Docker may be down, or user namespaces may be switched off.",
    "platform.disk": "Make room below FARFIELD_VAR on this worker; built packages can be removed at any time.",
    "platform.index_unreachable": "Check FARFIELD_INDEXES, its certificates, and the network from the worker to it.",
    "platform.no_uv": "Install uv on the worker: it comes with the extra `worker`.",
    "data.pack": "Run `farfield data verify` on the worker, and import the pack again.",
    "data.unreadable_image": "Run `farfield data verify` on the worker, and import the pack again.",
}
# Found before any test image is shown: by inspecting, building, importing and introducing.
INTAKE = (frozenset(_PLUGIN) | {NOT_OFFERED, CHECKPOINTS, INSPECTION}) - {
    RAISED,
    TEST_INPUTS,
    "plugin.labels",
    "plugin.crashed",
    "plugin.unknown_name",
}
# What is deterministic: met twice by one run, exactly so, it comes of what was submitted, or of a defect of ours that
# another worker has too. Everything else of the platform's may be gone the next time.
DEFECTS = frozenset({PLATFORM, BAD_REPORT, "platform.bad_job"})
REPEATED = "It failed twice in exactly the same way, so it is not tried again, and counts: "
# What is wrong is in the file or image that was sent, which a run takes as it is: the same again ends the same way.
_IN_THE_CONTENT = frozenset(
    {
        "plugin.not_a_package",
        "plugin.bad_metadata",
        "plugin.no_entry_point",
        "plugin.duplicate_entry_point",
        "plugin.archive_too_large",
        "plugin.unsafe_path",
        "plugin.link",
        "plugin.no_method",
        "plugin.which_method",
        "plugin.bad_spec",
        "plugin.wrong_inputs",
        "plugin.wrong_family",
        "plugin.track_refused",
    }
)
OURS = "The platform failed, not your method. This is ours to mend."
UNKNOWN = "The run failed; the message and the log say more."


def sentence(code: str) -> str:
    """The sentence of a code; a general one for a code that a newer worker may send; empty for none."""
    if not code:
        return ""
    return SENTENCES.get(code) or (OURS if is_ours(code) else UNKNOWN)


def for_operator(code: str) -> str:
    """What the operator can do; empty when the platform is not at fault."""
    return OPERATOR.get(code, OPERATOR[PLATFORM]) if is_ours(code) else ""


def is_ours(code: str) -> bool:
    """Whether the platform is at fault, by the code's family."""
    return code.startswith(("platform.", "data."))


def is_methods(code: str) -> bool:
    """Whether the method, or its author, is at fault: neither the platform nor what was withdrawn or renamed."""
    return not is_ours(code) and code not in NOBODYS


def unchangeable(kind: str) -> frozenset[str]:
    """The codes with which an entry of this kind fails however often it is tried; none of an installed method's."""
    if kind == Kind.CONFIGURATION:
        return NOBODYS
    of_a_file = frozenset({*_PREDICTIONS, *_RECORDS, *_FOLDER}) if kind == Kind.PREDICTIONS else frozenset[str]()
    return _IN_THE_CONTENT | of_a_file | NOBODYS


def is_free(code: str, kind: str, *, unseen: bool) -> bool:
    """Whether an entry of this kind that ends so gets its quota back; `unseen`: before any image was shown to it.

    A file of predictions or records sees nothing, ever: refused, it costs nothing, wherever that was found out.
    """
    if kind == Kind.PREDICTIONS:
        return code in INTAKE or code.startswith(("predictions.", "records.", "folder."))
    return unseen and code in INTAKE


def quota(code: str) -> str:
    """What a failure does to the quota, as the documentation has it."""
    if code == "platform.bad_job":
        return "counts"
    if is_ours(code) or code in NOBODYS:
        return "given back; twice in the same way, it counts" if code in DEFECTS else "given back"
    if code in INTAKE:
        return "free, unless images were shown"
    if code.startswith(("records.", "folder.")):
        return "free"
    return "free for a file, counts for a method" if code.startswith("predictions.") else "counts"
