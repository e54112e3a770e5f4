"""The HA picture: a VIP with its EIP on top and what carries it below, drawn from what was read.

Which of the servers answers to the address right now no cloud knows: Keepalived decides it inside
them. So the picture tells what the cloud lets through, and which servers could answer at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from vpc.resources import ip_order

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bms.resources import ServerState
    from vpc.resources import Port
    from vpc.services.bindings import VirtualIP
    from vpc.services.eips import EIP

WIDTH = 360
BOX_WIDTH, BOX_HEIGHT = 156, 64
EDGE = 3
MIDDLE = (WIDTH - BOX_WIDTH) // 2
VIP_HEIGHT = 44
APART = 20
"""How far from the middle the lines to a pair begin."""

STEP = 22
"""Between two boxes, one below the other."""

SMALL_WIDTH, DOT_STEP, MOST_DOTS = 44, 12, 4

NAME_LENGTH, ADDRESS_LENGTH = 16, 18
"""What fits into a box, in characters. Longer texts stand whole in the table beside the picture."""


class Link(StrEnum):
    """What ties a box to the VIP."""

    BOUND = gettext_noop("Bound")
    HALF_BOUND = gettext_noop("Half bound")
    COVERED = gettext_noop("Covered")
    ORPHANED = gettext_noop("Orphaned")
    OTHER = gettext_noop("Other entry")

    @property
    def label(self) -> str:
        return _(self.value)

    @property
    def tone(self) -> str:
        """One of the tones of `components/status.html`."""
        if self is Link.BOUND:
            return "good"
        return "warn" if self in (Link.HALF_BOUND, Link.ORPHANED) else "quiet"


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A NIC, or an entry that is none. `state` is None where Nova has not told it (yet)."""

    link: Link
    address: str
    server_id: str = ""
    name: str = ""
    state: ServerState | None = None
    nic: Port | None = None
    is_gone: bool = False
    """Nova was asked for its server and has none."""

    @property
    def label(self) -> str:
        return self.name or self.server_id

    @property
    def trouble(self) -> str:
        """Why no packet for the VIP would be answered here; empty where nothing speaks against."""
        return self._trouble[0]

    @property
    def mentioned_trouble(self) -> str:
        """The same after a sentence's first word."""
        return self._trouble[1]

    @property
    def _trouble(self) -> tuple[str, str]:
        if self.link is Link.HALF_BOUND:
            return _("Its source/destination check is on"), _("its source/destination check is on")
        if self.link is Link.OTHER:
            return "", ""
        if not self.nic or not self.server_id:
            return _("No server has it"), _("no server has it")
        if self.is_gone:
            return _("Its server is gone"), _("its server is gone")
        if self.state and not self.state.is_up:
            words = _("Server: {state}"), _("server: {state}")
            return words[0].format(state=self.state.label), words[1].format(state=self.state.label)
        if self.nic.state.is_trouble:
            told = _("NIC: {state}").format(state=self.nic.state.label)
            return told, told
        return "", ""

    @property
    def is_through(self) -> bool:
        """Whether packets for the VIP reach it and a server is there to answer them."""
        return self.link is Link.BOUND and not self.trouble

    @property
    def tone(self) -> str:
        return self.link.tone if self.link is not Link.BOUND or self.is_through else "warn"

    @property
    def words(self) -> str:
        """What the box says of it, beside name and address."""
        return self.trouble if self.link is Link.BOUND and self.trouble else self.link.label


