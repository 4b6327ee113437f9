"""Pictures of runs: sent by the worker that holds the run, shown where the benchmark lets everybody see them."""

import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from PIL import Image
from tests.unit.web.conftest import BOARD, FINGERPRINT, report_of, wanted
from tests.unit.web.test_outcomes import settings_of

from farfield_evaluators import catalog
from farfield_evaluators.pictures.about import About
from farfield_evaluators.pictures.run import Picture as Drawn
from farfield_web.accounts.models import User
from farfield_web.runs import lease, pictures
from farfield_web.runs.models import Picture, Run, RunPicture
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_workers.client import LeaseEnded, SiteClient, SiteRefused

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def webp(shade: int, size: tuple[int, int] = (8, 6)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (shade, 0, 0)).save(written, "WEBP")
    return written.getvalue()


def drawn(layer: str, shade: int, place: int = 0, **changes: Any) -> Drawn:
    about = About(domain="photographs", example=7) if layer == "image" else None
    fixed = {"width": 8, "height": 6, "words": f"{layer} <b>{shade}</b>", "content": webp(shade), "about": about}
    values = {**fixed, **changes}
    return Drawn(place=place, layer=layer, **values)


@pytest.fixture(autouse=True)
def showing(monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, "truth")


def show(monkeypatch: pytest.MonkeyPatch, what: Any) -> None:
    """As if the benchmark let everybody see so much of its test images."""
    monkeypatch.setattr(pictures, "shows_of", lambda submission: what)


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


