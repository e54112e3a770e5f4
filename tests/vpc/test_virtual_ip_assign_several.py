"""Assigning up to five at once, each for itself."""

from __future__ import annotations

import pytest

from console.emulator.faults import Fault
from console.models import Operation
from tests.factories import SubnetFactory, VirtualIPFactory, VPCFactory, default_project, state
from tests.pages import Page
from tests.tour import assign_url
from tests.vpc.dialogs import Dialog

PROFILES = pytest.mark.parametrize("profile", ["otc", "openstack"])
CREATE = ("POST", "/v2.0/ports")
THREE = "10.80.0.7\n10.80.0.8\n10.80.0.9"


def vips():
    """{address: port's name} of all VIPs."""
    return {
        port.fixed_ips[0].ip_address: port.name
        for port in state().ports.values()
        if port.device_owner == "neutron:VIP_PORT"
    }


def results(page):
    """The list of results: what is said of each."""
    found = [e for e in page.all("ul") if e["aria-label"] == "Results"]
    return [item.text for item in found[0].walk() if item.tag == "li"] if found else []


def typed(page):
    return page.all("textarea", name="ip_address")[0].text


@pytest.fixture
def subnet(emulator):
    return SubnetFactory(name="db", cidr="10.80.0.0/24", vpc=VPCFactory())


@pytest.fixture
def dialog(signed_in, subnet):
    def open_dialog(**more):
        return Dialog(signed_in, assign_url(subnet), **more)

    return open_dialog


# all good


@PROFILES
@pytest.mark.parametrize("number", [1, 2, 5])
def test_as_many_as_were_asked_for_are_assigned(dialog, number):
    page = dialog().done(how_many=str(number))

    assert len(vips()) == number
    assert all(address in page.text for address in vips())
    assert ("is assigned" if number == 1 else f"{number} virtual IP addresses are") in page.text


@PROFILES
@pytest.mark.parametrize(
    "text",
    [
        THREE,
        "10.80.0.7,10.80.0.8, 10.80.0.9",
        "10.80.0.7 10.80.0.8;10.80.0.9",
        "\n\n 10.80.0.7 \n\t10.80.0.8,\n\n10.80.0.9\n",
    ],
)
def test_addresses_may_be_typed_in_lines_or_with_commas_or_blanks(dialog, text):
    page = dialog().done(mode="manual", ip_address=text)

    assert set(vips()) == {"10.80.0.7", "10.80.0.8", "10.80.0.9"}
    words = "3 virtual IP addresses are assigned: 10.80.0.7, 10.80.0.8 and 10.80.0.9."
    assert words in page.text


def test_each_has_a_name_and_a_record_of_its_own(dialog):
    opened = dialog()
    opened.done(mode="manual", ip_address=THREE)

    name = f"vip-{opened.entries['key'][0][:8]}"
    assert vips() == {"10.80.0.7": name, "10.80.0.8": f"{name}-2", "10.80.0.9": f"{name}-3"}
    records = Operation.objects.order_by("at")
    assert [(r.target, r.state) for r in records] == [(one, "done") for one in sorted(vips())]


def test_in_the_dialog_the_table_is_told(dialog):
    response = dialog(htmx=True).send(how_many="3")

    assert response["HX-Reswap"] == "none"
    assert "vips-changed" in response["HX-Trigger-After-Settle"]
    assert len(vips()) == 3


def test_the_number_does_not_count_where_addresses_are_typed(dialog):
    dialog().done(mode="manual", how_many="5", ip_address="10.80.0.7")

    assert list(vips()) == ["10.80.0.7"]


