"""JSON under /api/v1 for people and programs, and under /api/worker/v1 for evaluation workers."""
