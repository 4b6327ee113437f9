"""The pages of submissions that people brought: what was run, what the probes found, what stands on the board."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.unit.pages.brought import IMAGE
from tests.unit.pages.content import BOARD, HOSTILE, Site

from farfield_web.pages.submissions.package import probe_sentences
from farfield_web.runs.models import Run
from farfield_web.submissions.models import Method, Submission, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.services]
Brought = dict[str, Submission]


def page(browser: Client, submission: Submission) -> str:
    response = browser.get(reverse("submission", args=[submission.pk]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("state", ["queued", "preparing", "refused", "cancelled"])
def test_before_it_is_introduced_nobody_knows_the_method(client: Client, brought: Brought, state: str) -> None:
    found = page(client, brought[state])
    assert "toy_method-1.0-py3-none-any.whl, not inspected yet" in found
    assert "An uploaded package" in found
    assert "/methods/toy-method/" not in found


@pytest.mark.parametrize(
    ("accepts", "resource", "told"),
    [(["plugin"], "cpu", False), (["configuration"], "cpu", True), (["plugin"], "gpu", True), ([], "cpu", True)],
)
def test_what_nobody_can_run_says_that_it_waits(
    client: Client, brought: Brought, accepts: list[str], resource: str, told: bool
) -> None:
    Worker.objects.update(accepts=accepts, resource=resource)
    assert ("No worker that can run it has been heard of lately" in page(client, brought["queued"])) is told
    assert "heard of lately" not in page(client, brought["running"])


def test_an_installed_method_waits_for_who_has_it(client: Client, site: Site) -> None:
    assert "heard of lately" not in page(client, site.submissions["queued"])
    Worker.objects.update(methods=["another"])
    assert "heard of lately" in page(client, site.submissions["queued"])


def test_while_it_is_built_the_page_says_so(client: Client, brought: Brought) -> None:
    assert "tests its protocol, before any image is shown to it" in page(client, brought["preparing"])


@pytest.mark.parametrize("state", ["running", "failed", "succeeded"])
def test_afterwards_it_has_its_method(client: Client, brought: Brought, state: str) -> None:
    found = page(client, brought[state])
    assert "not inspected yet" not in found
    assert "/methods/toy-method/" in found


def test_what_was_run_is_told(client: Client, brought: Brought) -> None:
    found = page(client, brought["succeeded"])
    upload = brought["succeeded"].upload
    assert upload
    assert f">{upload.sha256[:12]}</code>" in found
    for text in ("toy-method 1.0", "cpython 3.11.7 linux-x86_64", "2 dependencies", "cd" * 32, "the platform's own"):
        assert text in found, text
    assert "<details>" in found


def test_what_the_probes_found_is_told(client: Client, brought: Brought) -> None:
    found = page(client, brought["succeeded"])
    assert "16 images were predicted again." in found
    assert "they differed, which the method declares." in found
    assert "the predictions differed, which the method does not declare." in found
    assert "The largest difference was 0.25." in found
    assert "Protocol probes" not in page(client, brought["running"])


def test_a_method_that_passes_the_probes() -> None:
    probes = {
        "examples": 4,
        "deterministic": True,
        "batch_independent": True,
        "largest_difference": 0.0,
        "declared": {},
    }
    assert probe_sentences(probes)[1:3] == [
        "Repeated, the predictions were the same.", "In other batches and another order, they were the same.",
    ]  # fmt: skip
    assert probe_sentences({"after_training": False})[0].startswith("Test images were predicted while training went on")


def test_the_board_has_the_labels(client: Client, brought: Brought) -> None:
    found = client.get(f"/boards/{BOARD}/").content.decode()
    for label in ("predictions, not run here", "depends on the test batch (declared)", "not deterministic"):
        assert f'<span class="mark">{label}</span>' in found
    assert "not deterministic (declared)" not in found


def test_an_unranked_entry_keeps_its_labels(client: Client, brought: Brought) -> None:
    brought["predictions"].figures.filter(domain="shifts").delete()
    found = client.get(f"/boards/{BOARD}/").content.decode()
    assert '<span class="mark">predictions, not run here</span>' in found[found.index("unranked") :]


def test_lists_name_what_is_not_inspected(ada: Client, brought: Brought) -> None:
    found = ada.get("/account/submissions/").content.decode()
    assert found.count("not inspected yet") == 4


def test_an_image_is_named_by_its_digest(client: Client, brought: Brought) -> None:
    found = page(client, brought["container"])
    assert "boxed, not inspected yet" in found
    assert IMAGE in found
    assert "A container image" in found


def test_predictions_have_no_settings(client: Client, brought: Brought) -> None:
    found = page(client, brought["predictions"])
    assert "Uploaded predictions, not run here" in found
    assert "<h3>Settings</h3>" not in found


def test_methods_say_where_they_come_from(client: Client, ada: Client, brought: Brought) -> None:
    assert "a package of ada" in client.get("/methods/toy-method/").content.decode()
    found = client.get("/methods/elsewhere/").content.decode()
    assert "known by its predictions only" in found
    assert "None" not in found[found.index("<main") :]
    assert "elsewhere" not in client.get("/methods/").content.decode()
    assert ada.get(f"/submit/{BOARD}/with/elsewhere/").status_code == 404


def test_a_refusal_names_code_and_advice(client: Client, brought: Brought) -> None:
    found = page(client, brought["refused"])
    assert "plugin.no_entry_point" in found
    assert "The package has no Farfield entry point" in found


def test_only_the_operator_reads_what_is_for_the_operator(
    ada: Client, client: Client, site: Site, brought: Brought
) -> None:
    assert "Check FARFIELD_GPU" not in page(ada, brought["failed"])
    site.ada.is_staff = True
    site.ada.save()
    assert "Check FARFIELD_GPU" in page(ada, brought["failed"])


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "text",
        {"metadata": [], "dependencies": {"a": 1}, "interpreter": "3", "wheel": 3},
        {"dependencies": [None, 3, {}, {"name": {"a": 1}}, {"name": HOSTILE, "version": HOSTILE}]},
    ],
    ids=str,
)
def test_an_odd_record_breaks_nothing(client: Client, brought: Brought, record: object) -> None:
    Run.objects.filter(submission=brought["succeeded"]).update(environment={"package": record})
    assert "<script>alert" not in page(client, brought["succeeded"])


def test_a_method_that_went_stays_on_its_pages(client: Client, brought: Brought) -> None:
    Method.objects.filter(name="toy-method").update(available=False)
    assert "cannot be submitted" in client.get("/methods/toy-method/").content.decode()
    assert "toy-method" in page(client, brought["succeeded"])