# refused before anything is sent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.80.0.7\n10.80.0.1", "Line 2: 10.80.0.1 is reserved"),
        ("10.80.0.7\n\nnonsense", "Line 3: nonsense is not an IP address."),
        ("192.0.2.1\n10.80.0.7", "Line 1: 192.0.2.1 lies outside"),
        ("10.80.0.7\n10.80.0.50", "Line 2: 10.80.0.50 is already in use"),
        ("10.80.0.7\n10.80.0.8\n10.80.0.7", "10.80.0.7 was typed before, in line 1."),
        ("10.80.0.7,10.80.0.7", "Line 1: 10.80.0.7 was typed before, in line 1."),
        ("10.80.0.2 10.80.0.3 10.80.0.4 10.80.0.5 10.80.0.6 10.80.0.7", "6 addresses are typed"),
        (" , \n;", "Type the address, or choose Automatic."),
        ("1" * 500, "at most 400 characters"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_wrong_is_said_beside_the_field_with_its_line(dialog, subnet, text, words, htmx):
    VirtualIPFactory(subnet=subnet, ip_address="10.80.0.50")
    page = dialog(htmx=htmx).answer(mode="manual", ip_address=text)

    field = page.all("textarea", name="ip_address")[0]
    described = field["aria-describedby"].split()
    assert page.response.status_code == 422
    assert words in " ".join(e.text for e in page.root.walk() if e["id"] in described)
    assert list(vips()) == ["10.80.0.50"]


def test_every_line_that_is_wrong_is_named(dialog):
    page = dialog().answer(mode="manual", ip_address="10.80.0.0\n10.80.0.7\n10.80.0.255")

    assert "Line 1: 10.80.0.0" in page.text
    assert "Line 3: 10.80.0.255" in page.text
    assert "Line 2" not in page.text


def test_ipv6_addresses_are_compared_by_meaning(signed_in):
    subnet = SubnetFactory(ipv6_cidr="2001:db8:80::/64")
    opened = Dialog(signed_in, assign_url(subnet))

    page = opened.answer(
        ip_version="6", mode="manual", ip_address="2001:db8:80::a\n2001:0DB8:80:0::000A"
    )

    assert "Line 2: 2001:db8:80::a was typed before, in line 1." in page.text


@pytest.mark.parametrize("number", ["0", "6", "-1", "many", "1.5"])
def test_another_number_is_refused_beside_its_field(dialog, number):
    page = dialog().answer(how_many=number)

    assert page.response.status_code == 422
    assert page.all("select", name="how_many")[0]["aria-invalid"] == "true"
    assert vips() == {}


# some of them failed


@PROFILES
@pytest.mark.parametrize("htmx", [False, True])
def test_where_the_second_of_three_fails_each_is_told_for_itself(dialog, emulator, htmx):
    opened = dialog(htmx=htmx)
    emulator.faults.add(Fault(*CREATE, "status", status=409, skip=1, times=1))

    page = opened.answer(mode="manual", ip_address=THREE)

    assert page.response.status_code == 422
    first, second, third = results(page)
    assert first == "10.80.0.7 Assigned"
    assert second.startswith("10.80.0.8 Refused The cloud")
    assert "Request ID req-" in second
    assert third == "10.80.0.9 Assigned"
    assert "Not all of this was done" in page.text
    assert "10.80.0.7 and 10.80.0.9 exist now." in page.text
    assert set(vips()) == {"10.80.0.7", "10.80.0.9"}
    assert typed(page) == "10.80.0.8"
    assert [r.state for r in Operation.objects.order_by("at")] == ["done", "refused", "done"]
    if htmx:
        assert "vips-changed" in page.response["HX-Trigger-After-Settle"]


def test_what_failed_is_sent_again_by_the_form_that_says_so(signed_in, dialog, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=409, skip=1, times=1))
    page = opened.answer(mode="manual", ip_address=THREE)
    again = {"key": page.hidden("key"), "mode": "manual", "ip_address": typed(page)}

    response = signed_in.post(opened.url, again, follow=True)

    assert "Virtual IP address 10.80.0.8 is assigned." in Page(response).text
    assert set(vips()) == {"10.80.0.7", "10.80.0.8", "10.80.0.9"}


def test_the_first_form_sent_again_tells_what_became_of_each(dialog, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=409, skip=1, times=1))
    opened.answer(mode="manual", ip_address=THREE)

    page = opened.done()

    assert "10.80.0.7 is assigned. 10.80.0.8: refused. The cloud" in page.text
    assert "10.80.0.9 is assigned." in page.text
    assert set(vips()) == {"10.80.0.7", "10.80.0.9"}


def test_automatic_asks_again_only_for_as_many_as_failed(dialog):
    opened = dialog()
    state().quotas[default_project().id]["port"] = len(state().ports) + 1

    page = opened.answer(how_many="3")

    [field] = page.all("select", name="how_many")
    selected = [o["value"] for o in field.walk() if "selected" in o.attributes]
    assert selected == ["2"]
    assert len(vips()) == 1
    assert [row.split(" Refused")[0] for row in results(page)[1:]] == [
        "Address 2 (chosen by the cloud)",
        "Address 3 (chosen by the cloud)",
    ]
    assert f"{next(iter(vips()))} exists now." in page.text
    assert len(page.all("section", class_="diff")) == 2


@PROFILES
def test_where_none_could_be_made_the_same_form_may_be_sent_again(dialog, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=409, times=3))

    page = opened.answer(mode="manual", ip_address=THREE)

    assert "Nothing was changed" in page.text
    assert "OK tries them all again." in page.text
    assert page.hidden("key") == opened.entries["key"][0]
    opened.done()
    assert len(vips()) == 3


