"""The other tests here rest on this: what no page may do is noticed."""

from __future__ import annotations

import pytest

MAKE = """const make = (tag, textContent) =>
    document.body.append(Object.assign(document.createElement(tag), {textContent}))"""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("make('style', 'p {color: red}')", "Policy"),
        ("make('script', 'alert(1)')", "Policy"),
        ("setTimeout(() => { throw new Error('broken') })", "broken"),
        ("setTimeout(() => alert('hello'))", "hello"),
        ("fetch('/nothing/')", "404"),
    ],
)
def test_a_page_that_misbehaves_is_noticed(open_tab, script, words):
    tab = open_tab(user=None)
    tab.open("/sign-in/")
    tab.page.evaluate(f"() => {{ {MAKE}; {script} }}")
    tab.waits_for(lambda: tab.problems)
    assert words in tab.problems.pop()


def test_an_answer_that_was_expected_is_no_problem(open_tab):
    tab = open_tab(user=None)
    tab.expect_status(404)
    tab.open("/sign-in/")
    with tab.page.expect_console_message() as line:
        tab.page.evaluate("() => { fetch('/nothing/') }")
    assert "404" in line.value.text
    assert not tab.problems