@dataclass(frozen=True, kw_only=True)
class Box:
    """A carrier's place in the picture, in units of its view box; x and y are its upper left.
    `hangs_on_trunk` where there are more than a line from the VIP itself can lead to."""

    carrier: Carrier
    x: int
    y: int
    hangs_on_trunk: bool = False

    @property
    def middle(self) -> int:
        return self.y + BOX_HEIGHT // 2

    @property
    def line(self) -> str:
        """The path from the VIP, or from the trunk, to it."""
        if self.x == MIDDLE:
            return f"M{WIDTH // 2} {self.y - STEP}V{self.y}"
        if not self.hangs_on_trunk:
            start = WIDTH // 2 + (APART if self.x > MIDDLE else -APART)
            across = self.y - STEP // 2
            return f"M{start} {self.y - STEP}V{across}H{self.x + BOX_WIDTH // 2}V{self.y}"
        edge = self.x if self.x > MIDDLE else self.x + BOX_WIDTH
        return f"M{WIDTH // 2} {self.middle}H{edge}"

    @property
    def name(self) -> str:
        return shortened(self.carrier.label, NAME_LENGTH)

    @property
    def address(self) -> str:
        return shortened(self.carrier.address, ADDRESS_LENGTH)


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A carrier in the small picture."""

    carrier: Carrier
    x: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`boxes` in pairs, left and right of a trunk that comes down from the VIP. `may_have_two` is
    false where the cloud lets this VIP have one NIC only."""

    vip: VirtualIP
    eip: EIP | None
    carriers: tuple[Carrier, ...]
    may_have_two: bool = True

    @property
    def able(self) -> frozenset[str]:
        """Ids of the servers that could answer: two NICs of one fail together."""
        return frozenset(one.server_id for one in self.carriers if one.is_through)

    @property
    def bound(self) -> frozenset[str]:
        """Ids of the servers that it is bound to, or half bound."""
        links = Link.BOUND, Link.HALF_BOUND
        return frozenset(one.server_id for one in self.carriers if one.link in links)

    @property
    def lacks_server(self) -> bool:
        """Whether one could be bound that would be able to take over, or to answer at all."""
        most = 2 if self.may_have_two else 1
        return not self.vip.is_system_owned and len(self.bound) < most

    @property
    def dots(self) -> tuple[Dot, ...]:
        """For the small picture: so many as fit, from the left."""
        shown = self.carriers[:MOST_DOTS]
        left = SMALL_WIDTH // 2 - (len(shown) - 1) * DOT_STEP // 2
        return tuple(Dot(carrier=one, x=left + n * DOT_STEP) for n, one in enumerate(shown))

    @property
    def summary(self) -> tuple[str, str]:
        """(tone of a banner, a sentence): whether the address would survive a server's failure, as
        far as the cloud can tell."""
        if len(self.able) < len(self.bound):
            return "warn", self._troubled
        if self.vip.is_system_owned and not self.bound:
            return "info", _("A component of the cloud holds it: it cannot be bound here.")
        if not self.may_have_two and len(self.bound) < 2:
            return "info", _(
                "An IPv6 virtual IP address can have one NIC only in this cloud: for two servers "
                "take an IPv4 one."
            )
        if not self.bound:
            return "info", _(
                "It is bound to no server. Bind it to two: an active and a standby one."
            )
        if len(self.able) == 1:
            return "warn", _(
                "One server can answer at this address. If it fails nobody does: bind a second."
            )
        return self._pair

    @property
    def _troubled(self) -> str:
        """Not all that it is bound to can answer."""
        able = len(self.able)
        if able:
            # Translators: One variant of the verb ("can") is for {count} = 1: "Only 1 of 2 ...".
            words = ngettext(
                "Only {count} of {total} bound servers can answer now. The table says why.",
                "Only {count} of {total} bound servers can answer now. The table says why.",
                able,
            )
            return words.format(count=able, total=len(self.bound))
        if self.vip.half_bound:
            return _(
                "No bound server can answer now: it is only half bound, so the cloud drops its "
                "packets. Repair finishes that or takes it back."
            )
        return _("No bound server can answer now. The table says why.")

    @property
    def _pair(self) -> tuple[str, str]:
        """All that it is bound to can answer, and they are several."""
        count = len(self.able)
        if self.eip and self.eip.state.tone in ("warn", "bad"):
            words = _(
                "{count} servers can answer at this address, but its EIP has the status {state}."
            )
            return "warn", words.format(count=count, state=self.eip.state.label)
        words = _(
            "{count} servers can answer at this address. Keepalived inside them decides which does."
        )
        return "good", words.format(count=count)

    @property
    def server_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.server_id for one in self.carriers if one.server_id))

    @property
    def vip_y(self) -> int:
        return EDGE + VIP_HEIGHT + STEP if self.eip else EDGE

    @property
    def trunk_y(self) -> int:
        """Where the trunk leaves the VIP."""
        return self.vip_y + VIP_HEIGHT

    @property
    def boxes(self) -> tuple[Box, ...]:
        places = (EDGE, WIDTH - EDGE - BOX_WIDTH) if len(self.carriers) > 1 else (MIDDLE,)
        top = self.trunk_y + STEP
        return tuple(
            Box(
                carrier=carrier,
                x=places[number % len(places)],
                y=top + number // 2 * (BOX_HEIGHT + STEP // 2),
                hangs_on_trunk=len(self.carriers) > 2,
            )
            for number, carrier in enumerate(self.carriers)
        )

    @property
    def trunk(self) -> str:
        """The path of the line that all boxes hang on; empty where each has its own."""
        if len(self.carriers) < 3:
            return ""
        return f"M{WIDTH // 2} {self.trunk_y}V{self.boxes[-1].middle}"

    @property
    def height(self) -> int:
        return max((box.y + BOX_HEIGHT for box in self.boxes), default=self.trunk_y) + EDGE

    @property
    def vip_address(self) -> str:
        return shortened(self.vip.address, 2 * ADDRESS_LENGTH - 10) or _("(no address)")

    @property
    def title(self) -> str:
        return _("Virtual IP address {vip} and what carries it").format(vip=self.vip.address)

    @property
    def description(self) -> str:
        """The picture in a few sentences."""
        sentences = [_("It has no EIP.")]
        if self.eip:
            sentences = [_("EIP {eip} leads to it.").format(eip=self.eip.address)]
        if not self.carriers:
            sentences.append(_("It is bound to no server."))
        for one in self.carriers:
            what = f"{one.label} ({one.address})" if one.label else one.address
            # Translators: A sentence such as "Bound: db-1 (10.0.0.1), its server is gone."
            words = _("{link}: {carrier}, {trouble}.") if one.trouble else _("{link}: {carrier}.")
            sentences.append(
                words.format(link=one.link.label, carrier=what, trouble=one.mentioned_trouble)
            )
        return " ".join(sentences)


