from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy

from console import record_names

if TYPE_CHECKING:
    import datetime as dt


class SignInAttempt(models.Model):
    """An attempt to sign in that has not succeeded. Keys are digests: no name is kept."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["key", "at"])]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.at:%Y-%m-%dT%H:%M:%SZ}"


class Submission(models.Model):
    """A form that was sent, by the key that it alone carries. `message` is what was told at its
    end; empty while it is being carried out."""

    key = models.UUIDField(primary_key=True)
    user_id = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    level = models.IntegerField(default=0)
    message = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.key} {self.at:%Y-%m-%dT%H:%M:%SZ}"


class Lease(models.Model):
    """The right of one submit to write to one thing of the cloud, for a while (`console.leases`).

    Times are the database's: machines whose clocks differ agree on when a lease ends.
    """

    key = models.CharField(max_length=80, primary_key=True)
    holder = models.UUIDField(db_index=True)
    words = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key} until {self.expires_at:%Y-%m-%dT%H:%M:%SZ}"


class Preference(models.Model):
    """How a user of a cloud likes the console to look (`console.preferences`)."""

    cloud = models.CharField(max_length=255, blank=True)
    user_id = models.CharField(max_length=64)
    theme = models.CharField(max_length=8, blank=True)
    is_folded = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cloud", "user_id"], name="one_preference_a_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.theme or 'system'}"


class OperationState(models.TextChoices):
    PLANNED = "planned", gettext_lazy("Planned")
    """Nothing was written yet."""
    APPLYING = "applying", gettext_lazy("Under way")
    DONE = "done", gettext_lazy("Done")
    UNDONE = "undone", gettext_lazy("Taken back")
    """It failed half-way, and everything is as it was before."""
    REFUSED = "refused", gettext_lazy("Refused")
    """A rule or the cloud spoke against it before anything was written."""
    FAILED = "failed", gettext_lazy("Failed")
    """It failed, and nothing of it is left."""
    NEEDS_REPAIR = "needs repair", gettext_lazy("Needs repair")
    """It failed, and something of it is, or may be, left."""

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        return {
            "planned": "busy",
            "applying": "busy",
            "done": "good",
            "undone": "warn",
            "needs repair": "bad",
        }.get(self.value, "quiet")


OPEN_STATES = (OperationState.PLANNED, OperationState.APPLYING)
UNSETTLED_STATES = (*OPEN_STATES, OperationState.NEEDS_REPAIR)
"""What is looked at again at the next visit of its place."""


class Kept(models.Model):
    """Records: added, never taken away one by one."""

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Records go only by age, many at once (`manage.py delete_old_operations`)."""
        raise TypeError("An operation record is not deleted one by one.")


class OperationQuerySet(models.QuerySet["Operation"]):
    """Only reads, but for `delete_closed`: a record is changed by `console.operations`, one by one,
    where its own rules are kept."""

    def update(self, **values: Any) -> int:
        raise TypeError("Operation records are not changed many at once.")

    def delete(self) -> Any:
        raise TypeError("Operation records are deleted by age only: delete_closed.")

    def closed_before(self, moment: dt.datetime) -> OperationQuerySet:
        """Those that ended for good, and began before that moment."""
        return self.filter(at__lt=moment).exclude(state__in=UNSETTLED_STATES)

    def delete_closed(self, moment: dt.datetime, *, most: int) -> int:
        """Delete at most so many of `closed_before`, oldest first. Returns how many there were."""
        oldest = self.closed_before(moment).order_by("at").values_list("id", flat=True)
        # The state is looked at once more: it may need repair by now.
        found = self.filter(id__in=list(oldest[:most])).exclude(state__in=UNSETTLED_STATES)
        return models.QuerySet.delete(found)[1].get("console.Operation", 0)


class Operation(Kept):
    """What somebody did to the cloud, or tried to: stored before the first write.

    It is only ever added to: who, what and where never change (`save` refuses it), the state only
    moves forward (`console.operations` does that), and each state it was in stays as an
    `OperationEvent`. One that ended for good does not change at all.

    `plan` is the changes as their service wrote them down (it alone reads them again); `changes` is
    the same for the eye: [{"title", "before": [line], "after": [line]}]. `place` is where it
    happened, as the service names it: what is searched to find open ones again. `run` is the
    submit it was part of, whose leases show whether it is still being carried out.

    Its words are kept as its user was told them: `language` is that of whoever wrote the latest.
    `name` is English, and shown in the reader's language.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    run = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255)
    domain_name = models.CharField(max_length=255, blank=True)
    project_id = models.CharField(max_length=64)
    project_name = models.CharField(max_length=255)
    region = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=64)
    target = models.CharField(max_length=255)
    target_url = models.CharField(max_length=400, blank=True)
    place = models.CharField(max_length=64, blank=True)
    plan = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=OperationState)
    message = models.TextField(blank=True)
    request_ids = models.JSONField(default=list)
    milliseconds = models.PositiveIntegerField(null=True)
    reverses = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="reversals", db_index=True
    )
    language = models.CharField(max_length=8, blank=True)
    settled_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="settled")

    objects = OperationQuerySet.as_manager()

    FACTS = (
        *("run", "at", "user_id", "user_name", "domain_name", "project_id", "project_name"),
        *("region", "name", "target_url", "place", "reverses_id"),
    )
    """What never changes. `target` may be completed at the end: the cloud chooses addresses."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["project_id", "-at", "-id"], name="operation_list"),
            models.Index(fields=["project_id", "user_name", "-at", "-id"], name="operation_user"),
            models.Index(fields=["project_id", "state", "-at", "-id"], name="operation_state"),
            models.Index(fields=["at"], name="operation_age"),
            models.Index(
                fields=["project_id", "place"],
                condition=models.Q(state__in=UNSETTLED_STATES),
                name="operation_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.target} ({self.state})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self._refuse_changes()
        super().save(*args, **kwargs)

    @property
    def status(self) -> OperationState:
        return OperationState(self.state)

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return record_names.shown(self.name)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def _refuse_changes(self) -> None:
        stored = Operation.objects.filter(pk=self.pk).values("state", *self.FACTS).first()
        if stored is None:
            return
        if stored.pop("state") not in UNSETTLED_STATES:
            raise TypeError("An operation record that was closed does not change any more.")
        changed = [name for name, value in stored.items() if getattr(self, name) != value]
        if changed:
            raise TypeError(f"Facts of an operation record do not change: {', '.join(changed)}.")


class OperationEvent(Kept):
    """A state that an operation came into."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=OperationState)
    message = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.state}"

    @property
    def status(self) -> OperationState:
        return OperationState(self.state)


class OperationSubject(Kept):
    """A thing that an operation was about, to find it by: its id, and what it was called then."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="subjects")
    kind = models.CharField(max_length=16)
    ref = models.CharField(max_length=64, db_index=True)
    label = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "label"], name="operation_subject_label")]

    def __str__(self) -> str:
        return f"{self.kind} {self.label or self.ref}"
