"""XTD10 is imported as CLIP_benchmark reads it in each language, and each language is searched by itself."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from clip_benchmark.datasets import xtd10
from PIL import Image

from farfield.runtime.images import open_image
from farfield_evaluators.captions import captions_of
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.clip_benchmark.data.languages import import_xtd10
from farfield_evaluators.suites.clip_benchmark.languages import LANGUAGES, XTD10

COUNT = 4
FOLDERS = {"de": "MIC", "fr": "MIC", "jp": "STAIR"}


def write(root: Path) -> Path:
    """As the authors' repository has it, with images beside."""
    for folder in ("XTD10", "MIC", "STAIR", "images"):
        (root / folder).mkdir(parents=True)
    names = [f"COCO_val2014_{number}.png" for number in range(COUNT)]
    for number, name in enumerate(names):
        Image.fromarray(np.full((9, 9, 3), 30 * number, np.uint8)).save(root / "images" / name)
    (root / "XTD10" / "test_image_names.txt").write_text("\n".join(names) + "\n")
    for language in LANGUAGES:
        lines = [f"{language} {number} é 猫" for number in range(COUNT)]
        place = root / FOLDERS.get(language, "XTD10") / f"test_1kcaptions_{language}.txt"
        place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def level(pack: Pack, position: int) -> int:
    start, end = pack.spans[position]
    with open_image(pack.blob.read_bytes()[start:end]) as image:
        return int(np.asarray(image.convert("RGB"))[0, 0, 0])


def test_it_is_read_as_clip_benchmark_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "xtd10")
    assert list(LANGUAGES) == ["en", *sorted(set(xtd10.SUPPORTED_LANGUAGES) - {"en"})]

    def fetched(url: str, **_: Any) -> SimpleNamespace:
        return SimpleNamespace(text=Path(root, *url.split("/")[-2:]).read_text(encoding="utf-8"))

    monkeypatch.setattr(xtd10, "requests", SimpleNamespace(get=fetched))
    pack = import_xtd10(root, tmp_path / "packs", subset=True)
    assert pack.blob.stat().st_size < COUNT * 300  # each image is there once
    for language in LANGUAGES:
        xtd10.create_annotation_file(str(tmp_path), language)
        theirs = xtd10.XTD10(str(tmp_path), str(tmp_path / f"xtd10-{language}.json"))
        positions = pack.members(language)
        said = captions_of(pack, positions)
        ours = {level(pack, p): list(texts) for p, texts in zip(positions.tolist(), said, strict=True)}
        assert ours == {int(np.asarray(image)[0, 0, 0]): texts for image, texts in (theirs[n] for n in range(COUNT))}


def test_a_language_is_searched_by_itself(tmp_path: Path) -> None:
    """A model that knows all languages but one, and in that confuses two captions: others do not come in between."""
    pack = import_xtd10(write(tmp_path / "data"), tmp_path / "packs", subset=True)
    truth = stage(XTD10, pack, tmp_path / "in", None)
    assert truth.positions is not None
    assert truth.captions is not None
    places = {"tr 0": 1, "tr 1": 0}

    def point(text: str) -> np.ndarray:
        language, number, *_ = text.split()
        return np.eye(COUNT, dtype=np.float32)[places.get(f"{language} {number}", int(number))]

    images = np.eye(COUNT, dtype=np.float32)[[level(pack, p) // 30 for p in truth.positions.tolist()]]
    texts = np.stack([point(text) for text in truth.captions.told])
    outputs = {"dimensions": np.array([COUNT]), "texts": texts, "images": images}
    found = {(f.metric, f.domain): f.value for f in evaluate(XTD10, truth, outputs)}
    firsts = {language: found["image-recall-1", language] for language in LANGUAGES}
    assert firsts == {language: 0.5 if language == "tr" else 1.0 for language in LANGUAGES}
    assert found["text-recall-1", "id"] == pytest.approx(21 / 22)
    assert found["image-recall-5", "id"] == 1.0


def test_what_is_wrong_with_a_copy_is_said(tmp_path: Path) -> None:
    root = write(tmp_path / "data")
    with pytest.raises(ImportProblems, match=r"4 images, not 1,000; 996 missing"):
        import_xtd10(root, tmp_path / "packs")
    korean = root / "XTD10" / "test_1kcaptions_ko.txt"
    korean.write_text("one\n\n", encoding="utf-8")
    with pytest.raises(ImportProblems) as refused:
        import_xtd10(root, tmp_path / "packs", subset=True)
    first, second = refused.value.problems
    assert first == "test_1kcaptions_ko.txt: 2 captions of 4 images"
    assert second.startswith("ko ")
    assert second.endswith("COCO_val2014_1.png: a caption that is no text, or an empty one")
    korean.unlink()
    with pytest.raises(PackError, match=r"test_1kcaptions_ko\.txt is neither there nor in XTD10, MIC, STAIR"):
        import_xtd10(root, tmp_path / "packs", subset=True)
    (root / "XTD10" / "test_image_names.txt").write_text("../../out.png\n" * COUNT)
    with pytest.raises(PackError):
        import_xtd10(root, tmp_path / "packs", subset=True)
