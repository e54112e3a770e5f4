"""EIPs in a test: what others do with them, and how the dialogs show them."""

from __future__ import annotations

FOR_EVER = float("inf")


def give(floating, port):
    """Somebody else binds it (None: unbinds it), past the API."""
    record = floating.floating_ip
    record.port_id = port.id if port else None
    record.fixed_ip_address = port.ip_address if port else None
    record.status = "ACTIVE" if port else "DOWN"
    record.revision_number += 1


def held_by(floating):
    return floating.floating_ip.port_id


def cells(page, floating):
    """The row of this EIP in the dialog: {column: words}."""
    [row] = [row for row in page.rows() if row["EIP"].startswith(floating.ip_address)]
    return row


def radio(page, floating):
    return page.all("input", type="radio", value=floating.id)[0]


def preview_of(page):
    return page.all("section", id="bind-preview")[0].text


def eip_cell(page, vip):
    """What the table shows as the VIP's EIP."""
    return page.all("td", id=f"eip-{vip.id}")[0].text


def writes(emulator):
    return [call for call in emulator.log if call.method not in ("GET", "HEAD")]
