"""What a person can do about a failed run, by its stable code. An unknown code falls back to its first part."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A failure's name, and the next step."""

    title: str
    todo: str


_OURS = "It is not your doing. Try again; if it fails again, tell the operator the code and the address of this page."
_CHECK = (
    "Run `farfield check` on it, correct it, and submit its new version; of a method that is installed here, its "
    "operator has to install that."
)

_NEW_FILE = "Correct it, run farfield check on the new file, and submit that."
_NPZ = "Write it anew with numpy.savez, as the benchmark's page describes, and submit that file."


def _advice(title: str, todo: str) -> Advice:
    return Advice(title=title, todo=todo)


_PACKAGE = {
    "plugin.not_a_package": _advice(
        "The file is not a package", "Build one with `python -m build` and send the .whl or the .tar.gz from dist/."
    ),
    "plugin.bad_metadata": _advice("The package's metadata cannot be used", f"The message names them. {_NEW_FILE}"),
    "plugin.no_entry_point": _advice(
        "The package has no Farfield entry point",
        "Add [project.entry-points.farfield] with a name and your module to pyproject.toml, and build it again.",
    ),
    "plugin.duplicate_entry_point": _advice(
        "Two entry points have one name", "Rename or remove one in pyproject.toml, and build the package again."
    ),
    "plugin.archive_too_large": _advice(
        "The archive is too large", "Leave out data and weights that are not needed, and build the package again."
    ),
    "plugin.unsafe_path": _advice(
        "The archive holds an unsafe path", "Build it with a standard tool from a clean folder; do not pack it by hand."
    ),
    "plugin.link": _advice(
        "The archive holds a link", "Replace links in the project by the files they lead to, and build it again."
    ),
    "plugin.wrong_python": _advice(
        "The package needs another Python",
        "Widen requires-python in pyproject.toml, and build a wheel for any Python 3 (py3-none-any) if you can.",
    ),
    "plugin.wrong_platform": _advice(
        "The wheel is for another platform", "Build it for Linux on x86-64, or as py3-none-any, or send the sdist."
    ),
    "plugin.build_failed": _advice(
        "The package could not be built", "The log has the output. Install it in an empty environment to see the same."
    ),
    "plugin.dependencies": _advice(
        "The dependencies cannot be had",
        "Only wheels are installed, on top of this site's own versions: loosen pins, and drop what has no wheel.",
    ),
    "plugin.no_method": _advice(
        "No method was found", "Return at least one MethodSpec from your farfield_methods hook. " + _NEW_FILE
    ),
    "plugin.which_method": _advice(
        "Which method is meant?", "Enter the method's name exactly as its MethodSpec has it, and submit again."
    ),
    "plugin.bad_spec": _advice("The specification cannot be used", f"The message names the part. {_NEW_FILE}"),
    "plugin.name_taken": _advice(
        "The name is taken", "Give your method, or your package, a name that nobody here has yet; then submit it again."
    ),
    "plugin.track_refused": _advice(
        "The track does not allow it", "Submit it to a track that allows what it learned from; the boards list them."
    ),
    "plugin.image_unavailable": _advice(
        "The image cannot be had",
        "Check the digest, and that the registry lets this site read it; or ask the operator.",
    ),
    "plugin.not_allowed": _advice(
        "This site does not take it from there", "Use a registry that the site names, or submit a package instead."
    ),
}
_METHOD = {
    "resources.time": _advice(
        "It took too long",
        "Choose settings that need less time, or declare more minutes in the method's Resources.",
    ),
    "resources.memory": _advice(
        "It ran out of memory",
        "Choose a smaller batch or model, or declare more memory in the method's Resources.",
    ),
    "resources.output": _advice(
        "It wrote too much",
        "Write less to the work folder and to the log. Predictions themselves always fit.",
    ),
    "resources.disk": _advice(
        "It filled its disk", "Write less to the work folder and to /tmp, and remove what is no longer needed."
    ),
    "resources.inspection": _advice(
        "Looking into the file costs too much",
        "Build it anew with a standard tool, without long generated metadata, headers or lists. " + _NEW_FILE,
    ),
    "resources.checkpoints": _advice(
        "The run's checkpoints do not fit",
        "Choose steps and checkpoints as the message asks, or declare more memory in the method's Resources.",
    ),
    "resources.not_offered": _advice(
        "It asks for more than there is", "Declare less memory or fewer minutes in the method's Resources."
    ),
    "plugin.crashed": _advice(
        "The method's process ended without a result",
        "Read the end of the log, then run farfield evaluate on your own machine to see it happen.",
    ),
    "plugin.test_inputs": _advice(
        "The run took the test images in another way",
        "Leave the pipes in test/ to the runner, and predict every image in the order in which they come.",
    ),
    "plugin.labels": _advice(
        "The run asked for labels that it is not given",
        "Keep to the budget, ask for each label once, and in fit alone; the message says which rule was broken.",
    ),
    "plugin.old_runner": _advice(
        "The image holds an older farfield",
        "Build the image anew with the farfield that the message names, and submit its new digest.",
    ),
    "plugin.raised": _advice(
        "The method raised an error",
        "The message and the log say where. Run farfield evaluate with the same settings to reproduce it.",
    ),
    "plugin.bad_config": _advice(
        "The settings do not fit the method",
        "The message names them. Submit again with settings that the method's page, or its own code, allows.",
    ),
    "plugin.protocol": _advice("The method broke its protocol", _CHECK),
    "plugin.broken_import": _advice(
        "The plugin could not be loaded",
        "A package it imports is missing on the worker, or its entry point is wrong. The log has the error.",
    ),
    "plugin.unknown_name": _advice(
        "The worker does not have this method",
        "Choose one from the list of methods, or ask the operator to install the plugin.",
    ),
    "plugin.base_phase": _advice(
        "The base phase is a run of its own",
        "Give the method `save_base` and `load_base` beside `fit_base`, and save plain files: see the plugin guide.",
    ),
    "plugin.wrong_inputs": _advice(
        "The benchmark has no features for it",
        "Submit a method that takes images, or choose a benchmark whose images are always the same.",
    ),
    "plugin.wrong_family": _advice(
        "The method is of another family",
        "Submit it to a benchmark of its own family; its page lists them.",
    ),
    "benchmark.withdrawn": _advice(
        "The benchmark has changed",
        "Submit to its present version; results of different versions are never compared.",
    ),
    "method.renamed": _advice(
        "The method has another name now",
        "Submit it under the name, and with the setting, that the message gives: it is the same method.",
    ),
}
_PREDICTIONS = {
    "predictions.invalid": _advice(
        "The predictions could not be scored",
        "Every test image needs finite numbers of the right shape; the message says what is wrong, and where.",
    ),
    "predictions.changed": _advice(
        "Predictions were changed afterwards",
        "Leave the arrays in the output folder to the runner; what was predicted for an image stays.",
    ),
    "predictions.not_a_file": _advice("The file is not a .npz", _NPZ),
    "predictions.missing_ids": _advice("Examples are missing", "Give each example once. " + _NPZ),
    "predictions.duplicate_ids": _advice("Examples come twice", "Give each example once. " + _NPZ),
    "predictions.unknown_ids": _advice("There are unknown examples", "Take the ids from the benchmark's list. " + _NPZ),
    "predictions.not_finite": _advice(
        "There are NaN or infinite numbers", "Look for overflow or a division by zero where the predictions are made."
    ),
    "predictions.too_large": _advice(
        "The file is too large", "Keep one row for each example, and nothing else. " + _NPZ
    ),
    "predictions.members": _advice("The file holds other arrays", "Name the arrays as the benchmark does. " + _NPZ),
    "predictions.dtype": _advice("An array is of the wrong type", "Convert it with .astype before saving. " + _NPZ),
    "predictions.shape": _advice("An array has the wrong shape", "The message has both shapes. " + _NPZ),
}
_FOLDER = "Run farfield score domainbed on the folder until it prints a table, then farfield submit."
_RECORDS = {
    "records.invalid": _advice("The records have several faults", f"The message names each. {_FOLDER}"),
    "records.not_a_zip": _advice("The file is no zip of run folders", "Let farfield submit --records make it."),
    "records.empty": _advice("There are no records", f"Give the folder above the run folders. {_FOLDER}"),
    "records.unreadable": _advice("A file of records cannot be read", f"The message names it. {_FOLDER}"),
    "records.not_json": _advice("A line of the records is broken", f"The message names it. {_FOLDER}"),
    "records.missing_key": _advice("A record lacks a key", f"Hand in what the runs wrote, unchanged. {_FOLDER}"),
    "records.bad_value": _advice("A record holds a wrong value", f"Hand in what the runs wrote, unchanged. {_FOLDER}"),
    "records.wrong_length": _advice("A record or run has another length", f"The message has both. {_FOLDER}"),
    "records.unknown_dataset": _advice("The data set is not known", "The list of benchmarks has those that are."),
    "records.duplicate": _advice("Records are there twice", f"Keep one of the two that the message names. {_FOLDER}"),
    "records.mixed": _advice("Several entries are mixed", "Hand in one method, run with one set of settings."),
    "records.unfinished": _advice("Runs are missing", f"Let all of them run to their ends. {_FOLDER}"),
    "records.wrong_benchmark": _advice("The records are of another data set", "Submit them to its own benchmark."),
    "records.wrong_tier": _advice(
        "The records do not make up the tier", "Choose the tier that was run, and run all of it."
    ),
}
_SCORED = "Run farfield score wilds on the folder until it prints a table, then farfield submit."
_WILDS = {
    "folder.invalid": _advice("The folder has several faults", f"The message names each. {_SCORED}"),
    "folder.not_a_zip": _advice("The file is no zip of predictions", "Let farfield submit --predictions make it."),
    "folder.empty": _advice("There are no predictions", f"Give the folder that the files lie in. {_SCORED}"),
    "folder.missing": _advice("A split or replicate is missing", f"The message names each file. {_SCORED}"),
    "folder.extra": _advice("A file does not belong there", f"Take it out, or mend its name. {_SCORED}"),
    "folder.twice": _advice("A split and replicate is there twice", f"Keep one file of each. {_SCORED}"),
    "folder.unreadable": _advice("A file of predictions cannot be read", f"The message names it. {_SCORED}"),
    "folder.length": _advice("A file has another length", f"Predict every example once. {_SCORED}"),
    "folder.unsorted": _advice("A file has an index", f"Write predictions alone, in the data set's order. {_SCORED}"),
    "folder.not_numbers": _advice("A line holds no numbers", f"Write no header, and finite numbers. {_SCORED}"),
    "folder.pickled": _advice("A file is pickled", f"Write numbers as text. {_SCORED}"),
    "folder.undefined": _advice("A figure is undefined", "Predict something that varies between examples."),
    "folder.wrong_benchmark": _advice("It is of another data set", "Choose the benchmark of that data set."),
}
_BY_CODE = {**_PACKAGE, **_METHOD, **_PREDICTIONS, **_RECORDS, **_WILDS}
_BY_PREFIX = {
    "resources": Advice(title="It used more than it may", todo="Choose settings that need less, or declare more."),
    "plugin": Advice(title="The method failed", todo=_CHECK),
    "predictions": Advice(title="The predictions could not be scored", todo=_CHECK),
    "records": Advice(title="The records cannot be scored", todo=_FOLDER),
    "run": Advice(title="The run was ended", todo="Try again if you still want the result."),
}
_FALLBACK = Advice(title="The platform failed", todo=_OURS)


def advice_for(code: str) -> Advice:
    """The advice for a failure code; platform failures are ours and say so."""
    return _BY_CODE.get(code) or _BY_PREFIX.get(code.partition(".")[0], _FALLBACK)
