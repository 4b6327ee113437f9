"""Small wheels and sdists made byte by byte, good and bad, and a package index that serves them over HTTP."""

import base64
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

POINTS = "[farfield]\n{name} = {module}\n"
PLUGIN = """
from farfield import *

class Zeros:
    def __init__(self, context):
        self.classes = context.class_count

    def predict(self, images):
        return [[0.0] * self.classes] * len(images)

@hookimpl
def farfield_methods():
    return [MethodSpec(name="{method}", family=TaskFamily.CLASSIFICATION, summary="Zeros.", build=Zeros,
                       inputs=Images(size=8), claims=TrackClaims(backbone="none"))]
"""


def metadata(name: str, version: str, requires: tuple[str, ...] = (), more: str = "") -> str:
    lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}{more}"


def wheel_members(
    name: str = "toy-method", version: str = "1.0", requires: tuple[str, ...] = (), **changes: Any
) -> dict[str, bytes]:
    """Members of a good wheel but for RECORD; `changes`: points (entry_points.txt), more (metadata), module (code)."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    texts = {
        f"{module}.py": changes.get("module", PLUGIN.replace("{method}", name)),
        f"{info}/METADATA": metadata(name, version, requires, changes.get("more", "")),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": changes.get("points", POINTS.format(name=name, module=module)),
    }
    return {member: text.encode() for member, text in texts.items() if text is not None}


def record(members: Mapping[str, bytes], info: str) -> bytes:
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in members.items()]
    return "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()


def write_wheel(
    folder: Path, members: Mapping[str, bytes] | None = None, filename: str = "toy_method-1.0-py3-none-any.whl"
) -> Path:
    """Write a wheel with a true RECORD, unless the members bring one."""
    found = dict(wheel_members() if members is None else members)
    infos = {top for top in (name.partition("/")[0] for name in found) if top.endswith(".dist-info")}
    for info in infos:
        found.setdefault(f"{info}/RECORD", record(found, info))
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / filename, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in found.items():
            # Of a fixed time: two wheels of the same members are the same file, whenever they are written.
            opened.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return folder / filename


def make_wheel(folder: Path, name: str, version: str = "1.0", requires: tuple[str, ...] = (), **changes: Any) -> Path:
    """A good wheel of that name."""
    filename = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    return write_wheel(folder, wheel_members(name, version, requires, **changes), filename)


def write_sdist(
    folder: Path,
    members: Mapping[str, bytes | tarfile.TarInfo],
    filename: str = "toy_method-1.0.tar.gz",
) -> Path:
    """Write a gzipped tar archive; a TarInfo in the place of content becomes a member without content."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / filename, "w:gz") as opened:
        for name, data in members.items():
            if isinstance(data, tarfile.TarInfo):
                opened.addfile(data)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return folder / filename


@contextmanager
def served(folder: Path, status: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """Serve the wheels in `folder` as an index (PEP 503); yields its address and the paths asked for so far.

    With `status`, every answer is that error.
    """
    for wheel in folder.glob("*.whl"):
        place = folder / "simple" / wheel.name.partition("-")[0].replace("_", "-").lower()
        place.mkdir(parents=True, exist_ok=True)
        wheel.rename(place / wheel.name)
        links = "".join(f'<a href="{w.name}">{w.name}</a>' for w in sorted(place.glob("*.whl")))
        (place / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, asked, status, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, asked: list[str], status: int | None, *args: Any, **kwargs: Any) -> None:
        self.asked = asked
        self.status = status
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.status is None:
            super().do_GET()
        else:
            self.send_error(self.status)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
