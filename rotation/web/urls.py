"""The addresses of the pages."""

from django.urls import path

from rotation.web.views import (
    answer_link,
    answers,
    departments,
    health,
    hosting,
    mailbox,
    meetings,
    my_visits,
    outbox,
    overview,
    team,
    visit_changes,
    visits,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("departments/", departments.departments, name="departments"),
    path("departments/<int:department_id>/", departments.department, name="department"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/book/", meetings.meeting_book, name="meeting_book"),
    path("team/", team.team, name="team"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<int:booking_id>/", visits.visit, name="visit"),
    path("visits/<int:booking_id>/confirm/", visit_changes.visit_confirm, name="visit_confirm"),
    path("visits/<int:booking_id>/decline/", visit_changes.visit_decline, name="visit_decline"),
    path("visits/<int:booking_id>/cancel/", visit_changes.visit_cancel, name="visit_cancel"),
    path("visits/<int:booking_id>/move/", visit_changes.visit_move, name="visit_move"),
    path("visits/<int:booking_id>/swap/", visit_changes.visit_swap, name="visit_swap"),
    path("visits/<int:booking_id>/attended/", visit_changes.visit_attended, name="visit_attended"),
    path("visits/<int:booking_id>/missed/", visit_changes.visit_missed, name="visit_missed"),
    path("visits/<int:booking_id>/answer/", visit_changes.visit_answer, name="visit_answer"),
    path("visits/<int:booking_id>/note/", visit_changes.visit_note, name="visit_note"),
    path("my/", my_visits.my_visits, name="my_visits"),
    path("hosting/", hosting.hosting, name="hosting"),
    path("hosting/series/new/", hosting.series_new, name="series_new"),
    path(
        "hosting/meetings/<int:meeting_id>/cancel/", hosting.meeting_cancel, name="meeting_cancel"
    ),
    path("hosting/meetings/<int:meeting_id>/move/", hosting.meeting_move, name="meeting_move"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:mail_id>/", mailbox.mailbox_mail, name="mailbox_mail"),
    path("answers/", answers.held_answers, name="held_answers"),
    path("answers/<int:mail_id>/apply/", answers.held_answer_apply, name="held_answer_apply"),
    path("answers/<int:mail_id>/drop/", answers.held_answer_drop, name="held_answer_drop"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:mail_id>/again/", outbox.outbox_again, name="outbox_again"),
    path("health/", health.health, name="health"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("r/<str:token>/", answer_link.answer, name="answer"),
]
