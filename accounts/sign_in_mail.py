"""The mail by which somebody sets a first password: the one for a new password, sent on request."""

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from accounts.adapter import is_mail_lost
from accounts.models import User


def send_sign_in_mail(request: HttpRequest, user: User) -> bool:
    """Send `user` a link that sets a password; return whether the mail server took the mail."""
    form = ResetPasswordForm({"email": user.email})
    if not form.is_valid():
        return False
    form.save(request)
    return not is_mail_lost(request)
