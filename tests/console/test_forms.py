from __future__ import annotations

import pytest
from django import forms

from console.cloud.errors import CloudTimeout, Conflict
from console.forms import ConsoleForm

REFUSED = Conflict(
    "VIP <b>10.1.0.5</b> is in use.", code="VPC.0701", request_id="req-1", service="network"
)


class SampleForm(ConsoleForm):
    name = forms.CharField(label="Name", help_text="Letters <only>.")
    note = forms.CharField(required=False)
    mode = forms.ChoiceField(choices=[("a", "Automatic")], widget=forms.RadioSelect)
    keep = forms.BooleanField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def empty():
    form = SampleForm({"token": "t"})
    assert not form.is_valid()
    return form


def test_label_names_its_control_without_a_colon():
    assert '<label for="id_name">Name</label>' in str(SampleForm())


def test_help_and_errors_are_tied_to_the_control(empty):
    html = str(empty)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_help_is_text_and_not_markup():
    assert "Letters &lt;only&gt;." in str(SampleForm())


def test_choices_are_a_group_with_a_legend():
    html = str(SampleForm())
    assert "<legend>Mode</legend>" in html


def test_what_may_stay_empty_says_so():
    assert str(SampleForm()["note"].as_field_group()).count("optional") == 1
    assert "optional" not in SampleForm()["name"].as_field_group()


def test_checkbox_stands_before_its_label():
    html = SampleForm()["keep"].as_field_group()
    assert html.index("<input") < html.index("<label")


def test_hidden_fields_are_sent_without_a_label(empty):
    html = str(empty)
    assert '<input type="hidden" name="token" value="t"' in html
    assert 'for="id_token"' not in html


def test_refusal_of_the_cloud_keeps_its_words_and_request_id(empty):
    empty.add_cloud_error(REFUSED)
    html = str(empty)
    assert "The cloud&#x27;s present state does not allow this." in html
    assert "VIP &lt;b&gt;10.1.0.5&lt;/b&gt; is in use." in html
    assert "VPC.0701" in html
    assert "req-1" in html


def test_refusal_can_stand_at_one_field(empty):
    empty.add_cloud_error(REFUSED, "name")
    assert not empty.non_field_errors()
    assert empty.has_error("name", code="cloud")


def test_unknown_outcome_is_said(empty):
    empty.add_cloud_error(CloudTimeout("No answer.", outcome_unknown=True))
    assert "Whether it took effect is not known." in empty.non_field_errors()[0]
