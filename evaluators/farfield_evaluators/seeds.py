"""Seeds, derived from a run's identity."""

import hashlib


def run_seed(submission: str, benchmark: str, trial: int) -> int:
    """0 <= seed < 2**31; the same identity always gives the same seed."""
    digest = hashlib.sha256(f"{submission}:{benchmark}:{trial}".encode()).hexdigest()
    return int(digest[:8], 16) % 2**31
