"""Which exceptions mean that memory ran out: the libraries agree on no type for it, and some only on a sentence."""

import errno
from collections.abc import Iterator

# torch, JAX and CuPy have types of their own, which are told by name, for none of them is imported here.
_TYPES = frozenset({"OutOfMemoryError", "CUDARuntimeOutOfMemoryError"})
# What a plain RuntimeError says: torch's allocator for the CPU, CUDA and its libraries, C++, XLA.
_SENTENCES = (
    "defaultcpuallocator",
    "not enough memory",
    "out of memory",
    "unable to allocate",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "cusolver_status_alloc_failed",
    "cusparse_status_alloc_failed",
    "cufft_alloc_failed",
    "std::bad_alloc",
    "bad allocation",
    "resource_exhausted",
    "out of shared memory",  # a loader's worker died of a full /dev/shm
    "failed to map segment from shared object",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this exception, or one that it was raised from, says that memory ran out."""
    return any(_says_so(link) for link in _chain(error))


def _says_so(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ in _TYPES:
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError | ImportError | OSError) and any(part in text for part in _SENTENCES)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and its causes: one that was only being handled when another was raised is no cause."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__
