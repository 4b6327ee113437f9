import pytest

from farfield.precision import TF32, VARIABLE, Precision, asked, told


def test_a_processor_is_told_nothing_of_what_it_does_anyway() -> None:
    assert told(Precision.FLOAT32, gpu=False) == {}
    assert told(Precision.BFLOAT16, gpu=False) == {VARIABLE: "bfloat16"}


@pytest.mark.parametrize("precision", Precision)
def test_a_gpu_never_computes_with_tf32(precision: Precision) -> None:
    assert told(precision, gpu=True)[TF32] == "0"


@pytest.mark.parametrize("precision", Precision)
def test_what_is_told_is_what_is_asked(precision: Precision, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    for name, value in told(precision, gpu=False).items():
        monkeypatch.setenv(name, value)
    assert asked() is precision


def test_another_word_is_no_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "half")
    with pytest.raises(ValueError, match="half"):
        asked()
