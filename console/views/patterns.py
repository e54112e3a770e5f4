"""The pattern page: every component in every state, to look at and to test.

For who works on the console. It shows nothing of anybody and asks no cloud, but a stranger has no
need of it either, and nothing is open that need not be: without a sign-in it works with DEBUG only.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.cloud.errors import CloudTimeout, Conflict
from console.forms import ConsoleForm
from console.htmx import done, render_page
from console.middleware import open_while_debugging, project_not_needed
from console.side_by_side import SideBySide

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.types import ConsoleRequest

LONG = "a-name-of-255-characters-" + "0123456789" * 23


class SampleForm(ConsoleForm):
    name = forms.CharField(max_length=64, help_text="Letters, digits, - and _.")
    address = forms.GenericIPAddressField(label="IP address", required=False)
    subnet = forms.ChoiceField(choices=[("a", "subnet-a (10.1.0.0/24)"), ("b", LONG[:64])])
    mode = forms.ChoiceField(
        label="Assignment Mode",
        choices=[("auto", "Automatic"), ("manual", "Manual")],
        initial="auto",
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
        help_text="Manual lets you choose the address.",
    )
    version = forms.ChoiceField(
        choices=[("4", "IPv4"), ("6", "IPv6, one server only")],
        initial="4",
        widget=forms.RadioSelect,
    )
    keep = forms.BooleanField(label="Keep the address", required=False, help_text="For later use.")


ERROR = Conflict(
    "VIP 10.1.0.5 is still bound to a port.",
    code="VPC.0701",
    request_id="req-6d0f5a6e-3c7f-4f1f-9b8c-2f0c7a1d9e55",
    service="network",
    is_from_cloud=True,
)
TIMEOUT = CloudTimeout("No answer within 30 seconds.", service="network", outcome_unknown=True)


@open_while_debugging
@project_not_needed
@require_http_methods(["GET", "POST"])
def patterns(request: ConsoleRequest) -> HttpResponse:
    """`?dialog` is the sample dialog: in the modal by htmx, else a page of its own."""
    if "dialog" not in request.GET:
        context = _samples()
        return render_page(request, "console/patterns.html", context, fragment="table")
    if request.method != "POST":
        form = SampleForm(prefix="dialog")
        return _dialog(request, form)
    form = SampleForm(request.POST, prefix="dialog")
    if form.is_valid():
        messages.success(request, "The sample was accepted. Nothing was changed.")
        return done(request, "sample-changed", to=request.path)
    return _dialog(request, form, status=422)


def _dialog(request: ConsoleRequest, form: SampleForm, status: int = 200) -> HttpResponse:
    return render_page(
        request,
        "console/patterns_dialog.html",
        {"form": form},
        fragment="form",
        status=status,
    )


def _samples() -> dict[str, Any]:
    wrong = SampleForm({"name": "", "address": "10.1.0", "mode": "auto"}, prefix="wrong")
    wrong.is_valid()
    wrong.add_cloud_error(ERROR)
    return {
        "form": SampleForm(),
        "wrong": wrong,
        "error": ERROR,
        "timeout": TIMEOUT,
        "problems": [ERROR, TIMEOUT],
        "kept_since": timezone.now() - dt.timedelta(minutes=3),
        "trail": [("Bare Metal Server", "/"), (LONG, "/"), ("NICs", None)],
        "tabs": [
            {"label": name, "url": f"?tab={quote(name)}", "is_current": name == "NICs"}
            for name in ("Disks", "NICs", "Security Groups", "EIPs", "Tags")
        ],
        "statuses": [("", "All statuses"), ("ACTIVE", "Running"), ("SHUTOFF", "Stopped")],
        "tones": [
            ("good", "Running"),
            ("busy", "Restarting"),
            ("bad", "Faulty"),
            ("warn", "Half bound"),
            ("quiet", "Stopped"),
        ],
        "servers": [
            ("db-1", "good", "Running", "10.1.0.11", "physical.o2.medium"),
            ("db-2", "busy", "Restarting", "10.1.0.12", "physical.o2.medium"),
            (LONG, "bad", "Faulty", "fd00:10:1::abcd:ef01:2345:6789", "physical.s4.3xlarge"),
            ("خادم قاعدة البيانات", "quiet", "Stopped", "10.1.0.14", "physical.o2.medium"),
            ("🚀 <b>rocket</b> 🚀", "warn", "Half bound", "10.1.0.15", "physical.o2.medium"),
        ],
        "run": [
            ("10.1.0.5", "good", "Done"),
            ("10.1.0.6", "busy", "Under way"),
            ("10.1.0.7", "busy", "Planned"),
        ],
        "lines": [
            (" ", "10.1.0.5/32"),
            ("+", "10.1.0.11/32 fa:16:3e:aa:bb:01"),
            ("-", "10.1.0.12/32 fa:16:3e:aa:bb:02"),
        ],
        "addresses": ["10.1.0.5", "fd00:10:1::5"],
        "in_place": ("", "Somebody else has changed the name meanwhile."),
        "schemes": ("light", "dark"),
        "terms": ("vip", "nic", "pair", "check"),
        "change": SideBySide("NIC 10.1.0.11", (), (("+", "10.1.0.5/32"),)),
        "code": "vrrp_instance VI_1 {\n    state BACKUP\n    interface bond0.3501\n}",
        "long": LONG,
    }
