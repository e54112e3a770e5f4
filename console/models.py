from __future__ import annotations

from django.db import models


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
