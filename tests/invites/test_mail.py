"""Each mail against its golden file, and what no text may do to any of them.

`UPDATE_GOLDEN=1 pytest tests/invites/test_mail.py` writes the files anew; read them before you
commit them.
"""

import os
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django.utils import translation
from pytest_django import Settings

from rotation.invites.ical import calendar_object
from rotation.invites.models import Mail
from tests.invites.letters import (
    GUEST_PURPOSES,
    PURPOSES,
    bodies,
    invitation_of,
    letter_of,
    make_telling,
    parsed,
    raw_of,
)

GOLDEN = Path(__file__).parent / "golden"
NASTY = "x\r\nBcc: evil@example.net\x00\x0b\u2028<script>alert(1)</script>;,\"'"


def is_golden(name: str, content: bytes) -> bool:
    """Return whether the file holds exactly `content`; writes it first where that is asked for."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(content)
    return path.read_bytes() == content


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_mail_is_its_golden_file(purpose: Mail.Purpose) -> None:
    assert is_golden(f"{purpose.value}.eml", raw_of(purpose, make_telling()))


@pytest.mark.parametrize("purpose", GUEST_PURPOSES)
def test_every_calendar_object_is_its_golden_file(purpose: Mail.Purpose) -> None:
    invitation = invitation_of(purpose, make_telling())

    assert is_golden(f"{purpose.value}.ics", calendar_object(invitation))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_text_breaks_out_of_a_mail(purpose: Mail.Purpose) -> None:
    usual = parsed(raw_of(purpose, make_telling()))
    nasty = make_telling(
        guest=NASTY,
        host=NASTY,
        department=NASTY,
        title=NASTY,
        location=NASTY,
        purpose=NASTY,
        reason=NASTY,
    )
    raw = raw_of(purpose, nasty)
    text, html = bodies(raw)

    assert parsed(raw).keys() == usual.keys()
    assert [part.get_content_type() for part in parsed(raw).walk()] == [
        part.get_content_type() for part in usual.walk()
    ]
    assert "<script" not in html
    assert {"\x00", "\x0b", "\u2028"}.isdisjoint(text + html)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_confidential_title_stays_out_of_the_mail(purpose: Mail.Purpose) -> None:
    raw = raw_of(purpose, make_telling(title="Kauf der Firma Z", confidential=True))
    whole = "\n".join([*bodies(raw), parsed(raw)["Subject"], letter_of(purpose, make_telling(
        title="Kauf der Firma Z", confidential=True)).description])  # fmt: skip

    assert "Firma Z" not in whole
    assert "Einkauf" in whole


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_mail_has_one_button_and_text_and_html_have_the_same_links(purpose: Mail.Purpose) -> None:
    text, html = bodies(raw_of(purpose, make_telling()))
    links = Links()
    links.feed(html)

    assert links.buttons == 1
    assert {word for word in text.split() if word.startswith("https://")} == set(links.found)


class Links(HTMLParser):
    """Collects the targets of links, and counts those that look like a button."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.buttons = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.found.append(values["href"] or "")
            self.buttons += values.get("class") == "button"


def test_the_html_keeps_its_dark_rules_and_its_colour_scheme() -> None:
    html = bodies(raw_of(Mail.Purpose.INVITE, make_telling()))[1]

    assert '<meta name="color-scheme" content="light dark">' in html
    assert html.count("@media (prefers-color-scheme: dark)") == 1
    assert html.count("@media (max-width: 480px)") == 1
    assert 'style="' in html


def test_links_lead_to_pages_that_exist() -> None:
    facts = letter_of(Mail.Purpose.INVITE, make_telling()).facts
    paths = [urlsplit(url).path for url in (facts.visit_url, facts.answer_url)]

    assert [resolve(path).url_name for path in paths] == ["visit", "answer"]


def test_subjects_start_with_the_fact() -> None:
    telling = make_telling()

    assert [letter_of(purpose, telling).subject for purpose in PURPOSES] == [
        "Visit Tue 30 Mar: Einkauf – please answer",
        "Changed: visit Tue 30 Mar, Einkauf – please answer",
        "Cancelled: visit Tue 30 Mar, Einkauf",
        "Changed: visit to Einkauf, now Tue 30 Mar – not certain yet",
        "Please approve: Jörg Gast as a guest on Tue 30 Mar, Wochenrunde",
        "Still waiting for your word: Jörg Gast as a guest on Tue 30 Mar, Wochenrunde",
        "Guest on Tue 30 Mar: Jörg Gast, Wochenrunde",
        "Changed: Jörg Gast now comes on Tue 30 Mar, Wochenrunde",
        "Cancelled: Jörg Gast does not come on Tue 30 Mar, Wochenrunde",
        "Declined: Jörg Gast cannot come on Tue 30 Mar, Wochenrunde",
        "Lapsed: Jörg Gast on Tue 30 Mar – no answer from Einkauf",
    ]


def test_times_are_the_meetings_and_the_guests_own() -> None:
    text = letter_of(Mail.Purpose.INVITE, make_telling()).text
    to_host = letter_of(Mail.Purpose.HOST_GUEST_COMING, make_telling()).text

    assert "When: Tue 30 Mar 2027, 14:00–15:30 (Berlin)\n" in text
    assert "By your clock: Tue 30 Mar 2027, 08:00–09:30 (New York)\n" in text
    assert "By your clock" not in to_host


def test_a_guest_in_the_meetings_zone_reads_one_time() -> None:
    telling = make_telling(own_zone="Europe/Vienna")

    assert "By your clock" not in letter_of(Mail.Purpose.INVITE, telling).text


def test_a_german_reader_gets_german_dates_whatever_language_is_active() -> None:
    with translation.override("en"):
        letter = letter_of(Mail.Purpose.INVITE, make_telling(language="de"))

    assert "Di, 30.03.2027, 14:00–15:30\u00a0Uhr (Berlin)" in letter.text
    assert '<html lang="de">' in letter.html


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_mail_says_its_facts_in_german_too(purpose: Mail.Purpose) -> None:
    letter = letter_of(purpose, make_telling(language="de"))
    facts = letter.facts

    assert letter.language == "de"
    for words in (letter.text, unescape(letter.html)):
        assert [fact for fact in (facts.when, facts.guest, facts.where) if fact not in words] == []
        assert "%(" not in words


def test_a_reader_without_a_language_gets_the_installations(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "de"

    assert letter_of(Mail.Purpose.INVITE, make_telling(language="")).language == "de"


def test_who_waited_for_a_seat_reads_that_one_became_free() -> None:
    telling = make_telling()
    words = "You were on the waiting list of this meeting, and a seat has become free."

    assert words not in letter_of(Mail.Purpose.INVITE, telling).text
    letter = letter_of(Mail.Purpose.INVITE, replace(telling, has_waited=True))
    assert words in letter.text
    assert words in letter.html


@pytest.mark.parametrize(
    "purpose", [Mail.Purpose.HOST_APPROVAL_WANTED, Mail.Purpose.HOST_APPROVAL_REMINDER]
)
def test_who_is_asked_reads_until_when(purpose: Mail.Purpose) -> None:
    letter = letter_of(purpose, make_telling())

    # Asked on a Tuesday at 10 o'clock in Berlin: five working days.
    assert letter.facts.answer_by == "Tue 1 Dec 2026, 10:00 (Berlin)"
    assert "by Tue 1 Dec 2026, 10:00 (Berlin), the request lapses" in letter.text
