"""Queueing what is to be told, in the transaction of the change, and handing it to SMTP."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction

from accounts.models import User
from rotation.audit.models import Entry, Subject
from rotation.booking.models import Booking
from rotation.calendars.identifiers import message_id, new_token, next_dtstamp
from rotation.directory.queries import active_hosts
from rotation.invites.errors import MailDelayed, MailRefused
from rotation.invites.ical import Invitation, Method, Party
from rotation.invites.mail import GUEST_LETTERS, HOST_LETTERS, Letter, Telling
from rotation.invites.mime import Envelope, mail_bytes, organizer
from rotation.invites.models import Mail
from rotation.invites.owing import History, owed_to_guest, owed_to_hosts
from rotation.invites.queries import due_mails, histories
from rotation.invites.retries import GIVE_UP_AFTER, pause_before
from rotation.invites.transport import SmtpConnection

METHODS = {
    Mail.Purpose.INVITE: Method.REQUEST,
    Mail.Purpose.INVITE_UPDATE: Method.REQUEST,
    Mail.Purpose.INVITE_CANCEL: Method.CANCEL,
}
REPEAT_AFTER = timedelta(hours=1)


class Handed(Enum):
    """What became of a mail that the relay took up."""

    SENT = "sent"
    DELAYED = "delayed"
    FAILED = "failed"


@dataclass(frozen=True)
class _Task:
    """A booking, what was told of it, and what its next mails need beside it."""

    booking: Booking
    told: History
    telling: Telling
    now: datetime


@transaction.atomic
def queue_invites(bookings: Iterable[Booking], now: datetime) -> list[Mail]:
    """Queue every mail that these bookings owe guests and hosts, and return them.

    Belongs into the transaction of the change. A second time queues nothing. A person whose
    address no mail can carry gets a failed mail that says so. Five queries, whatever the number.
    """
    ids = [booking.pk for booking in bookings]
    mails = [mail for task in _tasks(ids, now) for mail in _mails_due(task)]
    return Mail.objects.bulk_create(mails)


@transaction.atomic
def queue_repeat(booking_id: int, now: datetime) -> Mail | None:
    """Queue the guest's newest REQUEST or CANCEL anew: same SEQUENCE, later DTSTAMP.

    For a calendar that asks (RFC 5546 section 3.2.6). None where nothing was sent yet or the
    last copy is younger than an hour: nobody can make us write often.
    """
    (task,) = _tasks([booking_id], now)
    mails = Mail.objects.filter(booking=booking_id).exclude(method="").order_by("-pk")
    newest = mails.first()
    if newest is None or newest.created_at > now - REPEAT_AFTER or not newest.raw:
        return None
    mail = _guest_mail(task, Mail.Purpose(newest.purpose))
    mail.sequence, mail.booking_version = newest.sequence, newest.booking_version
    mail.repeat = newest.repeat + 1
    mail.save()
    return mail


@transaction.atomic
def relay_next(connection: SmtpConnection, *, now: datetime, chance: float) -> Handed | None:
    """Hand the longest waiting mail to SMTP and say what became of it; None where none is due.

    The row stays locked meanwhile: another relay skips it, and a relay that dies gives it back
    at once. It is `sent` only after the server's 250, so that a crash in between repeats the
    very same bytes. `chance` from [0, 1) spreads the pause after a failure.

    Raises:
        MailServerUnreachable: no connection; the mail is not charged with it.
    """
    mail = due_mails(now).select_for_update(skip_locked=True, of=("self",)).first()
    if mail is None:
        return None
    mail.attempts += 1
    handed = _hand_over(connection, mail, now, chance)
    mail.save(update_fields=("state", "attempts", "not_before", "last_error", "sent_at"))
    return handed


@transaction.atomic
def send_again(mail_id: int, now: datetime) -> Mail:
    """Put a failed mail back into the queue, for an administrator who has mended the cause."""
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.state == Mail.State.FAILED and mail.raw:
        mail.state, mail.attempts, mail.not_before = Mail.State.QUEUED, 0, now
        mail.save(update_fields=("state", "attempts", "not_before"))
    return mail


def _hand_over(connection: SmtpConnection, mail: Mail, now: datetime, chance: float) -> Handed:
    try:
        connection.send(sender=mail.envelope_sender, recipient=mail.recipient, raw=bytes(mail.raw))
    except MailRefused as error:
        return _fail(mail, error.fields["reply"])
    except MailDelayed as error:
        return _delay(mail, error, now, chance)
    mail.state, mail.sent_at, mail.last_error = Mail.State.SENT, now, ""
    return Handed.SENT


def _delay(mail: Mail, error: MailDelayed, now: datetime, chance: float) -> Handed:
    if now - mail.created_at > GIVE_UP_AFTER:
        return _fail(mail, error.fields["reply"])
    lost = error.fields["connection_lost"]
    mail.not_before = now + pause_before(mail.attempts, connection_lost=lost, chance=chance)
    mail.last_error = error.fields["reply"]
    return Handed.DELAYED


def _fail(mail: Mail, reply: str) -> Handed:
    mail.state, mail.last_error = Mail.State.FAILED, reply
    return Handed.FAILED


def _tasks(ids: Sequence[int], now: datetime) -> list[_Task]:
    """Lock the bookings, and only then look at what was told of them: four queries."""
    related = ("staff__user", "meeting__series__department", "meeting__series__host__user")
    locked = Booking.objects.select_for_update(of=("self",)).select_related(*related)
    bookings = list(locked.filter(pk__in=ids).order_by("pk"))
    told = histories(Mail.objects.filter(booking__in=ids))
    reasons = _reasons(ids)
    hosts = _hosts({booking.meeting.series.department_id for booking in bookings})
    return [
        _Task(
            booking,
            told[booking.pk],
            Telling(booking, _hosts_of(booking, hosts), reasons[booking.pk]),
            now,
        )
        for booking in bookings
    ]


def _reasons(ids: Sequence[int]) -> dict[int, str]:
    """Return why each booking is as it is: the reason of its latest change."""
    entries = Entry.objects.filter(subject=Subject.BOOKING, subject_id__in=ids)
    latest = entries.order_by("subject_id", "-at", "-pk").distinct("subject_id")
    reasons = latest.values_list("subject_id", "reason")
    return defaultdict(str, reasons)


def _hosts(departments: set[int]) -> dict[int, list[User]]:
    found: dict[int, list[User]] = defaultdict(list)
    for host in active_hosts().filter(department__in=departments):
        found[host.department_id].append(host.user)
    return found


def _hosts_of(booking: Booking, hosts: dict[int, list[User]]) -> list[User]:
    """Return the series' own host, or else every host of the department."""
    series = booking.meeting.series
    if series.host is not None and series.host.user.is_active:
        return [series.host.user]
    return hosts[series.department_id]


