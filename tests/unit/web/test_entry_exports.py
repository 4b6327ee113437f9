"""An entry as other tools and archives take it: an RO-Crate, results for the Hugging Face Hub, and data in pages."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from django.test import Client
from django.utils import timezone
from huggingface_hub import eval_result_entries_to_yaml, parse_eval_result_entries
from rocrate.rocrate import ROCrate
from rocrate_validator.models import ValidationSettings
from rocrate_validator.services import validate
from rocrate_validator.utils.uri import URI
from tests.unit.web.conftest import BOARD, api_error
from tests.unit.web.test_exports import entered as succeeded

from farfield_evaluators.attestation.verify import verified
from farfield_web.accounts.models import User
from farfield_web.entries import verbs
from farfield_web.exports.ro_crate import PROFILE
from farfield_web.exports.signing import LIST, ensure_key
from farfield_web.people.entries import enter
from farfield_web.people.teams import create
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
Call = Callable[..., Any]


@pytest.fixture
def entry(announced: None, person: User) -> Submission:
    return succeeded(person, 0.123456789)


@pytest.fixture
def keys(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of the site's keys, of which there is one."""
    settings.SIGNING_KEYS = str(tmp_path_factory.mktemp("keys"))
    ensure_key(timezone.now())
    return Path(settings.SIGNING_KEYS) / LIST


def crate_of(call: Call, entry: Submission, tmp_path: Path) -> ROCrate:
    answer = call("get", f"submissions/{entry.pk}/ro-crate")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        file.extractall(tmp_path)
    return ROCrate(tmp_path)


def test_a_crate_says_what_was_run_and_holds_what_came_of_it(entry: Submission, call: Call, tmp_path: Path) -> None:
    crate = crate_of(call, entry, tmp_path)
    root = crate.root_dataset
    assert root["conformsTo"].id == PROFILE
    assert root["url"].endswith(f"/submissions/{entry.pk}/")
    action = root["mentions"]
    tool, agent = action["instrument"], action["agent"]
    assert (tool["@type"], tool["name"], tool["softwareVersion"]) == ("SoftwareApplication", "constant", "1.0")
    assert agent["@type"] == "Organization"
    assert action["startTime"] <= action["endTime"]
    assert action["object"].id == "settings.json"
    assert {part.id for part in root["hasPart"]} == {"settings.json", *(part.id for part in action["result"])}
    for part in root["hasPart"]:
        assert (tmp_path / part.id).stat().st_size == int(part["contentSize"])
    assert json.loads((tmp_path / "settings.json").read_text()) == {"bias": 0.5}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's and pyshacl's own
