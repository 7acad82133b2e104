"""What the inbound side forgets of somebody who is gone."""

from collections.abc import Collection, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

from django.db.models import Q

from rotation.replies.models import DemoMail, GuestAnswer, InboundMail, TimeProposal


def forget_answers(address: str, pseudonym: str, booking_ids: Collection[int]) -> None:
    """Empty the mails from `address` and about these visits, and what their lines quote.

    The hash of each mail stays, so that the same mail is known when it comes once more.
    """
    mine = Q(booking__in=booking_ids)
    from_there = Q(sender__icontains=address) | Q(envelope_from__iexact=address)
    InboundMail.objects.filter(mine | from_there).update(
        raw=b"", envelope_from="", envelope_to="", sender="", subject="", text=""
    )
    for ledger in (GuestAnswer, TimeProposal):
        lines = ledger._default_manager.filter(mine | Q(address__iexact=address))  # noqa: SLF001 -- one for both
        lines.update(address=pseudonym, comment="")


def forget_demo_mails(name: str, address: str) -> int:
    """Delete the mails of a demo that name somebody, and return how many; elsewhere are none."""
    named = [
        mail.pk
        for mail in DemoMail.objects.iterator()
        if _tells_of(mail, (name.casefold(), address.casefold()))
    ]
    count, _ = DemoMail.objects.filter(pk__in=named).delete()
    return count


def _tells_of(mail: DemoMail, words: Collection[str]) -> bool:
    message = message_from_bytes(bytes(mail.raw), policy=policy.default)
    texts = (mail.recipient, mail.sender, mail.subject, *_texts(message))
    joined = "\n".join(texts).casefold()
    return any(word in joined for word in words)


def _texts(message: EmailMessage) -> Iterator[str]:
    """Yield every header and every part of a mail, lines of calendars put together."""
    for part in message.walk():
        yield from map(str, part.values())
        if not part.is_multipart():
            raw = part.get_payload(decode=True)
            text = raw.decode(errors="replace") if isinstance(raw, bytes) else ""
            yield text.replace("\r\n ", "").replace("\n ", "")
