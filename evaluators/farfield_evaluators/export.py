"""`farfield data export`: the test images of a benchmark as files named by their ids, for code that runs elsewhere."""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from farfield import FarfieldError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.ids import example_id
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import expected_shapes
from farfield_evaluators.staging import pooled

_SIGNATURES = {b"\xff\xd8": "jpg", b"\x89PNG": "png", b"RIFF": "webp"}  # all that a pack stores


class ExportError(FarfieldError):
    """A folder that cannot be exported to."""

    code = "data.export"


def export_images(benchmark: Benchmark, pack: Pack, folder: Path) -> int:
    """Write test/<id>.<ext> and classes.json, all or nothing; returns the number of images.

    The files hold no label, and are written in the order of their ids. Raises ExportError for a folder that holds
    anything, or cannot be made.
    """
    target = _free(folder)
    try:
        draft = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent))
        try:
            count = _write(benchmark, pack, draft)
            draft.chmod(0o755)
            os.replace(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ExportError(f"{folder} cannot be written: {error.strerror}") from error
    return count


def _free(folder: Path) -> Path:
    """The folder without links. It may exist if it is empty, and is then replaced."""
    target = folder.resolve()
    if not target.parent.is_dir():
        raise ExportError(f"the folder {folder.parent} does not exist; make it first")
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ExportError(f"{folder} is not an empty folder; name a new one")
    if target in (Path.cwd(), *Path.cwd().parents):
        raise ExportError(f"{folder} is where this command runs; name a new folder")
    return target


def _write(benchmark: Benchmark, pack: Pack, folder: Path) -> int:
    images = folder / "test"
    images.mkdir()
    spans = pack.spans[pooled(benchmark, pack)[0]].tolist()
    with pack.blob.open("rb") as blob:
        located = sorted((example_id(_read(blob, span)), span) for span in spans)
        for name, span in located:
            encoded = _read(blob, span)
            (images / f"{name}.{_extension(encoded)}").write_bytes(encoded)
    ids = sorted({name for name, _ in located})
    text = json.dumps(_manifest(benchmark, pack, ids), indent=1)
    (folder / "classes.json").write_text(text + "\n", encoding="utf-8")
    return len(ids)


def _read(blob: Any, span: Sequence[int]) -> bytes:
    start, end = span
    blob.seek(start)
    encoded: bytes = blob.read(end - start)
    return encoded


def _extension(encoded: bytes) -> str:
    return next((ext for start, ext in _SIGNATURES.items() if encoded.startswith(start)), "img")


def _manifest(benchmark: Benchmark, pack: Pack, ids: Sequence[str]) -> dict[str, Any]:
    """Everything a person needs to fill in the predictions file; nothing of it is hidden from a method."""
    shapes = expected_shapes(benchmark.family, len(ids), len(pack.classes))
    return {
        "benchmark": benchmark.name,
        "version": benchmark.version,
        "fingerprint": pack.fingerprint,
        "classes": [{"name": c.name, "synsets": list(c.synsets)} for c in pack.classes],
        "arrays": {"ids": [len(ids)], **{name: list(shape) for name, shape in shapes.items()}},
    }
