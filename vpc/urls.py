from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from vpc.views import (
    addresses,
    assigning,
    bindings,
    eips,
    guide,
    names,
    nics,
    patterns,
    releasing,
    repair,
    subnets,
    unbinding_eips,
    undo,
    virtual_ips,
    vpcs,
)

app_name = "vpc"

vpc_urls = [
    path("vpcs/", vpcs.vpc_list, name="vpc_list"),
    path("vpcs/<uuid:vpc_id>/", vpcs.vpc_detail, name="vpc_detail"),
]

virtual_ip_urls = [
    path("<uuid:vip_id>/", virtual_ips.virtual_ip_detail, name="virtual_ip_detail"),
    path("assign/", assigning.virtual_ip_assign, name="virtual_ip_assign"),
    path("release/", releasing.virtual_ips_release, name="virtual_ips_release"),
    path("<uuid:vip_id>/bind/", bindings.virtual_ip_bind, name="virtual_ip_bind"),
    path("<uuid:vip_id>/unbind/", bindings.virtual_ip_unbind, name="virtual_ip_unbind"),
    path("<uuid:vip_id>/repair/", repair.virtual_ip_repair, name="virtual_ip_repair"),
    path("<uuid:vip_id>/name/", names.virtual_ip_name, name="virtual_ip_name"),
    path("<uuid:vip_id>/release/", releasing.virtual_ip_release, name="virtual_ip_release"),
    path("<uuid:vip_id>/bind-eip/", eips.virtual_ip_bind_eip, name="virtual_ip_bind_eip"),
    path("<uuid:vip_id>/unbind-eip/", eips.virtual_ip_unbind_eip, name="virtual_ip_unbind_eip"),
    path("unbind-eip/", unbinding_eips.virtual_ips_unbind_eip, name="virtual_ips_unbind_eip"),
    path("eips/", eips.virtual_ip_eips, name="virtual_ip_eips"),
    path("<uuid:vip_id>/guide/", guide.virtual_ip_guide, name="virtual_ip_guide"),
]

address_urls = [
    path("<uuid:port_id>/release/", addresses.address_release, name="address_release"),
    path("<uuid:port_id>/use/", addresses.address_use, name="address_use"),
]

# A network may have several subnets, and a subnet's page needs both: with the two ids in the
# address everything about it can be asked for at once.
subnet_urls: list[URLPattern | URLResolver] = [
    path("", subnets.subnet_detail, name="subnet_detail"),
    path("virtual-ips/", include(virtual_ip_urls)),
    path("addresses/", include(address_urls)),
]

nic_urls = [path("check/", nics.nic_check, name="nic_check")]

urlpatterns = [
    *vpc_urls,
    path("patterns/", patterns.patterns, name="patterns"),
    path("operations/<uuid:operation_id>/undo/", undo.operation_undo, name="operation_undo"),
    path("networks/<uuid:network_id>/nics/<uuid:nic_id>/", include(nic_urls)),
    path("networks/<uuid:network_id>/subnets/<uuid:subnet_id>/", include(subnet_urls)),
]
