"""`manage.py poll_imap`: fetch the mails of ROTATION_INBOUND_IMAP_URL once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rotation.replies.errors import MailServerAway
from rotation.workflows.poll_imap import poll_imap


class Command(BaseCommand):
    """Prints how many mails were taken in."""

    help = "Take in the mails waiting in the mailbox of ROTATION_INBOUND_IMAP_URL."

    def handle(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401 -- Django's signature
        """Poll once; the address, which holds a password, is never printed."""
        if not settings.INBOUND_IMAP_URL:
            raise CommandError("ROTATION_INBOUND_IMAP_URL is not set.")
        try:
            count = poll_imap(settings.INBOUND_IMAP_URL, now=timezone.now())
        except MailServerAway as away:
            raise CommandError(f"The mailbox could not be read: {away.fields['problem']}") from away
        self.stdout.write(f"{count} mails taken in")
