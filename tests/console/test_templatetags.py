from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory


def render(source, **context):
    return Template(source).render(Context(context))


def test_icon_is_silent_beside_text():
    html = render('{% icon "server" %}')
    assert 'aria-hidden="true"' in html
    assert "icons.svg#server" in html


def test_icon_that_stands_alone_has_a_name():
    html = render("{% icon 'lock' label %}", label='<Locked "tight">')
    assert 'role="img"' in html
    assert 'aria-label="&lt;Locked &quot;tight&quot;&gt;"' in html


@pytest.mark.parametrize(
    ("level", "tone"),
    [("success", "good"), ("error", "bad"), ("warning", "warn"), ("info", "info"), ("", "info")],
)
def test_tone_of_a_message(level, tone):
    assert render("{{ level|tone }}", level=level) == tone


def test_copy_button_holds_the_text():
    html = render('{% copy_button id "the ID" %}', id='a"b')
    assert 'data-copy="a&quot;b"' in html
    assert 'aria-label="Copy the ID"' in html


def test_page_header_escapes_what_it_is_given():
    html = render("{% page_header name %}{% endpage_header %}", name="<b>x</b>")
    assert "<h1>&lt;b&gt;x&lt;/b&gt;</h1>" in html


def test_page_header_without_buttons_has_no_place_for_them():
    assert 'class="row"' not in render('{% page_header "x" %} {% endpage_header %}')


def test_panel_wraps_its_body():
    html = render('{% panel title="Disks" level=3 %}<p>{{ text }}</p>{% endpanel %}', text="<i>")
    assert '<h3 class="panel-title">Disks</h3>' in html
    assert "<p>&lt;i&gt;</p>" in html


def test_panel_without_a_title_has_no_heading():
    assert "<h" not in render("{% panel flush=True %}x{% endpanel %}")


def test_menu_opens_without_script():
    html = render('{% menu "More" %}<a href="/">Stop</a>{% endmenu %}')
    assert html.index("<details") < html.index("<summary") < html.index(">Stop<")


def dialog(options="", **context):
    request = RequestFactory().get("/here/?a=1")
    return render(
        f'{{% dialog title="Bind" back="/there/" {options} %}}body{{% enddialog %}}',
        request=request,
        **context,
    )


def test_dialog_posts_to_where_it_is():
    assert 'action="/here/?a=1"' in dialog()


def test_dialog_carries_the_csrf_token():
    assert 'value="secret-token"' in dialog(csrf_token="secret-token")


def test_dialog_without_ok_is_no_form():
    html = dialog('ok=""')
    assert "<form" not in html
    assert ">Close</a>" in html


def test_dialog_whose_ok_is_off_says_why():
    html = dialog("ok_reason='Choose a server first.'")
    assert 'aria-disabled="true"' in html
    assert "Choose a server first." in html
    assert 'type="submit"' not in html


def test_dangerous_ok_looks_it():
    assert "button danger" in dialog("danger=True")


def button(**options):
    return render('{% include "components/button.html" %}', **options)


def test_button_with_an_address_is_a_link():
    html = button(label="Open", url="/x/", modal=True)
    assert 'href="/x/"' in html
    assert 'hx-target="#modal"' in html


def test_button_that_is_off_leads_nowhere_and_says_why():
    html = button(label="Release", url="/x/", reason="Still bound.", id="release")
    assert "/x/" not in html
    assert 'aria-describedby="release-reason"' in html
    assert 'id="release-reason"' in html


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Source/Destination Check", "Source/<wbr>Destination Check"),
        ("Status", "Status"),
        ("<a>/<b>", "&lt;a&gt;/<wbr>&lt;b&gt;"),
        ("<a>", "&lt;a&gt;"),
    ],
)
def test_a_label_may_go_on_after_its_slash(label, shown):
    assert render("{{ label|breakable }}", label=label) == shown