@PROFILES
@pytest.mark.parametrize("made", [True, False])
def test_one_without_an_answer_is_looked_up_by_its_own_name(dialog, emulator, made):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "timeout", skip=1, times=1, after_effect=made))

    response = opened.send(how_many="3")

    assert response.status_code == (302 if made else 422)
    assert len(vips()) == (3 if made else 2)
    if not made:
        page = Page(response)
        assert results(page)[1].startswith("Address 2 (chosen by the cloud) Failed")
        assert "may still come" in results(page)[1]


@pytest.mark.parametrize("made", [True, False])
def test_one_of_which_nothing_is_known_is_not_asked_for_again(dialog, emulator, made):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "timeout", skip=1, times=1, after_effect=made))
    emulator.faults.add(Fault("GET", "name=vip-", "timeout", times=None))

    page = opened.answer(how_many="3")

    assert "Whether all of this took effect is not known" in page.text
    assert "look at the table before you try again" in page.text
    assert [row.split(" ")[-1] for row in results(page)][::2] == ["Assigned", "Assigned"]
    assert "Not known" in results(page)[1]
    assert not page.has("OK", "button")


@PROFILES
def test_a_token_that_ends_half_way_does_not_hide_what_was_made(dialog, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=401, skip=1, times=None))

    page = opened.answer(mode="manual", ip_address=THREE)

    assert page.response.status_code == 422
    assert "10.80.0.7 exists now." in page.text
    assert typed(page) == "10.80.0.8 10.80.0.9"


def test_a_token_that_ended_before_leads_to_the_sign_in_page(dialog, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=401, times=None))

    assert "/sign-in/" in opened.send(how_many="3")["Location"]
    assert vips() == {}


# what will change


@pytest.mark.parametrize("htmx", [False, True])
def test_what_would_be_assigned_is_shown_before(dialog, htmx):
    opened = dialog(htmx=htmx)
    opened.entries |= {"mode": "manual", "ip_address": THREE, "action": "preview"}

    page = Page(dialog_preview(opened), full=not htmx)

    section = page.all("section", id="bind-preview")[0].text
    assert all(f"address 10.80.0.{last}" in section for last in (7, 8, 9))
    assert vips() == {}


def test_what_could_not_be_assigned_is_said_in_the_preview(dialog):
    opened = dialog(htmx=True)
    opened.entries |= {"mode": "manual", "ip_address": "10.80.0.1", "action": "preview"}

    page = Page(dialog_preview(opened), full=False)

    assert "10.80.0.1 is reserved" in page.text


def dialog_preview(opened):
    headers = opened.headers and opened.headers | {"HX-Target": "bind-preview"}
    response = opened.client.post(opened.url, opened.entries, headers=headers)
    assert response.status_code == 200
    return response


# Back


def test_the_page_has_the_key_of_its_form_in_its_address(signed_in, subnet):
    response = signed_in.get(assign_url(subnet) + "?server=x")

    assert response.status_code == 302
    assert "server=x&form=" in response["Location"]
    assert "HX-Request" in response["Vary"]
    page = Page(signed_in.get(response["Location"]))
    assert page.hidden("key") == response["Location"].partition("form=")[2]


@pytest.mark.parametrize("form", ["nonsense", "", "123"])
def test_what_is_no_key_is_exchanged_for_one(signed_in, subnet, form):
    response = signed_in.get(f"{assign_url(subnet)}?form={form}")

    assert response.status_code == 302
    assert response["Location"].count("form=") == 1


@PROFILES
def test_back_and_ok_again_assigns_no_second_one(signed_in, dialog):
    opened = dialog()
    first = opened.done(how_many="2")
    made = dict(vips())

    again = opened.done()

    words = f"2 virtual IP addresses are assigned: {' and '.join(made)}."
    assert words in first.text
    assert words in again.text
    assert vips() == made


def test_back_to_a_form_that_was_carried_out_tells_what_became_of_it(signed_in, dialog, subnet):
    opened = dialog()
    opened.done()
    (address,) = vips()

    page = Page(signed_in.get(opened.url))

    assert f"This form was carried out: Virtual IP address {address} is assigned." in page.text
    assert not page.has("OK", "button")
    assert not page.all("textarea")
    fresh = signed_in.get(page.link("Assign another one")["href"], follow=True)
    assert Page(fresh).hidden("key") != opened.entries["key"][0]
    assert len(vips()) == 1


def test_back_to_a_form_that_failed_shows_it_again(signed_in, dialog, emulator):
    opened = dialog()
    emulator.faults.add(Fault(*CREATE, "status", status=409))
    opened.answer()

    page = Page(signed_in.get(opened.url))

    assert page.hidden("key") == opened.entries["key"][0]
    assert page.has("OK", "button")
