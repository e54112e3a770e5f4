from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from bms.services.listing import is_uuid
from console.forms import ConsoleForm
from vpc.services.assigning import MOST_ASSIGNED, Typed, problems, typed
from vpc.services.pairs import key as meaning
from vpc.services.recent_binds import ago
from vpc.services.vip_goals import name_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from console.models import Operation
    from vpc.resources import Port, Subnet
    from vpc.services.bindings import VirtualIP

MOST_CHOSEN = 20
"""More than any cloud lets share one VIP; each is read anew, so there has to be an end."""

INCOMPLETE = gettext_noop("This form is incomplete. Open it again.")
AUTOMATIC, MANUAL = "automatic", "manual"
FINISH, TAKE_BACK = "finish", "take-back"


class OnceForm(ConsoleForm):
    """A form that is carried out once: `key` is its own, so a second submit is recognised."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean(self) -> dict[str, Any]:
        if "key" in self.errors:
            self.add_error(None, _(INCOMPLETE))
        return super().clean() or self.cleaned_data

    def renew(self) -> None:
        """Make it another form with the same entries, after the first was spent."""
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["key"] = str(uuid4())
        self.data = sent


class AddressesField(forms.CharField):
    """Addresses, one per line or separated by commas or blanks: a list of `Typed`."""

    def clean(self, value: object) -> Any:
        return typed(super().clean(value))


class VirtualIPAssignForm(OnceForm):
    ip_version = forms.TypedChoiceField(
        label=gettext_lazy("IP Address Version"),
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Assignment Mode"),
        choices=[(AUTOMATIC, gettext_lazy("Automatic")), (MANUAL, gettext_lazy("Manual"))],
        initial=AUTOMATIC,
        widget=forms.RadioSelect(attrs={"class": "segmented"}),
    )
    # A list, not a field for numbers: where it is hidden a browser would refuse to send a wrong
    # number and show no reason.
    how_many = forms.TypedChoiceField(
        label=gettext_lazy("How many"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, MOST_ASSIGNED + 1)],
        required=False,
        empty_value="1",
    )
    ip_address = AddressesField(
        label=gettext_lazy("Virtual IP Address"),
        required=False,
        max_length=400,
        help_text=format_lazy(
            gettext_lazy(
                "Free addresses inside the range above, at most {limit}: one per line, or "
                "separated by commas."
            ),
            limit=MOST_ASSIGNED,
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"}),
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
        for name in ("how_many", "ip_address"):
            self.fields[name].wanted = True  # type: ignore[attr-defined]
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

    @property
    def addresses(self) -> list[str]:
        """What is to be assigned, "" for one of the cloud's choice; only after validation."""
        if self.cleaned_data["mode"] == MANUAL:
            return [one.text for one in self.cleaned_data["ip_address"]]
        return [""] * int(self.cleaned_data["how_many"])

    def keep(self, addresses: list[str]) -> None:
        """Make it another form that asks only for these (as `addresses`)."""
        self.renew()
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["ip_address"] = "\n".join(filter(None, addresses))
        sent["how_many"] = str(max(1, len(addresses)))
        self.data = sent
        self.cleaned_data["ip_address"] = [Typed(one, 0) for one in addresses]
        self.cleaned_data["how_many"] = len(addresses)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("mode") == MANUAL and "ip_address" in given and "ip_version" in given:
            self._clean_addresses(given["ip_address"])
        return given

    def _clean_addresses(self, addresses: list[Typed]) -> None:
        if not addresses:
            self.add_error("ip_address", _("Type the address, or choose Automatic."))
        elif len(addresses) > MOST_ASSIGNED:
            words = ngettext(
                "{count} address is typed; at most {limit} can be assigned at once. Leave some "
                "out and assign them afterwards.",
                "{count} addresses are typed; at most {limit} can be assigned at once. Leave some "
                "out and assign them afterwards.",
                len(addresses),
            )
            self.add_error("ip_address", words.format(count=len(addresses), limit=MOST_ASSIGNED))
        else:
            for problem in problems(addresses, self.subnet, self._ports, self._server_name):
                self.add_error("ip_address", problem)


