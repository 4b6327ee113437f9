"""The four kinds of submission: what each is, what is refused at once, and what is written."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.unit.web.conftest import BOARD, api_error, found_in, npz, package, report_of, wanted

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError, UploadError, UserError
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease, workers
from farfield_web.runs.introduce import introduce
from farfield_web.runs.offer import Offer
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission, Upload, Worker
from farfield_web.submissions.request import Claims, Request
from farfield_web.submissions.uploads import receive

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ALL = Offer(accepts=frozenset(Kind))
BY_ID = "sha256:" + "a" * 64
BY_DIGEST = f"ghcr.io/ada/method@sha256:{'a' * 64}"


@pytest.fixture
def predictions(person: User) -> Upload:
    return receive(person, SimpleUploadedFile("p.npz", npz()))


def of_predictions(sent: Upload, /, **changes: Any) -> Request:
    return Request(
        **{
            "benchmark": BOARD,
            "kind": "predictions",
            "track": "open",
            "method": "elsewhere",
            "upload": sent.sha256,
            "summary": "Made at home.",
            "claims": Claims(backbone="clip", pretraining=("laion-2b",)),
            **changes,
        }
    )


def container(**changes: Any) -> Request:
    return Request(**{"benchmark": BOARD, "kind": "container", "track": "open", "image": BY_ID, **changes})


def refusal(person: User, request: Request) -> tuple[str, str | None]:
    before = Submission.objects.count(), Method.objects.count()
    with pytest.raises((SubmissionError, UploadError)) as caught:
        submit(person, request)
    assert isinstance(caught.value, UserError)
    assert caught.value.message.endswith((".", "text", "kept")), caught.value.message
    assert (Submission.objects.count(), Method.objects.count()) == before
    return caught.value.code, caught.value.field


def test_a_package_waits_to_be_introduced(entered_package: Submission, wheel: Upload) -> None:
    made = entered_package
    assert (made.kind, made.method, made.method_name, made.upload) == ("plugin", None, "", wheel)
    assert made.heading == "toy_method-1.0-py3-none-any.whl, not inspected yet"
    assert str(made) == "toy_method-1.0-py3-none-any.whl on imagenet-ood/mini"
    assert [run.resource for run in made.runs.all()] == ["cpu"]


def test_predictions_have_a_method_and_one_run(everything: None, person: User, predictions: Upload) -> None:
    made = submit(person, of_predictions(predictions))
    method = Method.objects.get(name="elsewhere")
    assert (made.method, method.origin, method.owner, method.version) == (
        method, "predictions", person, predictions.sha256[:12],
    )  # fmt: skip
    assert (method.summary, method.spec["claims"]["pretraining"]) == ("Made at home.", ["laion-2b"])
    assert made.runs.count() == 1
    assert made.config == {}


def test_predictions_are_marked_on_the_board(everything: None, person: User, predictions: Upload) -> None:
    submit(person, of_predictions(predictions))
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    store_report(report_of(run, seconds={}))
    row = board(find(BOARD)).rows[0]
    assert (row.entry.labels, row.rank) == (("predictions, not run here",), 1)


def test_newer_predictions_of_the_same_person_keep_the_name(
    everything: None, person: User, predictions: Upload
) -> None:
    submit(person, of_predictions(predictions))
    second = receive(person, SimpleUploadedFile("q.npz", npz(other=[1])))
    submit(person, of_predictions(second, summary="Better."))
    method = Method.objects.get(name="elsewhere")
    assert (method.summary, method.submissions.count()) == ("Better.", 2)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"method": ""}, "method.bad_name", "method"),
        ({"method": "Not A Name"}, "method.bad_name", "method"),
        ({"method": "constant"}, "plugin.name_taken", "method"),
        ({"summary": ""}, "predictions.no_summary", "summary"),
        ({"summary": "two\nlines"}, "text.invalid", "summary"),
        ({"summary": "x" * 201}, "summary.too_long", "summary"),
        ({"claims": Claims()}, "claims.invalid", "claims"),
        ({"claims": Claims(backbone="a\x00")}, "claims.invalid", "claims"),
        ({"claims": Claims(backbone="a", pretraining=("",))}, "claims.invalid", "claims"),
        ({"config": {"rate": 1}}, "config.invalid", "config"),
        ({"track": "scratch"}, "track.refused", "track"),
        ({"track": "none"}, "track.unknown", "track"),
        ({"upload": "0" * 64}, "upload.unknown", "upload"),
        ({"kind": "wish"}, "kind.unknown", "kind"),
        ({"kind": "plugin"}, "plugin.not_a_package", "upload"),
    ],
    ids=str,
)
def test_predictions_that_are_refused(
    everything: None, person: User, predictions: Upload, changes: dict[str, Any], code: str, field: str
) -> None:
    assert refusal(person, of_predictions(predictions, **changes)) == (code, field)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"method": "Bad Name"}, "method.bad_name", "method"),
        ({"method": "constant"}, "plugin.name_taken", "method"),
        ({"config": {"a": [1]}}, "config.invalid", "config"),
        ({"config": {"a": None}}, "config.invalid", "config"),
        ({"config": {"a": "\x00"}}, "config.invalid", "config"),
        ({"config": {"\x00": 1}}, "config.invalid", "config"),
        ({"config": {"a": float("nan")}}, "config.invalid", "config"),
        ({"track": "none"}, "track.unknown", "track"),
        ({"upload": ""}, "upload.unknown", "upload"),
        ({"kind": "predictions", "method": "x"}, "predictions.not_a_file", "upload"),
    ],
    ids=str,
)
def test_packages_that_are_refused(
    everything: None, person: User, wheel: Upload, changes: dict[str, Any], code: str, field: str
) -> None:
    assert refusal(person, package(wheel, **changes)) == (code, field)


def test_another_persons_package_cannot_be_submitted(everything: None, other: User, wheel: Upload) -> None:
    assert refusal(other, package(wheel)) == ("upload.unknown", "upload")


def test_an_image_by_the_id_of_one_that_the_operator_loaded(everything: None, person: User) -> None:
    made = submit(person, container())
    assert (made.image, made.method, made.display_name) == (BY_ID, None, BY_ID)
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    introduce(run.pk, run.token, found_in("boxed", distribution="boxed", version="3"))
    method = Method.objects.get(name="boxed")
    assert (method.origin, method.image, method.version) == ("container", BY_ID, "3")


@pytest.mark.parametrize(
    ("image", "registries", "allowed"),
    [
        (BY_DIGEST, [], False),
        (BY_DIGEST, ["ghcr.io"], True),
        (BY_DIGEST, ["ghcr.io/ada/"], True),
        (BY_DIGEST, ["ghcr.io/ad"], False),
        (BY_DIGEST, ["hcr.io", ""], False),
        (f"ada/method@sha256:{'a' * 64}", ["ghcr.io"], False),
        (f"ada/method@sha256:{'a' * 64}", ["docker.io"], True),
        (f"localhost:5000/m@sha256:{'a' * 64}", ["localhost:5000"], True),
        (f"evil.example/ghcr.io/m@sha256:{'a' * 64}", ["ghcr.io"], False),
        ("ghcr.io/ada/method:latest", ["ghcr.io"], False),
        (f"ghcr.io/ada/method@sha256:{'A' * 64}", ["ghcr.io"], False),
        (f"ghcr.io/a;rm -rf /@sha256:{'a' * 64}", ["ghcr.io"], False),
        (f"--privileged@sha256:{'a' * 64}", ["docker.io"], False),
        (f"ghcr.io/ada/../eve@sha256:{'a' * 64}", ["ghcr.io/ada"], False),
        ("", ["ghcr.io"], False),
    ],
)
def test_images_by_digest_from_allowed_registries(
    everything: None, person: User, settings: Any, image: str, registries: list[str], allowed: bool
) -> None:
    settings.IMAGE_REGISTRIES = registries
    if allowed:
        assert submit(person, container(image=image)).image == image
    else:
        assert refusal(person, container(image=image)) == ("plugin.not_allowed", "image")


@pytest.mark.parametrize(
    ("image", "code"),
    [(BY_ID + "\n", "text.invalid"), (f"ghcr.io/{'a' * 300}@sha256:{'a' * 64}", "image.too_long")],
)
def test_an_images_name_is_a_short_line(everything: None, person: User, settings: Any, image: str, code: str) -> None:
    settings.IMAGE_REGISTRIES = ["ghcr.io"]
    assert refusal(person, container(image=image)) == (code, "image")


def test_without_a_worker_for_it_nothing_waits_for_ever(announced: None, person: User, wheel: Upload) -> None:
    assert refusal(person, package(wheel)) == ("platform.no_sandbox", None)
    assert refusal(person, container()) == ("platform.no_sandbox", None)
    submit(person, wanted())


def test_a_worker_that_is_silent_counts_as_gone(everything: None, person: User, wheel: Upload, settings: Any) -> None:
    Worker.objects.update(seen_at=timezone.now() - settings.WORKER_SEEN_WITHIN)
    assert refusal(person, package(wheel)) == ("platform.no_sandbox", None)
    assert refusal(person, wanted()) == ("method.unavailable", "method")
    lease.claim("worker-1", "cpu")
    submit(person, package(wheel))
    submit(person, wanted())


def test_a_packaged_method_needs_a_worker_that_runs_packages(
    entered_package: Submission, person: User, call: Any
) -> None:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    introduce(run.pk, run.token, found_in())
    assert call("get", "methods/toy-method").json()["available"]
    Worker.objects.update(accepts=["configuration"])
    assert refusal(person, wanted(method="toy-method")) == ("platform.no_sandbox", None)
    assert not call("get", "methods/toy-method").json()["available"]


def test_where_only_a_gpu_worker_takes_packages_it_gets_them(announced: None, person: User, wheel: Upload) -> None:
    workers.announced("worker-2", "gpu", [], ["plugin"], {})
    assert submit(person, package(wheel)).runs.get().resource == "gpu"


def test_what_is_known_by_predictions_only_cannot_be_configured(
    everything: None, person: User, predictions: Upload
) -> None:
    submit(person, of_predictions(predictions))
    assert refusal(person, wanted(method="elsewhere")) == ("method.predictions_only", "method")


def test_a_package_may_take_over_its_authors_predictions(
    everything: None, person: User, predictions: Upload, wheel: Upload
) -> None:
    submit(person, of_predictions(predictions, method="toy-method"))
    lease.claim("worker-1", "cpu", ALL)
    submit(person, package(wheel))
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    introduce(run.pk, run.token, found_in())
    assert Method.objects.get(name="toy-method").origin == "package"
    assert refusal(person, of_predictions(predictions, method="toy-method")) == ("plugin.name_taken", "method")


def test_the_same_key_with_another_file_is_another_request(everything: None, person: User, wheel: Upload) -> None:
    first = submit(person, package(wheel), "key")
    assert submit(person, package(wheel), "key") == first
    with pytest.raises(SubmissionError) as caught:
        submit(person, package(wheel, upload="0" * 64), "key")
    assert caught.value.code == "idempotency.reused"


def test_new_fields_do_not_change_the_digest_of_a_plain_request() -> None:
    from farfield_web.submissions.request import digest

    plain = {"benchmark": "a", "method": "b", "track": "c", "config": {}, "title": "", "note": ""}
    assert Request(**plain).body_digest == digest(plain)  # type: ignore[arg-type]
    assert Request(**plain, kind="plugin").body_digest != digest(plain)  # type: ignore[arg-type]


def test_the_api_takes_every_kind(
    everything: None, person: User, call: Any, wheel: Upload, predictions: Upload
) -> None:
    base = {"benchmark": BOARD, "track": "open"}
    claims = {"backbone": "clip"}
    bodies = [
        {**base, "method": "constant"},
        {**base, "kind": "plugin", "upload": wheel.sha256, "config": {"rate": 0.1}},
        {**base, "kind": "predictions", "upload": predictions.sha256, "method": "m", "summary": "S.", "claims": claims},
        {**base, "kind": "container", "image": BY_ID},
    ]
    for body in bodies:
        made = call("post", "submissions", body, person=person)
        assert made.status_code == 201, made.json()
        assert made.json()["kind"] == body.get("kind", "configuration")
        assert call("get", f"submissions/{made.json()['id']}").json()["track"] == "open"
    found = call("get", "submissions").json()["results"]
    assert {(one["kind"], one["method"], one["introduced"]) for one in found} == {
        ("configuration", "constant", True), ("plugin", "", False),
        ("predictions", "m", True), ("container", "", False),
    }  # fmt: skip
    assert next(one for one in found if one["kind"] == "plugin")["upload"]["distribution"] == "toy-method"
    assert next(one for one in found if one["kind"] == "predictions")["labels"] == ["predictions, not run here"]
    methods = {one["name"]: one for one in call("get", "methods").json()["results"]}
    assert (methods["m"]["origin"], methods["m"]["owner"], methods["m"]["available"]) == ("predictions", "ada", False)
    assert (methods["constant"]["owner"], methods["constant"]["available"]) == (None, True)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "wish"}, 400, "request.invalid"),
        ({"kind": "plugin", "upload": "../etc"}, 400, "request.invalid"),
        ({"kind": "plugin", "upload": "0" * 64}, 400, "upload.unknown"),
        ({"kind": "container", "image": BY_ID}, 503, "platform.no_sandbox"),
        ({"kind": "container", "image": "x:latest"}, 400, "plugin.not_allowed"),
        ({"kind": "predictions", "claims": {}}, 400, "request.invalid"),
        ({}, 400, "method.unknown"),
    ],
    ids=str,
)
def test_the_api_says_why_not(
    announced: None, person: User, call: Any, body: dict[str, Any], status: int, code: str
) -> None:
    answer = call("post", "submissions", {"benchmark": BOARD, "track": "open", **body}, person=person)
    assert api_error(answer) == (status, code)


def test_submissions_of_before_keep_their_names(entered: Submission) -> None:
    from importlib import import_module

    from django.apps import apps

    Submission.objects.update(method_name="")
    import_module("farfield_web.submissions.migrations.0003_method_names").fill(apps, None)
    assert Submission.objects.get().method_name == "constant"
