import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from rotation.booking.models import Booking
from rotation.web.components import (
    PARTSTAT_LOOKS,
    STATE_LOOKS,
    CapacityBar,
    DateInput,
    DateTimeInput,
    TimeInput,
    heat_step,
)

HOURS = st.floats(0, 1e4)


def rendered(source: str, language: str = "en", **values: object) -> str:
    return shown(source, language, values)


def shown(source: str, language: str, values: dict[str, object]) -> str:
    request = values.get("request")
    context = (
        RequestContext(request, values) if isinstance(request, HttpRequest) else Context(values)
    )
    with translation.override(language):
        return " ".join(Template(source).render(context).split())


def test_every_state_and_every_answer_has_a_look() -> None:
    assert set(STATE_LOOKS) == set(Booking.State)
    assert set(PARTSTAT_LOOKS) == set(Booking.Partstat)


@pytest.mark.parametrize("state", Booking.State)
def test_a_state_is_an_icon_and_a_word_not_only_a_colour(state: Booking.State) -> None:
    html = rendered("{% state_chip state %}", state=state)
    assert "<svg" in html
    assert str(state.label).lower() in html.lower()


def test_a_chip_escapes_its_word() -> None:
    assert "<b>" not in rendered('{% chip "ok" "check" word %}', word="<b>")


@given(HOURS, HOURS, HOURS, HOURS)
def test_a_capacity_bar_is_full_and_free_or_over_but_not_both(
    reactive: float, proactive: float, absent: float, capacity: float
) -> None:
    bar = CapacityBar(reactive=reactive, proactive=proactive, absent=absent, capacity=capacity)
    widths = [float(segment.width) for segment in bar.segments]
    assert sum(widths) == pytest.approx(100 if bar.segments else 0, abs=0.21)
    assert not (bar.free_hours and bar.over_hours)


def test_a_capacity_bar_says_its_hours() -> None:
    html = rendered("{% capacity_bar 10 2.5 38.5 8 text=False %}")
    assert re.findall('aria-label="(.*?)"', html) == [
        "10.0 h reactive, 2.5 h proactive, 8.0 h absent, 18.0 h free"
    ]
    assert "over capacity" not in html


def test_too_many_hours_are_said_in_words() -> None:
    length = timedelta(hours=40)
    html = rendered("{% capacity_bar length 2 38.5 %}", length=length)
    assert "3.5 h over capacity" in html


@pytest.mark.parametrize(
    ("value", "full", "step"),
    [(0, 4, 0), (1, 4, 1), (4, 4, 4), (9, 4, 4), (0.1, 4, 1), (3, 0, 0), (Decimal(2), 4, 2)],
)
def test_a_heat_step_grows_with_its_value(value: float, full: float, step: int) -> None:
    assert heat_step(value, full) == step


def test_a_heat_cell_always_says_its_number() -> None:
    assert rendered("{% heat_cell 0 %}") == '<td class="r-heat-0">0</td>'


def test_a_figure_leads_to_the_list_behind_it() -> None:
    html = rendered('{% kpi "Open" "14" "3 late" "/visits/" "down" %}')
    assert '<a href="/visits/">Open</a>' in html


def test_a_callout_keeps_what_it_holds() -> None:
    html = rendered('{% callout "bad" title role="alert" %}<p>why</p>{% endcallout %}', title="A&B")
    assert 'role="alert"' in html
    assert "A&amp;B" in html
    assert "<p>why</p>" in html


def test_an_empty_list_says_what_to_do() -> None:
    html = rendered('{% empty_state "calendar" "None yet" %}<p>Book one.</p>{% endempty_state %}')
    assert "<h2>None yet</h2> <p>Book one.</p>" in html


@pytest.mark.parametrize(
    ("query", "order", "link"),
    [
        ("", "ascending", "?sort=-name"),
        ("?sort=-name&page=3&q=x", "descending", "?sort=name&amp;q=x"),
        ("?sort=team", "none", "?sort=name"),
    ],
)
def test_a_column_head_tells_its_order_and_turns_it(query: str, order: str, link: str) -> None:
    request = RequestFactory().get(f"/{query}")
    html = rendered('{% sort_header "name" "Person" default=True %}', request=request)
    assert f'aria-sort="{order}"' in html
    assert f'href="{link}"' in html


