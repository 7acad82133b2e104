"""Who may sign in."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.fields import SortKeyField
from accounts.validators import validate_name


class Role(models.TextChoices):
    """What a user may be; a user may be several at once."""

    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("IT manager")
    PLANNER = "planner", _("Planner")
    STAFF = "staff", _("IT staff")
    HOST = "host", _("Host")
    EXECUTIVE = "executive", _("Executive")
    COUNCIL = "council", _("Works council")


class UserManager(BaseUserManager["User"]):
    """Creates users; the e-mail address is the sign-in name."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Return a new user; without a password nobody can sign in as this user."""
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in."""

    class Theme(models.TextChoices):
        """How the pages look."""

        SYSTEM = "system", _("Like the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Language(models.TextChoices):
        """What the pages and mails are written in."""

        BROWSER = "", _("Like the browser")
        GERMAN = "de", "Deutsch"
        ENGLISH = "en", "English"

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, validators=[validate_name])
    sort_key = SortKeyField()
    roles = ArrayField(
        models.CharField(max_length=10, choices=Role), verbose_name=_("roles"), default=list
    )
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.BROWSER, blank=True
    )
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(
        _("under a pseudonym since"), null=True, blank=True, editable=False
    )

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique_in_any_case"),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=Role.values), name="user_roles_are_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's admin is open to administrators only."""
        return self.is_active and Role.ADMIN in self.roles

    def has_perm(self, _permission: str, _obj: models.Model | None = None) -> bool:
        """Return whether Django's admin lets the user do a thing; the admin's classes narrow it."""
        return self.is_staff

    def has_module_perms(self, _app_label: str) -> bool:
        """Return whether Django's admin shows an app to the user."""
        return self.is_staff

    def has_role(self, *roles: Role) -> bool:
        """Return whether the user has at least one of `roles`."""
        return not set(roles).isdisjoint(self.roles)


def all_scopes() -> list[str]:
    """Return every scope: what a token may be used for where nobody narrowed it."""
    return list(TokenScope.values)


class TokenScope(models.TextChoices):
    """What a token may be used for, within what its user may do."""

    READ = "read", _("read what you may see")
    BOOK = "book", _("book and change visits, write notes")
    PEOPLE = "people", _("change people, teams and departments")
    MEETINGS = "meetings", _("offer and change meetings")
    TICKETS = "tickets", _("hand in tickets")
    WEBHOOKS = "webhooks", _("see and change webhooks")
    AUDIT = "audit", _("read the trail of changes")


class ApiToken(models.Model):
    """A key for scripts; only its hash is stored.

    A revoked token expires at once and goes on being listed, so that the trail stays readable.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, verbose_name=_("owner"), related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=80, blank=True, validators=[validate_name])
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(
        models.CharField(max_length=8, choices=TokenScope),
        verbose_name=_("what for"),
        default=all_scopes,
    )
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"))
    last_used_on = models.DateField(_("last used"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=TokenScope.values),
                name="api_token_scopes_are_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.name or self.pk}"

    @staticmethod
    def digest_of(key: str) -> str:
        """Return what is stored of `key`: its SHA-256; the key itself has 256 random bits."""
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User, *, now: datetime, expires_at: datetime, **fields: Any) -> str:  # noqa: ANN401 -- columns
        """Store a new token and return its key, which is never shown again."""
        key, _token = cls.make(user, now=now, expires_at=expires_at, **fields)
        return key

    @classmethod
    def make(
        cls,
        user: User,
        *,
        now: datetime,
        expires_at: datetime,
        **fields: Any,  # noqa: ANN401 -- columns
    ) -> tuple[str, "ApiToken"]:
        """Store a new token, with every scope unless some are named; return its key and itself."""
        key = secrets.token_urlsafe(32)
        digest = cls.digest_of(key)
        token = cls.objects.create(
            user=user, digest=digest, created_at=now, expires_at=expires_at, **fields
        )
        return key, token
