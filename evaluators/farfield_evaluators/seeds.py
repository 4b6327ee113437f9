"""Seeds, derived from a run's identity."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def run_seed(submission: str, benchmark: str, trial: int) -> int:
    """0 <= seed < 2**31; the same identity always gives the same seed."""
    return _hashed(f"{submission}:{benchmark}:{trial}")


def cell_seed(submission: str, benchmark: str, at: Mapping[str, Any]) -> int:
    """0 <= seed < 2**31, by the place of a run among others, which is JSON: in every tier that has it the same."""
    return _hashed(f"{submission}:{benchmark}:{json.dumps(dict(at), sort_keys=True)}")


def base_seed(submission: str, benchmark: str) -> int:
    """0 <= seed < 2**31, of what is learned once for all runs of a submission, wherever they stand."""
    return _hashed(f"{submission}:{benchmark}:base")


def shared_seed(data: Mapping[str, Any], at: Mapping[str, Any]) -> int:
    """0 <= seed < 2**31, of what methods of one package train alike on this data, which is JSON, at a place of a plan.

    Nobody's name is in it, so that entries may share what they begin with; trials have seeds of their own.
    """
    return _hashed(f"{json.dumps([data, dict(at)], sort_keys=True)}:base")


def _hashed(identity: str) -> int:
    return int(hashlib.sha256(identity.encode()).hexdigest()[:8], 16) % 2**31
