"""Signed results: what the site signs is what it publishes, with its own key, and `farfield verify` believes it."""

import hashlib
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from tests.unit.web.conftest import api_error, npz, package, report_of, sent, wanted

from farfield_evaluators.attestation.refused import NotBelieved
from farfield_evaluators.attestation.statement import subjects_of
from farfield_evaluators.attestation.verify import verified
from farfield_web.accounts.models import User
from farfield_web.exports.attestation import exact
from farfield_web.exports.signing import ensure_key, public_keys, signer_at
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission, Upload
from farfield_web.submissions.request import Claims
from farfield_web.submissions.rulings import invalidate

pytestmark = [pytest.mark.services, pytest.mark.django_db]
Call = Callable[..., Any]
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FULL = {"metric": "accuracy", "domain": "shifts", "value": 0.123456789, "stderr": 0.0123456789, "n": 20}


def finished(person: User) -> Run:
    submit(person, wanted(config={"bias": 0.25}))
    run = lease.claim("w", "cpu")
    assert run is not None
    store_report(report_of(run, scores=[FULL, {**FULL, "domain": "id"}]))
    run.refresh_from_db()
    return run


def ended(submission: Submission) -> Run:
    """Its run, as if it had ended well without a figure."""
    submission.runs.update(status="succeeded")
    return submission.runs.get()


@pytest.fixture
def key(tmp_path: Path) -> None:
    call_command("signing_key", stdout=StringIO())


@pytest.fixture
def done(announced: None, person: User, key: None) -> Run:
    return finished(person)


def believed(client: Client, run: Run, folder: Path, predictions: Path | None = None) -> dict[str, Any]:
    """What a person who has downloaded the two files reads in them."""
    result, keys = folder / "result.json", folder / "keys.json"
    result.write_bytes(client.get(f"/api/v1/runs/{run.pk}/attestation").content)
    keys.write_bytes(client.get("/.well-known/farfield-keys.json").content)
    return verified(result, keys, predictions)


def test_what_is_signed_is_what_is_published(done: Run, client: Client, tmp_path: Path) -> None:
    told = believed(client, done, tmp_path)["predicate"]
    shown = client.get(f"/api/v1/runs/{done.pk}").json()
    assert told["scores"] == shown["scores"]
    assert told["scores"][0]["value"] == 0.1235
    assert "12345" not in json.dumps(told["scores"])
    assert (told["run"]["seed"], told["run"]["attempt"]) == (shown["seed"], shown["attempt"])
    assert told["benchmark"]["key"] == shown["comparability_key"]
    assert told["data"] == {"fingerprint": "f" * 64}
    assert told["config"]["value"] == {"bias": 0.25}
    assert told["entry"] == {"id": str(done.submission_id), "state": "stands", "reason": ""}
    assert told["builder"]["worker"] == "w"
    assert "ada" not in json.dumps(told), "whose it is belongs to no signed result: an entry may be anonymous"


def test_a_result_names_its_predictions(
    everything: None, key: None, person: User, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "mine.npz"
    file.write_bytes(npz())
    given = sent(person, file, wanted="predictions")
    claims = {"summary": "Mine.", "claims": Claims(backbone="none")}
    run = ended(submit(person, wanted(kind="predictions", method="mine", upload=given.sha256, **claims)))
    statement = believed(client, run, tmp_path, file)
    assert subjects_of(statement)["predictions"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert statement["predicate"]["verified"] is False
    file.write_bytes(b"others")
    with pytest.raises(NotBelieved, match="not what was scored"):
        believed(client, run, tmp_path, file)


def test_a_result_of_an_entry_that_was_taken_off_says_so(done: Run, client: Client, tmp_path: Path) -> None:
    invalidate(done.submission, "trained on test data", "operator")
    entry = believed(client, done, tmp_path)["predicate"]["entry"]
    assert entry["state"] == "off the boards"
    assert "trained on test data" in entry["reason"]


def test_there_is_nothing_to_sign_before_the_scores(run: Run, key: None, call: Call) -> None:
    assert api_error(call("get", f"runs/{run.pk}/attestation")) == (409, "run.no_scores")


def test_a_site_without_a_key_says_so(announced: None, person: User, call: Call, client: Client) -> None:
    assert api_error(call("get", f"runs/{finished(person).pk}/attestation")) == (503, "platform.no_signing_key")
    assert client.get("/.well-known/farfield-keys.json").json() == {"keys": []}


def test_the_command_makes_one_key_that_its_owner_alone_reads(settings: Any) -> None:
    said = [StringIO(), StringIO()]
    for out in said:
        call_command("signing_key", stdout=out)
    assert said[0].getvalue().startswith("made: key ")
    assert said[1].getvalue().startswith("there already: key ")
    (private,) = Path(settings.SIGNING_KEYS).glob("*.pem")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(private.parent.stat().st_mode) == 0o700
    assert "PRIVATE" not in said[0].getvalue()


def test_after_a_rotation_older_results_still_hold_and_the_new_key_signs(tmp_path: Path) -> None:
    first, _ = ensure_key(NOON, tmp_path)
    second, made = ensure_key(NOON + HOUR, tmp_path, rotate=True)
    assert made
    assert [(key.keyid, key.valid_from, key.valid_to) for key in public_keys(tmp_path)] == [
        (first.keyid, NOON, NOON + HOUR),
        (second.keyid, NOON + HOUR, None),
    ]
    assert signer_at(NOON, tmp_path).public_key.keyid == first.keyid
    assert signer_at(NOON + HOUR, tmp_path).public_key.keyid == second.keyid


def test_the_private_half_is_nowhere_in_what_is_published(done: Run, client: Client, settings: Any) -> None:
    (private,) = Path(settings.SIGNING_KEYS).glob("*.pem")
    secret = private.read_text().splitlines()[1]
    assert secret not in client.get("/.well-known/farfield-keys.json").content.decode()


def test_values_without_a_canonical_form_are_made_to_have_one() -> None:
    odd = {"big": 2**60, "none": float("nan"), "deep": [{"far": float("inf")}], "flag": True, "n": 3}
    assert exact(odd) == {"big": str(2**60), "none": None, "deep": [{"far": None}], "flag": True, "n": 3}


def test_a_package_is_named_by_its_hash(
    everything: None, key: None, person: User, wheel: Upload, client: Client, tmp_path: Path
) -> None:
    run = ended(submit(person, package(wheel)))
    assert subjects_of(believed(client, run, tmp_path))["plugin"] == wheel.sha256
