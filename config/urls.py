"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.views import language_set

urlpatterns = [
    path("", include("rotation.web.urls")),
    path("api/v1/", include("rotation.api.urls")),
    # The address is the sign-in name and where invitations go: an administrator changes it.
    path("accounts/email/", RedirectView.as_view(pattern_name="settings_edit")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("settings/", include("accounts.urls")),
    path("i18n/setlang/", language_set, name="set_language"),
    path("admin/", admin.site.urls),
]
handler400 = "rotation.web.views.errors.bad_request"
handler403 = "rotation.web.views.errors.permission_denied"
handler404 = "rotation.web.views.errors.page_not_found"
handler500 = "rotation.web.views.errors.server_error"