class ReleaseForm(OnceForm):
    """`confirm-<VIP id>` asks for the address of each VIP that was bound a short time ago.

    `recent` are the latest binds by the VIP's id (`recent_binds.recent_binds`).
    """

    def __init__(self, *args: Any, recent: Mapping[str, Operation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted: dict[str, str] = {}
        for vip_id, bind in recent.items():
            name = f"confirm-{vip_id}"
            self._wanted[name] = bind.target
            self.fields[name] = forms.CharField(
                label=_("Type {address} to confirm").format(address=bind.target),
                max_length=100,
                # Translators: {time} is "3 hours ago". It is a virtual IP address.
                help_text=_("It was bound {time} by {user}, so somebody may still need it.").format(
                    time=ago(bind), user=bind.user_name
                ),
                error_messages={
                    "required": _("Type {address} to release it.").format(address=bind.target)
                },
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    @property
    def confirmed(self) -> frozenset[str]:
        """Ids of the VIPs whose address was typed; only after validation."""
        return frozenset(name.removeprefix("confirm-") for name in self._wanted)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        for name, address in self._wanted.items():
            if name in given and meaning("".join(given[name].split())) != meaning(address):
                words = _("This is another address than {address}. Nothing was done.")
                self.add_error(name, words.format(address=address))
        return given


class VirtualIPFilterForm(ConsoleForm):
    q = forms.CharField(
        label=gettext_lazy("Search by virtual IP address, EIP or server"),
        required=False,
        max_length=255,
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


class AddressFilterForm(ConsoleForm):
    """Which private IP addresses to show. What is no number gives the first page."""

    pq = forms.CharField(required=False, max_length=255)
    pfirst = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)

    @property
    def text(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("pq", ""))

    @property
    def place(self) -> int:
        """How many addresses stand on the pages before."""
        self.is_valid()
        return self.cleaned_data.get("pfirst") or 0


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
            self.add_error(None, _("Choose at least one server."))
        elif len(self.nics) < len(self.servers):
            self.add_error(None, _("Choose a NIC for each server."))
        return given

    def _sent(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []


def alone(data: QueryDict) -> QueryDict:
    """What was sent, but where a row's own Unbind was pressed (`only`: "nic:" or "orphan:" and its
    id) with that row chosen and no other."""
    kind, _, name = data.get("only", "").partition(":")
    if not name:
        return data
    chosen = data.copy()
    for other in ("nic", "orphan"):
        chosen.setlist(other, [name] if other == kind else [])
    return chosen


class UnbindForm(OnceForm):
    """Which of the bound NICs and orphaned addresses are to go, and on which of these NICs the
    source/destination check goes on again. `idle` are the NICs that this is offered for, `ours`
    those of them that it is proposed for."""

    nic = forms.MultipleChoiceField(
        label=gettext_lazy("Bound servers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    orphan = forms.MultipleChoiceField(
        label=gettext_lazy("Orphaned entries"), required=False, widget=forms.CheckboxSelectMultiple
    )
    check_on = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        *args: Any,
        vip: VirtualIP,
        idle: Iterable[str] = (),
        ours: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._ours = list(ours)
        checks = [(nic, nic) for nic in idle]
        self.fields["check_on"].choices = checks  # type: ignore[attr-defined]
        nics = [(binding.nic.id, binding.nic.id) for binding in vip.bindings]
        orphans = [(orphan.id, orphan.id) for orphan in vip.orphans]
        self.fields["nic"].choices = nics  # type: ignore[attr-defined]
        self.fields["orphan"].choices = orphans  # type: ignore[attr-defined]
        self._only = [nic for nic, _ in nics] if len(nics) == 1 and not orphans else []
        self._only_orphans = [orphan for orphan, _ in orphans] if not nics else []

    def chosen(self) -> tuple[list[str], list[str], list[str]]:
        """Ids of NICs, of orphans, and of NICs whose check goes on again: what is sent, as far as
        it exists; at first what there is only one kind of, and the checks that are ours."""
        if not self.is_bound:
            return self._only, self._only_orphans, self._ours
        sent = {name: self[name].value() or [] for name in ("nic", "orphan", "check_on")}
        known = {
            name: [value for value, _ in self.fields[name].choices if value in sent[name]]  # type: ignore[attr-defined]
            for name in sent
        }
        return known["nic"], known["orphan"], known["check_on"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.errors.keys() & {"nic", "orphan", "check_on"}:
            words = _("Not everything that was chosen is bound any more. Choose again.")
            self.add_error(None, words)
        elif not (given.get("nic") or given.get("orphan")):
            self.add_error(None, _("Choose at least one server."))
        return given


class RepairForm(OnceForm):
    """Which way out of what was left half done."""

    how = forms.ChoiceField(
        label=gettext_lazy("What is to be done"),
        choices=[
            (FINISH, gettext_lazy("Finish: make what is still missing")),
            (TAKE_BACK, gettext_lazy("Take back: remove what was begun")),
        ],
        initial=FINISH,
        widget=forms.RadioSelect,
    )

    @property
    def chosen(self) -> str:
        """What is sent, as far as it is one of the ways; at first, to finish."""
        value = self["how"].value()
        return TAKE_BACK if value == TAKE_BACK else FINISH


class VIPNameForm(OnceForm):
    """A VIP's name. `was` marks the one that was shown."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=255)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def show(self, name: str) -> None:
        """From now on this name counts as shown."""
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["was"] = name_mark(name)
        self.data = sent


class NICCheckForm(OnceForm):
    """Which way a NIC's check is to be switched: said, not turned over, so that what was on the
    screen is what is done. `vip` are those that were shown as depending on it."""

    to = forms.ChoiceField(choices=[("on", "On"), ("off", "Off")], widget=forms.HiddenInput)
    confirm = forms.BooleanField(label=gettext_lazy("Switch it on all the same"), required=False)

    @property
    def on(self) -> bool:
        return str(self["to"].value()) == "on"

    @property
    def accepted(self) -> list[str]:
        """The VIPs that may be cut off: those that were shown, where that was ticked."""
        return self._shown if self.cleaned_data.get("confirm") else []

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "to" in self.errors:
            self.add_error(None, _(INCOMPLETE))
        elif given.get("to") == "on" and self._shown and not given.get("confirm"):
            self.add_error("confirm", _("Tick this, or leave the check off."))
        return given

    @property
    def _shown(self) -> list[str]:
        return self.data.getlist("vip") if isinstance(self.data, QueryDict) else []


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
            self.add_error(None, _("Choose an EIP."))
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
            self.add_error(None, _(INCOMPLETE))
        return given
