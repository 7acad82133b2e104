"""The addresses of the pages."""

from django.urls import path
from django.views.generic import RedirectView

from rotation.web.views import departments, meetings, overview, team

# Stands where a page is still being made.
coming = RedirectView.as_view(pattern_name="overview", query_string=False)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("departments/", departments.departments, name="departments"),
    path("departments/<int:department_id>/", departments.department, name="department"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/book/", meetings.meeting_book, name="meeting_book"),
    path("team/", team.team, name="team"),
    path("visits/", coming, name="visits"),
    path("visits/<int:booking_id>/", coming, name="visit"),
    path("visits/<int:booking_id>/confirm/", coming, name="visit_confirm"),
    path("visits/<int:booking_id>/decline/", coming, name="visit_decline"),
    path("visits/<int:booking_id>/cancel/", coming, name="visit_cancel"),
    path("visits/<int:booking_id>/move/", coming, name="visit_move"),
    path("visits/<int:booking_id>/swap/", coming, name="visit_swap"),
    path("visits/<int:booking_id>/attended/", coming, name="visit_attended"),
    path("visits/<int:booking_id>/missed/", coming, name="visit_missed"),
    path("visits/<int:booking_id>/answer/", coming, name="visit_answer"),
    path("visits/<int:booking_id>/note/", coming, name="visit_note"),
    path("my/", coming, name="my_visits"),
    path("hosting/", coming, name="hosting"),
    path("hosting/series/new/", coming, name="series_new"),
    path("hosting/meetings/<int:meeting_id>/cancel/", coming, name="meeting_cancel"),
    path("hosting/meetings/<int:meeting_id>/move/", coming, name="meeting_move"),
    path("mailbox/", coming, name="mailbox"),
    path("mailbox/<int:mail_id>/", coming, name="mailbox_mail"),
    path("answers/", coming, name="held_answers"),
    path("outbox/", coming, name="outbox"),
    path("health/", coming, name="health"),
    path("healthz", coming, name="healthz"),
    path("readyz", coming, name="readyz"),
    path("r/<str:token>/", coming, name="answer"),
]