def _mails_due(task: _Task) -> list[Mail]:
    mails = []
    to_guest = owed_to_guest(task.booking, task.told.guest)
    to_hosts = owed_to_hosts(task.booking, task.told.hosts)
    if to_guest:
        mails.append(_guest_mail(task, to_guest))
    if to_hosts:
        letter = HOST_LETTERS[to_hosts]
        mails += [_mail(task, letter(task.telling, host)) for host in task.telling.hosts]
    return mails


def _guest_mail(task: _Task, purpose: Mail.Purpose) -> Mail:
    dtstamp = next_dtstamp(task.now, task.told.dtstamp)
    letter = GUEST_LETTERS[purpose](task.telling)
    mail = _new_mail(task, letter, method=METHODS[purpose].value, dtstamp=dtstamp)
    envelope = _envelope(mail, task.told.guest.thread)
    try:
        mail.raw = mail_bytes(letter, envelope, _invitation(task.booking, letter, dtstamp))
    except ValueError as error:
        _fail(mail, str(error))
    return mail


def _mail(task: _Task, letter: Letter) -> Mail:
    mail = _new_mail(task, letter)
    try:
        mail.raw = mail_bytes(letter, _envelope(mail, task.told.hosts.thread))
    except ValueError as error:
        _fail(mail, str(error))
    return mail


def _envelope(mail: Mail, thread: str) -> Envelope:
    return Envelope(mail.token, at=mail.created_at, references=thread)


def _new_mail(
    task: _Task, letter: Letter, *, method: str = "", dtstamp: datetime | None = None
) -> Mail:
    return Mail(
        booking=task.booking,
        booking_version=task.booking.version,
        purpose=letter.purpose,
        recipient=letter.recipient.address,
        language=letter.language,
        subject=letter.subject,
        raw=b"",
        message_id=message_id(new_token()),
        method=method,
        uid=task.booking.uid,
        sequence=task.booking.sequence,
        dtstamp=dtstamp,
        not_before=task.now,
        created_at=task.now,
    )


def _invitation(booking: Booking, letter: Letter, dtstamp: datetime) -> Invitation:
    """Return the calendar side of a letter to the guest.

    Raises:
        ValueError: the guest's address is none, or the organizer's own.
    """
    series, facts, method = booking.meeting.series, letter.facts, METHODS[letter.purpose]
    return Invitation(
        method=method,
        uid=booking.uid,
        sequence=booking.sequence,
        dtstamp=dtstamp,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=series.time_zone,
        summary=facts.summary,
        description=letter.description,
        location=facts.where,
        url=facts.visit_url,
        organizer=organizer(),
        attendee=Party(booking.staff.user.email, facts.guest),
        partstat=booking.partstat,
        comment=facts.reason if method is Method.CANCEL else "",
        confidential=series.confidential,
    )
