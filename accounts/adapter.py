"""What sign-in does differently here from allauth's ways."""

import logging
import smtplib
from typing import Any

import css_inline
from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest
from django.utils import translation

# Media queries stay in the head: they alone can serve dark themes and narrow screens.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

_LOST = "rundgang_mail_lost"

log = logging.getLogger(__name__)


def is_mail_lost(request: HttpRequest) -> bool:
    """Return whether a mail of this request could not be handed over; for administrators only."""
    return getattr(request, _LOST, False)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People are added by an administrator or by import; mails look and speak as all of ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: nobody signs up by themselves."""
        del request
        return False

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as it is: it names the product itself."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail of the sign-in; one that cannot be handed over is logged.

        An error page would say which addresses are known: for others nothing is sent.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            log.error("%s was not sent: %s", template_prefix, type(error).__name__)  # noqa: TRY400 -- no trace: it may hold the link
            setattr(context["request"], _LOST, True)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Return the mail in the reader's language, its style rules inlined."""
        chosen = getattr(context.get("user"), "language", "")
        with translation.override(chosen or translation.get_language()):
            values = {**context, "language": translation.get_language()}
            mail: EmailMessage = super().render_mail(template_prefix, email, values, headers)
        if isinstance(mail, EmailMultiAlternatives):
            written, mail.alternatives = mail.alternatives, []
            for content, kind in written:
                mail.attach_alternative(_INLINER.inline(str(content)), kind)
        return mail
