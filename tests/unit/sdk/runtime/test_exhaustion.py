"""Kind: a limit on memory that ends a run as something else. What the libraries say when memory runs out."""

import errno

import pytest

from farfield.errors import PluginLoadError
from farfield.runtime.exhaustion import is_out_of_memory


class OutOfMemoryError(RuntimeError):
    """As torch and CuPy name theirs."""


class XlaRuntimeError(RuntimeError):
    """As JAX names its own."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you"),
        RuntimeError("[enforce fail at CPUAllocator.cpp:68] . DefaultCPUAllocator: not enough memory: you tried"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that dataloader's "
                     "workers are out of shared memory. Please try to raise your shared memory limit."),
        XlaRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes."),
        ImportError("libtorch_cpu.so: failed to map segment from shared object: Cannot allocate memory"),
    ],
    ids=str,
)  # fmt: skip
def test_a_limit_on_memory_is_told_by_what_each_library_raises(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("out of memory"),
        RuntimeError("shape mismatch"),
        OSError(errno.ENOSPC, "No space left on device"),
        ImportError("cannot allocate memory in static TLS block"),
        RuntimeError("can't start new thread"),
        KeyError("memory"),
    ],
    ids=str,
)
def test_other_errors_are_not_the_limits(error: Exception) -> None:
    assert not is_out_of_memory(error)


def test_a_cause_counts_and_what_was_only_being_handled_does_not() -> None:
    wrapped = PluginLoadError("toy", "toy", "cannot be imported")
    wrapped.__cause__ = MemoryError()
    assert is_out_of_memory(wrapped)
    later = ValueError("a smaller batch is no better")
    later.__context__ = MemoryError()
    assert not is_out_of_memory(later)


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError("one"), ValueError("two")
    first.__cause__, second.__cause__ = second, first
    assert not is_out_of_memory(first)
