from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from bms.services.listing import is_uuid
from console.forms import ConsoleForm
from vpc.services.assigning import address_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vpc.resources import Port, Subnet
    from vpc.services.bindings import VirtualIP

MOST_CHOSEN = 20
"""More than any cloud lets share one VIP; each is read anew, so there has to be an end."""

AUTOMATIC, MANUAL = "automatic", "manual"


class OnceForm(ConsoleForm):
    """A form that is carried out once: `key` is its own, so a second submit is recognised."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean(self) -> dict[str, Any]:
        if "key" in self.errors:
            self.add_error(None, "This form is incomplete. Open it again.")
        return super().clean() or self.cleaned_data

    def renew(self) -> None:
        """Make it another form with the same entries, after the first was spent."""
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["key"] = str(uuid4())
        self.data = sent


class VirtualIPAssignForm(OnceForm):
    ip_version = forms.TypedChoiceField(
        label="IP Address Version",
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    mode = forms.ChoiceField(
        label="Assignment Mode",
        choices=[(AUTOMATIC, "Automatic"), (MANUAL, "Manual")],
        initial=AUTOMATIC,
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    ip_address = forms.GenericIPAddressField(
        label="Virtual IP Address",
        required=False,
        help_text="A free address inside the range above.",
    )

    def __init__(
        self,
        *args: Any,
        ranges: Iterable[Subnet],
        ports: Iterable[Port] = (),
        server_name: Callable[[str], str] = str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ip_address"].wanted = True  # type: ignore[attr-defined]
        self.ranges = {subnet.ip_version: subnet for subnet in ranges}
        self._ports = ports
        self._server_name = server_name
        versions = [(version, f"IPv{version}") for version in sorted(self.ranges)]
        self.fields["ip_version"].choices = versions  # type: ignore[attr-defined]
        self.fields["ip_version"].initial = versions[0][0]
        if len(versions) == 1:
            self.fields["ip_version"].required = False
            self.fields["ip_version"].widget = forms.HiddenInput()

    @property
    def subnet(self) -> Subnet:
        """The range that was chosen; only after validation."""
        chosen = self.cleaned_data.get("ip_version") or min(self.ranges)
        return self.ranges[chosen]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("mode") != MANUAL:
            given["ip_address"] = ""
        elif "ip_address" in given and "ip_version" in given:
            address = given["ip_address"]
            problem = (
                address_problem(address, self.subnet, self._ports, self._server_name)
                if address
                else "Type the address, or choose Automatic."
            )
            if problem:
                self.add_error("ip_address", problem)
        return given


class VirtualIPFilterForm(ConsoleForm):
    q = forms.CharField(
        label="Search by virtual IP address, EIP or server", required=False, max_length=255
    )


class ServerFilterForm(ConsoleForm):
    """Which servers to look for: in the dialog and on the Servers tab. What is no number is no
    place to go on from, so such an address gives the first page."""

    q = forms.CharField(required=False, max_length=255)
    first = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)

    @property
    def text(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))

    @property
    def place(self) -> int:
        """How many servers stand on the pages before."""
        self.is_valid()
        return self.cleaned_data.get("first") or 0


class BindForm(OnceForm):
    """Which servers get the VIP, and through which NIC of each.

    The choices are the dialog's rows: a tick box for each server, and a list of NICs where a server
    has several (`nic-<server id>`, the primary one first).
    """

    @property
    def servers(self) -> list[str]:
        """The ticked servers' ids."""
        sent = dict.fromkeys(one.lower() for one in self._sent("server") if is_uuid(one))
        return list(sent)[:MOST_CHOSEN]

    @property
    def nics(self) -> list[str]:
        """The NIC of each ticked server."""
        sent = [nic.lower() for server in self.servers for nic in self._sent(f"nic-{server}")]
        return list(dict.fromkeys(nic for nic in sent if is_uuid(nic)))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.servers:
            self.add_error(None, "Choose at least one server.")
        elif len(self.nics) < len(self.servers):
            self.add_error(None, "Choose a NIC for each server.")
        return given

    def _sent(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []


class UnbindForm(OnceForm):
    """Which of the bound NICs and orphaned addresses are to go."""

    nic = forms.MultipleChoiceField(
        label="Bound servers", required=False, widget=forms.CheckboxSelectMultiple
    )
    orphan = forms.MultipleChoiceField(
        label="Orphaned entries", required=False, widget=forms.CheckboxSelectMultiple
    )
    check_on = forms.BooleanField(
        label="Switch the source/destination check on again where nothing else needs it off",
        required=False,
    )

    def __init__(self, *args: Any, vip: VirtualIP, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nics = [(binding.nic.id, binding.nic.id) for binding in vip.bindings]
        orphans = [(orphan.id, orphan.id) for orphan in vip.orphans]
        self.fields["nic"].choices = nics  # type: ignore[attr-defined]
        self.fields["orphan"].choices = orphans  # type: ignore[attr-defined]
        self._only = [nic for nic, _ in nics] if len(nics) == 1 and not orphans else []
        self._only_orphans = [orphan for orphan, _ in orphans] if not nics else []

    def chosen(self) -> tuple[list[str], list[str], bool]:
        """Ids of NICs and of orphans, and whether checks go on again: what is sent, as far as it
        exists; at first what there is only one kind of."""
        if not self.is_bound:
            return self._only, self._only_orphans, False
        sent = {name: self[name].value() or [] for name in ("nic", "orphan")}
        known = {
            name: [value for value, _ in self.fields[name].choices if value in sent[name]]  # type: ignore[attr-defined]
            for name in sent
        }
        return known["nic"], known["orphan"], bool(self["check_on"].value())

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.errors.keys() & {"nic", "orphan"}:
            self.add_error(None, "Not everything that was chosen is bound any more. Choose again.")
        elif not (given.get("nic") or given.get("orphan")):
            self.add_error(None, "Choose at least one server.")
        return given


class EIPFilterForm(ConsoleForm):
    q = forms.CharField(required=False, max_length=255)

    @property
    def text(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))


class BindEIPForm(OnceForm):
    """Which EIP the VIP gets; the choices are the dialog's rows."""

    eip = forms.UUIDField()

    @property
    def chosen(self) -> str:
        """The chosen EIP's id, as far as it can be one."""
        sent = str(self.data.get("eip", "")).lower()
        return sent if is_uuid(sent) else ""

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "eip" in self.errors:
            self.add_error(None, "Choose an EIP.")
        return given


class UnbindEIPForm(OnceForm):
    """Which EIP is to go from which VIP: `eip-<VIP's id>`, as the dialog showed it."""

    def __init__(self, *args: Any, vip_ids: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = {vip_id: str(self.data.get(f"eip-{vip_id}", "")).lower() for vip_id in vip_ids}
        self.eip_of = {vip_id: eip_id for vip_id, eip_id in sent.items() if is_uuid(eip_id)}

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.eip_of and not self.non_field_errors():
            self.add_error(None, "This form is incomplete. Open it again.")
        return given
