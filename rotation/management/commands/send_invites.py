"""`manage.py send_invites`: one round of telling people, now."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from rotation.workflows.send_invites import queue_due_invites, relay_due_mails


class Command(BaseCommand):
    """Queues what nobody was told of and hands every due mail to the mail server."""

    help = "Queue missing invitations and hand every due mail to the mail server."
    requires_system_checks = ()  # it has no pages

    def handle(self, *args: object, **options: object) -> None:
        """Print how many mails were queued and sent."""
        del args, options
        queued = queue_due_invites(timezone.now())
        sent = relay_due_mails(seconds=float("inf"))
        self.stdout.write(f"{queued} queued, {sent} sent")
