"""Queueing what is to be told, in the transaction of the change, and handing it to SMTP."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import get_default_timezone

from accounts.models import User
from rotation.audit.models import Entry, Subject
from rotation.audit.services import By, record
from rotation.booking.models import Booking, Waiting
from rotation.calendars.identifiers import message_id, new_token, next_dtstamp
from rotation.directory.deputies import Answering, answering_for, stand_ins
from rotation.directory.models import Host
from rotation.invites.errors import MailDelayed, MailRefused
from rotation.invites.ical import Invitation, Method, Party
from rotation.invites.mail import (
    BOOKER_LETTERS,
    GUEST_LETTERS,
    HOST_LETTERS,
    Letter,
    Telling,
)
from rotation.invites.mime import Envelope, mail_bytes, organizer
from rotation.invites.models import Mail
from rotation.invites.owing import (
    TO_APPROVERS,
    History,
    owed_to_booker,
    owed_to_guest,
    owed_to_hosts,
    owes_reminder,
)
from rotation.invites.queries import histories
from rotation.invites.retries import GIVE_UP_AFTER, pause_before
from rotation.invites.transport import SmtpConnection

METHODS = {
    Mail.Purpose.INVITE: Method.REQUEST,
    Mail.Purpose.INVITE_UPDATE: Method.REQUEST,
    Mail.Purpose.INVITE_CANCEL: Method.CANCEL,
    Mail.Purpose.INVITE_WITHDRAWN: Method.CANCEL,
}
REPEAT_AFTER = timedelta(hours=1)
# Written out, as it runs for every mail: building it from objects takes longer than running it.
_NOTE = """
UPDATE rotation_mail
SET state = %s, attempts = %s, not_before = %s, last_error = %s, sent_at = %s WHERE id = %s"""


class Handed(Enum):
    """What became of a mail that the relay took up."""

    SENT = "sent"
    DELAYED = "delayed"
    FAILED = "failed"


@dataclass(frozen=True)
class _Task:
    """A booking, what was told of it, and what its next mails need beside it.

    Attributes:
        approvers: Who is asked whether the guest may come, deputies included.
        readers: Who gets the other mails to hosts.
    """

    booking: Booking
    told: History
    telling: Telling
    now: datetime
    approvers: Sequence[User] = ()
    readers: Sequence[User] = ()


@transaction.atomic
def queue_invites(bookings: Iterable[Booking], now: datetime) -> list[Mail]:
    """Queue every mail that these bookings owe guests, hosts and bookers, and return them.

    Belongs into the transaction of the change. A second time queues nothing. A person whose
    address no mail can carry gets a failed mail that says so. Five queries, whatever the number;
    one more for each request that finds no host.
    """
    ids = [booking.pk for booking in bookings]
    mails = [mail for task in _tasks(ids, now) for mail in _mails_due(task)]
    return Mail.objects.bulk_create(mails)


def queue_first_invites(booking: Booking, reason: str, now: datetime) -> list[Mail]:
    """Queue the mails of a booking that this transaction made by `book_visit`, and return them.

    As `queue_invites`, without asking the database for what is known: nobody else has seen the
    booking yet, nobody was told of it, and why it is there is `reason`. Two queries.
    """
    answering = _answering([booking], now)
    mails = _mails_due(_task(booking, History(), reason, answering, now))
    return Mail.objects.bulk_create(mails)


@transaction.atomic
def queue_reminders(bookings: Iterable[Booking], now: datetime) -> list[Mail]:
    """Queue one reminder to everybody who was asked about these requests, and return them.

    A second time, and two at once, queue nothing: the bookings are locked, and only then looked at.
    """
    letter = HOST_LETTERS[Mail.Purpose.HOST_APPROVAL_REMINDER]
    mails = [
        _mail(task, letter(task.telling, host), task.told.hosts.thread)
        for task in _tasks([booking.pk for booking in bookings], now)
        if owes_reminder(task.booking, task.told.hosts)
        for host in task.approvers
    ]
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


def relay(mail: Mail, server: SmtpConnection, *, now: datetime, chance: float) -> Handed:
    """Hand a due mail to SMTP, note what became of it, and say so.

    Only for who holds the mail's share of the outbox, and outside of a transaction: it is `sent`
    only after the server's 250, and that is durable before the next mail, so that a crash in
    between repeats one mail, and the very same bytes. `chance` from [0, 1) spreads the pause
    after a failure.

    Raises:
        MailServerUnreachable: no connection; the mail is not charged with it.
    """
    mail.attempts += 1
    handed = _hand_over(server, mail, now, chance)
    note(mail)
    return handed


def note(mail: Mail) -> None:
    """Store what became of a mail that was relayed; a second time changes nothing."""
    values = (mail.state, mail.attempts, mail.not_before, mail.last_error, mail.sent_at, mail.pk)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


@transaction.atomic
def send_again(mail_id: int, *, by: By, now: datetime) -> Mail:
    """Put a failed mail back into the queue, for an administrator who has mended the cause."""
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.state == Mail.State.FAILED and mail.raw:
        mail.state, mail.attempts, mail.not_before = Mail.State.QUEUED, 0, now
        mail.save(update_fields=("state", "attempts", "not_before"))
        about, told = (Subject.MAIL, mail.pk), {"booking": mail.booking_id}
        record(by, now, about=about, action="send_again", new=told)
    return mail


def _hand_over(server: SmtpConnection, mail: Mail, now: datetime, chance: float) -> Handed:
    try:
        server.send(sender=mail.envelope_sender, recipient=mail.recipient, raw=bytes(mail.raw))
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
    bookings = _locked(ids)
    told = histories(Mail.objects.filter(booking__in=ids))
    reasons = _reasons(ids)
    answering = _answering(bookings, now)
    return [
        _task(booking, told[booking.pk], reasons[booking.pk], answering, now)
        for booking in bookings
    ]


def _answering(bookings: Iterable[Booking], now: datetime) -> Answering:
    """Return who answers for the departments of these bookings today; one query."""
    departments = {booking.meeting.series.department_id for booking in bookings}
    return answering_for(departments, now.astimezone(get_default_timezone()).date())


def _locked(ids: Sequence[int]) -> list[Booking]:
    """Return the bookings, locked, with all that mails say of them."""
    related = (
        "staff__user",
        "meeting__series__department",
        "meeting__series__host__user",
        "booked_by",
    )
    waited = Exists(Waiting.objects.filter(booking=OuterRef("pk")))
    found = Booking.objects.select_for_update(of=("self",)).select_related(*related)
    asked = found.filter(pk__in=ids).order_by("pk")
    return list(asked.annotate(has_waited=waited))  # type: ignore[no-redef]  # said in Booking


def _task(
    booking: Booking, told: History, reason: str, answering: Answering, now: datetime
) -> _Task:
    hosts = _hosts_of(booking, answering)
    deputies = [deputy for host in hosts for deputy in answering.deputies[host.pk]]
    readers = list(dict.fromkeys([*(host.user for host in hosts), *deputies]))
    asks = booking.state == Booking.State.REQUESTED
    return _Task(
        booking,
        told,
        Telling(booking, [host.user for host in hosts], reason, booking.has_waited),
        now,
        approvers=readers or (list(stand_ins()) if asks else ()),
        readers=readers,
    )


def _reasons(ids: Sequence[int]) -> dict[int, str]:
    """Return why each booking is as it is: the reason of its latest change."""
    entries = Entry.objects.filter(subject=Subject.BOOKING, subject_id__in=ids)
    latest = entries.order_by("subject_id", "-at", "-pk").distinct("subject_id")
    reasons = latest.values_list("subject_id", "reason")
    return defaultdict(str, reasons)


def _hosts_of(booking: Booking, answering: Answering) -> list[Host]:
    """Return the series' own host, or else every host of the department."""
    series = booking.meeting.series
    if series.host is not None and series.host.user.is_active:
        return [series.host]
    return answering.hosts[series.department_id]


def _mails_due(task: _Task) -> list[Mail]:
    booking, told, mails = task.booking, task.told, []
    if to_guest := owed_to_guest(booking, told.guest):
        mails.append(_guest_mail(task, to_guest))
    if to_hosts := owed_to_hosts(booking, told.hosts):
        readers = task.approvers if to_hosts in TO_APPROVERS else task.readers
        letter = HOST_LETTERS[to_hosts]
        mails += [_mail(task, letter(task.telling, host), told.hosts.thread) for host in readers]
    to_booker = owed_to_booker(booking, told.booker)
    if to_booker and (booker := booking.booked_by) and booker.is_active:
        mails.append(_mail(task, BOOKER_LETTERS[to_booker](task.telling, booker), ""))
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


def _mail(task: _Task, letter: Letter, thread: str) -> Mail:
    mail = _new_mail(task, letter)
    try:
        mail.raw = mail_bytes(letter, _envelope(mail, thread))
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
