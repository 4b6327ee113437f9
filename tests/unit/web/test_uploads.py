"""Files that people send: taken whole or not at all, once for each content, and inspected without running a byte."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from tests.unit.web.conftest import api_error, npz, sent
from tests.wheelhouse import make_wheel, wheel_members, write_wheel

from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.errors import UploadError
from farfield_web.submissions import storage
from farfield_web.submissions.kinds import PACKAGES
from farfield_web.submissions.models import Content, Upload
from farfield_web.submissions.uploads import held, receive

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def files(var: Path) -> list[str]:
    return sorted(path.name for path in (var / "uploads").glob("*"))


def refusal(person: User, name: str, content: bytes, wanted: Any = "") -> UploadError:
    with pytest.raises(UploadError) as caught:
        receive(person, SimpleUploadedFile(name, content), wanted)
    return caught.value


@pytest.fixture
def post(client: Client) -> Callable[..., Any]:
    """Sends a file to the API."""

    def call(person: User, name: str, content: bytes) -> Any:
        headers = {"Authorization": f"Bearer {create_token(person, 'test')[1]}"}
        return client.post("/api/v1/uploads", {"file": SimpleUploadedFile(name, content)}, headers=headers)

    return call


def test_a_wheel_is_kept_under_its_hash(person: User, wheel: Upload, var: Path) -> None:
    assert (wheel.kind, wheel.filename, wheel.distribution) == (
        "wheel",
        "toy_method-1.0-py3-none-any.whl",
        "toy-method",
    )
    assert (wheel.version, wheel.plugins, wheel.owner) == ("1.0", ["toy-method"], person)
    content = storage.path_of(wheel).read_bytes()
    assert hashlib.sha256(content).hexdigest() == wheel.sha256
    assert (len(content), files(var)) == (wheel.size, [wheel.sha256])


def test_predictions_are_kept_unread(person: User) -> None:
    upload = receive(person, SimpleUploadedFile("mine.NPZ", npz()))
    assert (upload.kind, upload.facts, upload.distribution, upload.plugins) == ("predictions", {}, "", [])


@pytest.mark.parametrize(
    ("name", "content", "wanted", "code"),
    [
        ("x.whl", b"", "", "plugin.not_a_package"),
        ("x-1.0-py3-none-any.whl", b"PK\x03\x04 cut off", "", "plugin.not_a_package"),
        ("notes.txt", b"hello", "", "plugin.not_a_package"),
        ("p.npz", b"", "", "predictions.not_a_file"),
        ("p.npz", b"PK\x03\x04" + b"0" * 100, "", "predictions.not_a_file"),
        ("model.pickle", b"\x80\x04", "predictions", "predictions.not_a_file"),
        ("p.npz", npz(), "package", "plugin.not_a_package"),
    ],
)
def test_what_is_refused_leaves_nothing(
    person: User, var: Path, name: str, content: bytes, wanted: str, code: str
) -> None:
    error = refusal(person, name, content, wanted)
    assert (error.code, error.field) == (code, "file")
    assert error.message.endswith(".")
    assert (files(var), Upload.objects.count()) == ([], 0)


def test_a_package_that_is_refused_keeps_its_code(person: User, tmp_path: Path, var: Path) -> None:
    path = write_wheel(tmp_path, wheel_members(points=""))
    assert refusal(person, path.name, path.read_bytes()).code == "plugin.no_entry_point"
    assert files(var) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.npz", "..\\..\\boot.npz", "a\x00b.npz", "a\nb\u202e.npz", "x" * 400 + ".npz", "/abs.npz",
     "\ud800.npz", "<script>.npz"],
)  # fmt: skip
def test_a_hostile_name_is_only_a_name(person: User, var: Path, name: str) -> None:
    file = SimpleUploadedFile("p.npz", npz())
    file._name = name  # type: ignore[attr-defined] # past Django's own cleaning
    upload = receive(person, file)
    assert files(var) == [upload.sha256]
    assert len(upload.filename) <= 255
    assert upload.filename.isprintable()
    assert not {"/", "\\", "\x00"} & set(upload.filename)


@pytest.mark.parametrize("name", ["", "..", "./", "   ", None])
def test_a_file_without_a_name_gets_one(person: User, name: str | None) -> None:
    file = SimpleUploadedFile("p.npz", npz())
    file._name = name  # type: ignore[attr-defined]
    assert receive(person, file, "predictions").filename == "upload"


def test_a_file_over_the_limit_leaves_nothing(person: User, var: Path, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    assert refusal(person, "p.npz", npz()).code == "upload.too_large"
    assert (files(var), Upload.objects.count()) == ([], 0)


def test_two_rules_the_same_content_is_one_file_and_each_sender_says_what_it_is(
    person: User, other: User, var: Path
) -> None:
    first = receive(person, SimpleUploadedFile("a.npz", npz()))
    second = receive(other, SimpleUploadedFile("b.npz", npz()))
    assert (first.content, len(files(var))) == (second.content, 1)
    assert [(u.filename, u.owner) for u in (first, second)] == [("a.npz", person), ("b.npz", other)]
    assert (held(person, first.sha256), held(other, first.sha256)) == (first, second)


def test_two_rules_the_first_sender_decides_nothing_about_a_content(
    person: User, other: User, tmp_path: Path, var: Path
) -> None:
    """A wheel that somebody first sent as predictions can still be a package: of another person, and of the same."""
    path = make_wheel(tmp_path, "toy-method")
    as_predictions = sent(other, path, "x.npz")
    mine, theirs = sent(person, path), sent(other, path)
    assert (as_predictions.kind, mine.kind, theirs.kind) == ("predictions", "wheel", "wheel")
    assert (mine.filename, mine.distribution) == (path.name, "toy-method")
    assert held(other, mine.sha256, ["predictions"]) == as_predictions
    assert held(other, mine.sha256, PACKAGES) == theirs
    assert len(files(var)) == 1


def test_two_rules_a_corrected_name_counts(person: User, tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "toy-method")
    first = sent(person, path, "toy_method-1.0-1-py3-none-any.whl")
    again = sent(person, path)
    assert held(person, again.sha256, PACKAGES) == again
    assert sent(person, path, first.filename) == first
    assert held(person, again.sha256, PACKAGES) == first  # sent last


def test_a_hash_alone_is_no_key_to_anothers_file(wheel: Upload, other: User) -> None:
    for sha256 in (wheel.sha256, "0" * 64, ""):
        with pytest.raises(UploadError) as caught:
            held(other, sha256)
        assert caught.value.code == "upload.unknown"


@pytest.mark.django_db(transaction=True)
def test_two_identical_files_at_once_are_one(person: User, other: User, var: Path) -> None:
    ready, made = threading.Barrier(4), []

    def work(who: User) -> None:
        ready.wait()
        made.append((receive(who, SimpleUploadedFile("p.npz", npz())).pk, who))
        connection.close()

    threads = [threading.Thread(target=work, args=(who,)) for who in (person, other, person, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = Content.objects.get()
    assert {(u.pk, u.owner_id) for u in content.uploads.all()} == {(pk, who.pk) for pk, who in made}
    assert {who for _, who in made} == {person, other}
    assert len(made) == 4
    assert files(var) == [content.sha256]


def test_nobody_fills_the_disk(person: User, other: User, var: Path, settings: Any) -> None:
    receive(person, SimpleUploadedFile("a.npz", npz()))
    settings.MAX_STORED_BYTES = 300
    assert refusal(person, "b.npz", npz(other=[1])).code == "upload.no_room"
    assert len(files(var)) == 1
    receive(person, SimpleUploadedFile("again.npz", npz()))


def test_what_a_killed_process_left_is_swept(person: User, var: Path) -> None:
    import os

    left = storage.folder() / f"{storage.INCOMING}left"
    left.write_bytes(b"half")
    receive(person, SimpleUploadedFile("a.npz", npz()))
    assert left.exists()
    os.utime(left, (0, 0))
    receive(person, SimpleUploadedFile("a.npz", npz()))
    assert not left.exists()


def test_the_api_takes_a_wheel(person: User, post: Any, tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "toy-method")
    response = post(person, path.name, path.read_bytes())
    assert response.status_code == 201
    assert response.json() == {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "kind": "wheel",
        "filename": path.name,
        "size": path.stat().st_size,
        "distribution": "toy-method",
        "version": "1.0",
        "plugins": ["toy-method"],
    }


def test_the_api_says_what_is_wrong(person: User, post: Any, call: Any, client: Client) -> None:
    assert api_error(post(person, "x.whl", b"no")) == (400, "plugin.not_a_package")
    assert api_error(post(person, "x.npz", b"no")) == (400, "predictions.not_a_file")
    headers = {"Authorization": f"Bearer {create_token(person, 'test')[1]}"}
    assert api_error(client.post("/api/v1/uploads", {"file": "text"}, headers=headers)) == (400, "request.invalid")
    assert api_error(call("post", "uploads", {}, person=person)) == (415, "request.unsupported_media_type")
    assert api_error(client.post("/api/v1/uploads", {})) == (401, "auth.required")


@pytest.mark.parametrize("size", [200, 4 * 1024 * 1024])
def test_the_api_refuses_what_is_too_large(person: User, post: Any, var: Path, settings: Any, size: int) -> None:
    """In memory and on disk: Django keeps small and large files differently while they arrive."""
    settings.MAX_UPLOAD_BYTES = 100
    assert api_error(post(person, "p.npz", b"x" * size)) == (413, "upload.too_large")
    assert not (var / "uploads").exists() or files(var) == []


def test_the_limit_holds_for_all_files_of_a_request_together(person: User, client: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    parts = {name: SimpleUploadedFile(f"{name}.npz", b"x" * 60) for name in ("other", "file")}
    headers = {"Authorization": f"Bearer {create_token(person, 'test')[1]}"}
    assert api_error(client.post("/api/v1/uploads", parts, headers=headers)) == (413, "upload.too_large")


def test_two_doors_the_api_can_say_what_a_file_is_as_the_forms_do(person: User, client: Client) -> None:
    headers = {"Authorization": f"Bearer {create_token(person, 'test')[1]}"}

    def send(name: str, kind: str) -> Any:
        parts = {"file": SimpleUploadedFile(name, npz()), "kind": kind}
        return client.post("/api/v1/uploads", parts, headers=headers)

    assert send("outputs.bin", "predictions").json()["kind"] == "predictions"
    assert api_error(send("outputs.npz", "package")) == (400, "plugin.not_a_package")
    assert api_error(send("outputs.npz", "wheel")) == (400, "request.invalid")


def test_uploads_are_throttled(person: User, post: Any, settings: Any) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "uploads": (1, 3600)}
    assert post(person, "p.npz", npz()).status_code == 201
    assert api_error(post(person, "p.npz", npz())) == (429, "request.throttled")


def test_sending_again_from_disk_is_the_same(person: User, wheel: Upload, tmp_path: Path) -> None:
    assert sent(person, make_wheel(tmp_path / "wheels", "toy-method")) == wheel
