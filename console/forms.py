"""How every form looks, and how the cloud's refusal gets into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template, render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from console.cloud.errors import CloudError


class Renderer(DjangoTemplates):
    """Forms and fields by our components, widgets by Django's own templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("components/"):
            return get_template(template_name)
        return super().get_template(template_name)


class ConsoleForm(forms.Form):
    """The base of all forms. Labels carry no colon; ids are Django's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def add_cloud_error(self, error: CloudError, field: str | None = None) -> None:
        """Say in words what the cloud refused; its own words and request id are behind a fold."""
        words = render_to_string("components/cloud_words.html", {"error": error})
        next_step = error.way_out
        if error.outcome_unknown:
            next_step = _("Whether it took effect is not known. Refresh before you try again.")
        told = f"{error.headline}. {next_step}"
        message = format_html("{}{}", told, words)
        self.add_error(field, ValidationError(message, code="cloud"))