def picture(
    vip: VirtualIP,
    eip: EIP | None,
    names: Mapping[str, str],
    states: Mapping[str, ServerState],
    gone: Collection[str] = (),
    *,
    may_have_two: bool = True,
) -> Picture:
    """`names` and `states` by server id, as far as they are known; `gone` are ids of servers that
    Nova has not."""

    def of_nic(nic: Port, link: Link) -> Carrier:
        return Carrier(
            link=link,
            address=nic.ip_address,
            server_id=nic.device_id,
            name=names.get(nic.device_id, ""),
            state=states.get(nic.device_id),
            nic=nic,
            is_gone=nic.device_id in gone,
        )

    bound = [
        of_nic(one.nic, Link.HALF_BOUND if one.is_half else Link.BOUND) for one in vip.bindings
    ]
    orphans = [
        Carrier(link=Link.ORPHANED, address=one.pair.ip_address, nic=one.port)
        for one in vip.orphans
    ]
    covered = [of_nic(one.nic, Link.COVERED) for one in vip.only_covered]
    others = [Carrier(link=Link.OTHER, address=one.pair.ip_address) for one in vip.others]
    bound.sort(key=lambda one: ip_order(one.address))  # the clouds' own order may change
    return Picture(
        vip=vip, eip=eip, carriers=(*bound, *orphans, *covered, *others), may_have_two=may_have_two
    )


def shortened(text: str, most: int) -> str:
    """At most so many characters; what is left out is in the middle, since beginnings of names
    and of IPv6 addresses are often the same."""
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"