def test_the_pager_keeps_the_filters() -> None:
    request = RequestFactory().get("/?team=2&page=2")
    page = Paginator(range(1312), 25).page(2)
    html = rendered("{% pager page %}", request=request, page=page)
    assert "26–50 of 1,312" in html
    assert 'href="?team=2&amp;page=3"' in html


@pytest.mark.parametrize(
    ("source", "german", "english"),
    [
        ("{{ at|moment }}", "Di, 19.01.2027, 10:00 Uhr", "Tue 19 Jan 2027, 10:00"),
        ("{{ at|clock }}", "10:00 Uhr", "10:00"),
        ("{{ at|day }}", "Di, 19.01.2027", "Tue 19 Jan 2027"),
        ("{{ on|day:'short' }}", "Mi, 20.01.", "Wed 20 Jan"),
        ("{{ on|week:'year' }}", "KW 3/2027", "W3 2027"),
        ("{{ 1234.5|number:1 }}", "1.234,5", "1,234.5"),
        ("{{ 3.44|hours }}", "3,4 h", "3.4 h"),
        ("{{ 3.44|signed_hours }}", "+3,4 h", "+3.4 h"),
        ("{{ 0.184|percent }}", "18 %", "18%"),
        ("{{ length|duration }}", "1 h 30 min", "1 h 30 min"),
        ("{{ none|day }}{{ none|hours }}{{ none|age }}", "–––", "–––"),
    ],
)
def test_the_filters_follow_the_language(source: str, german: str, english: str) -> None:
    values: dict[str, object] = {
        "at": datetime(2027, 1, 19, 9, tzinfo=UTC),
        "on": date(2027, 1, 20),
        "length": timedelta(minutes=90),
        "none": None,
    }
    written = [shown(source, lang, values) for lang in ("de", "en")]
    assert written == [german, english]


def test_an_instant_late_in_the_evening_is_of_the_local_day() -> None:
    late = datetime(2027, 1, 19, 23, 30, tzinfo=UTC)
    assert rendered("{{ at|day }}", at=late) == "Wed 20 Jan 2027"


def test_when_shows_the_viewers_clock_beside_the_meetings() -> None:
    at = datetime(2027, 1, 19, 9, tzinfo=UTC)
    with timezone.override("Europe/London"):
        html = rendered("{% when at end 'Europe/Berlin' %}", at=at, end=at + timedelta(hours=1))
    assert html == "Tue 19 Jan 2027, 10:00–11:00 (Berlin) · 09:00–10:00 for you"


class ExampleForm(forms.Form):
    name = forms.CharField(help_text="As on the badge.")
    day = forms.DateField(widget=DateInput)
    at = forms.TimeField(widget=TimeInput, required=False)
    since = forms.DateTimeField(widget=DateTimeInput, required=False)
    confidential = forms.BooleanField(required=False)


def test_a_faulty_field_is_tied_to_its_error_and_its_help() -> None:
    html = rendered("{{ form.name.as_field_group }}", form=ExampleForm({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


@pytest.mark.parametrize("language", ["de", "en"])
def test_date_fields_hold_what_the_browser_understands(language: str) -> None:
    values = {
        "day": date(2027, 1, 19),
        "at": datetime(2027, 1, 19, 9, 5, tzinfo=UTC).time(),
        "since": datetime(2027, 1, 19, 9, tzinfo=UTC),
    }
    html = rendered("{{ form }}", form=ExampleForm(initial=values), language=language)
    assert 'type="date" name="day" value="2027-01-19"' in html
    assert 'type="time" name="at" value="09:05"' in html
    assert 'type="datetime-local" name="since" value="2027-01-19T10:00"' in html


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_the_browser_sends_is_a_date(language: str) -> None:
    with translation.override(language):
        form = ExampleForm({"name": "x", "day": "2027-01-19", "since": "2027-01-19T10:00"})
        assert form.errors == {}


class ChoiceForm(forms.Form):
    kind = forms.ChoiceField(choices=[("", "Any"), ("<b>", "A & B"), ("Old", [(1, "One")])])


def test_a_select_box_escapes_its_options_marks_the_chosen_one_and_names_their_group() -> None:
    html = rendered("{{ form.kind }}", form=ChoiceForm(initial={"kind": "<b>"}))

    assert html == (
        '<select name="kind" required id="id_kind"><option value="">Any</option>'
        '<option value="&lt;b&gt;" selected>A &amp; B</option>'
        '<optgroup label="Old"><option value="1">One</option></optgroup> </select>'
    )
