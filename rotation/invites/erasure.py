"""What the outbox forgets of somebody who is gone."""

from collections.abc import Collection

from django.db.models import Q

from rotation.invites.models import Mail

GONE = "the recipient has left"


def forget_mails(
    address: str, pseudonym: str, *, own: Collection[int], hosted: Collection[int]
) -> None:
    """Empty the mails that went to `address`, that tell of the visits `own`, or name a host.

    Rows, purposes, states and times stay. What still waits to go to `address` or tells of `own`
    is given up; a mail about the visits `hosted` that waits is to go to others, and stays whole.
    """
    mine = Q(recipient__iexact=address) | Q(booking__in=own)
    waiting = Mail.objects.filter(mine, state=Mail.State.QUEUED)
    waiting.update(state=Mail.State.FAILED)
    past = Q(booking__in=hosted) & ~Q(state=Mail.State.QUEUED)
    Mail.objects.filter(mine | past).update(raw=b"", subject="", last_error="")
    Mail.objects.filter(recipient__iexact=address).update(recipient=pseudonym, last_error=GONE)