@pytest.fixture
def site(client: Client, tmp_path: Path) -> SiteClient:
    """The worker's client, whose requests go to this site without a network."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {name: request.headers[name] for name in ("Authorization", "Farfield-Run-Token")}
        path, kind = request.url.raw_path.decode(), request.headers["Content-Type"]
        response = client.generic(request.method, path, request.content, kind, headers=headers)
        return httpx.Response(response.status_code, content=response.content)

    return SiteClient(settings_of(tmp_path, "worker-token"), httpx.MockTransport(answer))


def send(site: SiteClient, run: Run, *layers: Drawn) -> None:
    site.send_pictures(run, layers)  # type: ignore[arg-type] # of a claim its number and token


def address(run: Run, place: int, layer: str) -> str:
    return f"/runs/{run.pk}/pictures/{place}-{layer}.webp"


THREE = (drawn("image", 10), drawn("said", 20), drawn("truth", 30))


def test_what_a_worker_sends_is_on_the_pages_of_entry_and_run(site: SiteClient, leased: Run, client: Client) -> None:
    send(site, leased, *THREE)
    store_report(report_of(leased))
    for page in (f"/submissions/{leased.submission_id}/", f"/runs/{leased.pk}/"):
        text = client.get(page).content.decode()
        assert "What was detected" in text
        assert "Detected: said &lt;b&gt;20&lt;/b&gt;" in text
        assert "There: truth" in text
        for layer in ("image", "said", "truth"):
            assert address(leased, 0, layer) in text
    answer = client.get(address(leased, 0, "said"))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert answer.content == THREE[1].content


def test_the_same_image_is_kept_once(site: SiteClient, leased: Run, person: User) -> None:
    send(site, leased, *THREE)
    store_report(report_of(leased))
    submit(person, wanted(config={"bias": 0.9}))
    other = lease.claim("w", "cpu")
    assert other is not None
    send(site, other, drawn("image", 10), drawn("said", 200), drawn("truth", 30))
    assert (RunPicture.objects.count(), Picture.objects.count()) == (6, 4)


def test_a_layer_that_is_sent_again_is_the_newest(site: SiteClient, leased: Run, client: Client) -> None:
    send(site, leased, *THREE, drawn("said", 99))
    assert client.get(address(leased, 0, "said")).content == webp(99)
    assert RunPicture.objects.count() == 3


def test_a_picture_without_an_image_is_not_shown(site: SiteClient, leased: Run, client: Client) -> None:
    send(site, leased, drawn("said", 20))
    store_report(report_of(leased))
    assert "What was detected" not in client.get(f"/submissions/{leased.submission_id}/").content.decode()


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (drawn("said", 1, content=b"<svg onload=alert(1)>"), "WebP"),
        (drawn("said", 1, content=webp(1) + bytes(300 << 10)), "at most 256 KiB"),
        (drawn("said", 1, place=100), "does not show"),
        (drawn("lies", 1), "layer"),
        (drawn("image", 1, about=None), "test domains"),
        (drawn("image", 1, about=About(domain="elsewhere", example=7)), "test domains"),
        (drawn("said", 1, about=About(domain="photographs", example=7)), "nothing else"),
        (drawn("said", 1, width=5000), "width"),
    ],
)
def test_what_is_no_picture_is_refused(site: SiteClient, leased: Run, picture: Drawn, says: str) -> None:
    with pytest.raises(SiteRefused, match=says):
        send(site, leased, picture)
    assert not RunPicture.objects.exists()


def test_only_the_worker_that_holds_the_run_sends(site: SiteClient, leased: Run, client: Client) -> None:
    with pytest.raises(LeaseEnded):
        send(site, Run(pk=leased.pk, token="another"), *THREE)
    store_report(report_of(leased))
    with pytest.raises(LeaseEnded):
        send(site, leased, *THREE)
    stranger = client.put(f"/api/worker/v1/runs/{leased.pk}/pictures", {"pictures": []}, "application/json")
    assert stranger.status_code in (401, 403)


def test_a_benchmark_that_shows_nothing_any_more(
    site: SiteClient, leased: Run, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(site, leased, *THREE)
    store_report(report_of(leased))
    show(monkeypatch, "images")
    assert client.get(address(leased, 0, "truth")).status_code == 404
    assert "There: truth" not in client.get(f"/submissions/{leased.submission_id}/").content.decode()
    show(monkeypatch, "")
    assert client.get(address(leased, 0, "image")).status_code == 404
    with pytest.raises(LeaseEnded):
        send(site, leased, *THREE)


def test_nothing_is_sent_where_nothing_is_shown(site: SiteClient, leased: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch, "")
    with pytest.raises(SiteRefused, match="does not show"):
        send(site, leased, THREE[0])


def test_there_is_no_such_picture(leased: Run, client: Client) -> None:
    assert client.get(address(leased, 3, "image")).status_code == 404


def test_pictures_go_with_the_last_run_that_has_them(site: SiteClient, leased: Run) -> None:
    send(site, leased, *THREE)
    assert pictures.forget() == 0
    leased.submission.delete()
    assert pictures.forget() == 3
    assert not Picture.objects.exists()


def sample(place: int, shade: int, **changes: Any) -> Drawn:
    fixed = {"domain": "photographs", "example": place, "said": "dog, confidence 0.93", "truth": "cat", "right": False}
    return drawn("image", shade, place=place, about=About(**{**fixed, "value": 0.93, **changes}))


def test_samples_are_on_the_pages_of_entry_and_run_in_words(site: SiteClient, leased: Run, client: Client) -> None:
    dog = {"said": "dog, confidence 0.51", "truth": "dog", "right": True, "value": 0.51}
    send(site, leased, sample(0, 10), sample(1, 20, domain="noto", **dog), sample(2, 30, why="mistake"))
    store_report(report_of(leased))
    for page in (f"/submissions/{leased.submission_id}/", f"/runs/{leased.pk}/"):
        text = client.get(page).content.decode()
        assert "Said: dog, confidence 0.93. Is: cat." in text
        assert text.count("among the most confident mistakes") == 1
        assert "Noto Emoji (Google), Apache-2.0" in text
        assert "Tux Paint stamps" in text
        assert "What was detected" not in text
    told = client.get(f"/api/v1/runs/{leased.pk}/pictures").json()
    assert [(one["about"]["domain"], one["about"]["right"]) for one in told] == [
        ("photographs", False),
        ("noto", True),
        ("photographs", False),
    ]
    assert client.get(told[1]["image"]).content == webp(20)


def test_where_the_benchmark_shows_images_alone_nothing_says_what_is_right(
    site: SiteClient, leased: Run, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(site, leased, sample(0, 10))
    store_report(report_of(leased))
    show(monkeypatch, "images")
    text = client.get(f"/submissions/{leased.submission_id}/").content.decode()
    assert "Said: dog, confidence 0.93." in text
    assert "Is: cat" not in text
    assert "is-wrong" not in text
    (told,) = client.get(f"/api/v1/runs/{leased.pk}/pictures").json()
    assert (told["about"]["truth"], told["about"]["right"]) == ("", None)


def test_what_is_right_is_not_taken_where_it_is_not_shown(
    site: SiteClient, leased: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(monkeypatch, "images")
    with pytest.raises(SiteRefused, match="does not show what is right"):
        send(site, leased, sample(0, 10))
    send(site, leased, sample(0, 10, truth="", right=None))


def test_the_benchmarks_page_has_example_images_with_their_authors(
    site: SiteClient, leased: Run, client: Client
) -> None:
    assert "Example images" not in client.get(f"/benchmarks/{BOARD}/").content.decode()
    send(site, leased, sample(0, 10), sample(1, 20, why="mistake"))
    store_report(report_of(leased))
    text = client.get(f"/benchmarks/{BOARD}/").content.decode()
    assert address(leased, 0, "image") in text
    assert address(leased, 1, "image") not in text
    assert "Images: Tux Paint stamps" in text
    assert "dog, confidence" not in text


def test_entries_are_compared_on_the_images_that_divide_them(
    site: SiteClient, leased: Run, client: Client, person: User
) -> None:
    right = {"said": "cat, confidence 0.60", "right": True, "value": 0.6}
    send(site, leased, sample(0, 10), sample(1, 20))
    store_report(report_of(leased))
    submit(person, wanted(config={"bias": 0.9}))
    other = lease.claim("w", "cpu")
    assert other is not None
    send(site, other, sample(0, 10, **right), sample(1, 20))
    store_report(report_of(other))
    text = client.get(f"/compare/?entries={leased.submission_id}&entries={other.submission_id}").content.decode()
    assert "Test images that divide them" in text
    assert text.count("said cat, confidence 0.60") == 1
    assert address(leased, 0, "image") in text
    assert address(leased, 1, "image") not in text


def test_the_benchmarks_page_says_how_the_data_are_had_and_in_which_versions(run: Run, client: Client) -> None:
    text = client.get(f"/benchmarks/{BOARD}/").content.decode()
    assert "farfield data import farfield-mini" in text
    assert f"data <code>{FINGERPRINT[:12]}</code>" in text
    assert "/environments/" in text
    assert f"/benchmarks/{BOARD}/croissant.json" in text
    packs = {benchmark.pack for benchmark in catalog.benchmarks()}
    assert packs <= set(catalog.catalog().importers)
