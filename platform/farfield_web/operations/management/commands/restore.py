"""Put an entry back on the boards that was taken off."""

from farfield_web.operations.management.commands import invalidate


class Command(invalidate.Command):
    """`manage.py restore SUBMISSION --reason TEXT`: as if it had never been off, but for the record."""

    help = "Put a submission back on the boards that `invalidate` took off. Both stay on record."
    deed = "restore"
