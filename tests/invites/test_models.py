"""What the database itself refuses about mails."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from rotation.invites.models import Mail
from rotation.invites.services import queue_invites
from tests.builders import NOW, make_booking

pytestmark = pytest.mark.django_db


def make_mail() -> Mail:
    (mail,) = queue_invites([make_booking()], NOW)
    return mail


def test_one_change_is_told_to_one_person_once() -> None:
    mail = make_mail()
    mail.pk, mail.message_id, mail.dtstamp = None, "<other@example.org>", NOW + timedelta(hours=1)

    with pytest.raises(IntegrityError, match="mail_tells_of_a_change_once"):
        mail.save()


def test_no_two_messages_of_one_uid_share_a_dtstamp() -> None:
    mail = make_mail()
    mail.pk, mail.message_id, mail.repeat = None, "<other@example.org>", 1

    with pytest.raises(IntegrityError, match="mail_has_its_own_dtstamp"):
        mail.save()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "sent"}, "mail_is_sent_at_a_time"),
        ({"sent_at": NOW}, "mail_is_sent_at_a_time"),
        ({"state": "lost"}, "mail_is_sent_at_a_time"),
        ({"dtstamp": None}, "mail_with_a_calendar_part_has_a_dtstamp"),
        ({"method": ""}, "mail_with_a_calendar_part_has_a_dtstamp"),
        ({"method": "ADD"}, "mail_with_a_calendar_part_has_a_dtstamp"),
    ],
)
def test_a_mail_that_contradicts_itself_is_refused(
    changes: dict[str, object], constraint: str
) -> None:
    mail = make_mail()

    with pytest.raises(IntegrityError, match=constraint):
        Mail.objects.filter(pk=mail.pk).update(**changes)


def test_the_token_names_the_mail_everywhere() -> None:
    mail = make_mail()

    assert mail.message_id == f"<{mail.token}@example.org>"
    assert mail.envelope_sender == f"bounce+{mail.token}@example.org"
