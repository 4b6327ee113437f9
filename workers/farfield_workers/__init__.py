"""The evaluation path: claim, stage, run in a sandbox, score, report."""
