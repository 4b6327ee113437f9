"""The app of operators."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Its tables are the audit log, bans, quotas, pauses, drained workers, verdicts on results, and frozen boards."""

    name = "farfield_web.operations"
    label = "operations"
