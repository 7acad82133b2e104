"""The addresses of the pages by which people, teams, departments, sites and users are kept."""

from django.urls import path

from rotation.web.views import (
    directory,
    hosts,
    onboarding,
    people,
    people_import,
    person_changes,
    person_times,
    users,
)

urlpatterns = [
    path("departments/new/", directory.department_new, name="department_new"),
    path(
        "departments/<int:department_id>/edit/", directory.department_edit, name="department_edit"
    ),
    path(
        "departments/<int:department_id>/remove/",
        directory.department_remove,
        name="department_remove",
    ),
    path("departments/<int:department_id>/hosts/new/", hosts.host_new, name="host_new"),
    path(
        "departments/<int:department_id>/hosts/<int:host_id>/remove/",
        hosts.host_remove,
        name="host_remove",
    ),
    path("people/", people.people, name="people"),
    path("people/me/", people.person_me, name="person_me"),
    path("people/new/", person_changes.person_new, name="person_new"),
    path("people/import/", people_import.people_import_page, name="people_import"),
    path(
        "people/import/example.<str:kind>",
        people_import.people_import_example,
        name="people_import_example",
    ),
    path("people/<int:staff_id>/", people.person, name="person"),
    path("people/<int:staff_id>/edit/", person_changes.person_edit, name="person_edit"),
    path("people/<int:staff_id>/leave/", person_changes.person_leave, name="person_leave"),
    path("people/<int:staff_id>/return/", person_changes.person_return, name="person_return"),
    path("people/<int:staff_id>/contracts/new/", person_times.contract_new, name="contract_new"),
    path(
        "people/<int:staff_id>/contracts/<int:contract_id>/",
        person_times.contract_edit,
        name="contract_edit",
    ),
    path(
        "people/<int:staff_id>/contracts/<int:contract_id>/remove/",
        person_times.contract_remove,
        name="contract_remove",
    ),
    path("people/<int:staff_id>/absences/new/", person_times.absence_new, name="absence_new"),
    path(
        "people/<int:staff_id>/absences/<int:absence_id>/",
        person_times.absence_edit,
        name="absence_edit",
    ),
    path(
        "people/<int:staff_id>/absences/<int:absence_id>/remove/",
        person_times.absence_remove,
        name="absence_remove",
    ),
    path("people/<int:staff_id>/duties/new/", person_times.duty_new, name="duty_new"),
    path("people/<int:staff_id>/duties/<int:duty_id>/", person_times.duty_edit, name="duty_edit"),
    path(
        "people/<int:staff_id>/duties/<int:duty_id>/remove/",
        person_times.duty_remove,
        name="duty_remove",
    ),
    path("teams/", directory.teams, name="teams"),
    path("teams/new/", directory.team_new, name="team_new"),
    path("teams/<int:team_id>/", directory.team_edit, name="team_edit"),
    path("teams/<int:team_id>/remove/", directory.team_remove, name="team_remove"),
    path("sites/", directory.sites, name="sites"),
    path("sites/new/", directory.site_new, name="site_new"),
    path("sites/<int:site_id>/", directory.site_edit, name="site_edit"),
    path("sites/<int:site_id>/remove/", directory.site_remove, name="site_remove"),
    path("users/", users.users, name="users"),
    path("users/new/", users.user_new, name="user_new"),
    path("users/sign-in-mail/", users.users_sign_in_mail, name="users_sign_in_mail"),
    path("users/<int:user_id>/", users.user, name="user"),
    path("users/<int:user_id>/erase/", users.user_erase, name="user_erase"),
    path("users/<int:user_id>/sign-in-mail/", users.user_sign_in_mail, name="user_sign_in_mail"),
    path("onboarding/hide/", onboarding.onboarding_hide, name="onboarding_hide"),
    path("onboarding/show/", onboarding.onboarding_show, name="onboarding_show"),
]
