"""What each team may spend on visits, week by week."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rotation.directory.models import Team


class TeamBudget(models.Model):
    """The share of a team's time that goes into visits in one week, and what it rests on."""

    team = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        verbose_name=_("team"),
        related_name="+",
        related_query_name="budget",
    )
    week = models.DateField(_("week"), help_text=_("Monday of the ISO week"))
    share = models.DecimalField(
        _("share for visits"),
        max_digits=4,
        decimal_places=3,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    at_floor = models.BooleanField(_("at the floor"), default=False)
    capacity_minutes = models.PositiveIntegerField(_("net working time in minutes"))
    backlog_minutes = models.PositiveIntegerField(_("open work in minutes"), null=True)
    inflow_minutes = models.PositiveIntegerField(_("expected new work in minutes"), null=True)
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        ordering = ("week", "team__sort_key")
        verbose_name = _("team budget")
        verbose_name_plural = _("team budgets")
        constraints = [
            models.UniqueConstraint(fields=("team", "week"), name="team_has_one_budget_a_week"),
            models.CheckConstraint(
                condition=Q(week__iso_week_day=1), name="team_budget_week_is_a_monday"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="team_budget_share_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.week}: {self.share}"