def test_a_crate_is_valid_by_the_profile_that_it_names(
    keys: Path, entry: Submission, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By roc-validator, with the shapes that come with it: nothing is missing that RO-Crate or the profile requires."""
    monkeypatch.setattr(requests.Session, "send", context_from_rocrate)
    crate_of(call, entry, tmp_path)
    assert missing(tmp_path) == []
    metadata = tmp_path / "ro-crate-metadata.json"
    metadata.write_text(re.sub(r'"instrument": \{[^}]*\},?', "", metadata.read_text()))
    assert any("instrument" in text for text in missing(tmp_path))


def context_from_rocrate(session: requests.Session, asked: requests.PreparedRequest, **how: Any) -> requests.Response:
    """No network: the terms of RO-Crate are those that its library ships, of a later version and more of them."""
    answer = requests.Response()
    answer.status_code = 200 if asked.url == "https://w3id.org/ro/crate/1.1/context" else 404
    answer.raw = io.BytesIO((files("rocrate") / "data" / "ro-crate.jsonld").read_bytes())
    answer.headers["Content-Type"] = "application/ld+json"
    answer.request, answer.url = asked, str(asked.url)
    return answer


def missing(crate: Path) -> list[str]:
    """What the validator finds wrong."""
    profile = {"profile_identifier": "process-run-crate-0.5", "validate_profile_checks": False, "no_cache": True}
    found = validate(ValidationSettings(rocrate_uri=URI(str(crate)), **profile))
    return [str(issue.message) for issue in found.get_issues()]


def test_the_figures_of_a_crate_are_as_published(entry: Submission, call: Call, tmp_path: Path) -> None:
    crate_of(call, entry, tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "figures.csv").read_text())))
    told = {(row["metric"], row["domain"]): (row["value"], row["stderr"], row["n"]) for row in rows}
    assert told["accuracy", "id"] == ("0.1235", "0.0123", "9")
    assert "123456" not in "".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file())


def test_signed_results_are_in_it_where_the_site_signs(
    keys: Path, entry: Submission, call: Call, tmp_path: Path
) -> None:
    crate_of(call, entry, tmp_path)
    statement = verified(tmp_path / "signed" / "1.json", keys)
    assert statement["predicate"]["run"]["id"] == str(entry.runs.get().pk)


def test_an_anonymous_entrys_crate_names_nobody(entry: Submission, person: User, call: Call, tmp_path: Path) -> None:
    assert crate_of(call, entry, tmp_path / "named").root_dataset["author"]["name"] == person.username
    verbs.hide_author(entry, person, hide=True)
    assert crate_of(call, entry, tmp_path / "hidden").root_dataset.get("author") is None


@pytest.mark.parametrize("form", ["ro-crate", "eval-results"])
def test_an_entry_that_is_not_done_has_neither(entered: Submission, call: Call, form: str) -> None:
    assert api_error(call("get", f"submissions/{entered.pk}/{form}")) == (409, "submission.no_record")


def test_results_for_the_hub_are_read_by_its_own_library(entry: Submission, call: Call) -> None:
    items = yaml.safe_load(call("get", f"submissions/{entry.pk}/eval-results").content)
    read = parse_eval_result_entries(items)
    assert eval_result_entries_to_yaml(read) == items
    by_task = {one.task_id: one for one in read}
    one = by_task["id.accuracy"]
    assert (one.dataset_id, one.value) == (BOARD, 12.35)
    assert str(one.source_url).endswith(f"/submissions/{entry.pk}/")
    assert one.notes == f"standard error 1.23; track open; trials 1; key {entry.runs.get().comparability_key[:8]}"


def test_the_hub_may_know_the_data_by_another_name(entry: Submission, call: Call) -> None:
    items = yaml.safe_load(call("get", f"submissions/{entry.pk}/eval-results?dataset=vision/ood").content)
    assert {item["dataset"]["id"] for item in items} == {"vision/ood"}
    wrong = call("get", f"submissions/{entry.pk}/eval-results?dataset=vision")
    assert api_error(wrong) == (400, "request.invalid")


def test_the_page_of_a_benchmark_has_its_description_in_it(announced: None, client: Client) -> None:
    text = client.get(f"/benchmarks/{BOARD}/").content.decode()
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(found) == client.get(f"/benchmarks/{BOARD}/croissant.json").json()


def test_files_and_pages_say_for_which_team_an_entry_is(entry: Submission, person: User, client: Client) -> None:
    enter(entry.pk, create(person, "Vision", "team"))
    (row,) = csv.DictReader(io.StringIO(client.get(f"/boards/{BOARD}/board.csv").content.decode()))
    assert (row["owner"], row["team"]) == (person.username, "Vision")
    for address in (f"/submissions/{entry.pk}/", "/methods/constant/", f"/boards/{BOARD}/?columns=author"):
        assert f"{person.username} for Vision" in client.get(address).content.decode(), address
    verbs.hide_author(entry, person, hide=True)
    for address in (f"/submissions/{entry.pk}/", f"/boards/{BOARD}/board.csv", "/methods/constant/"):
        assert "Vision" not in client.get(address).content.decode(), address
