"""Addresses of a user's own settings."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.settings_edit, name="settings_edit"),
    path("theme/", views.theme_set, name="theme_set"),
]
