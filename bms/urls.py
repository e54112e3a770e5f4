from __future__ import annotations

from django.urls import path

from bms.views import servers

app_name = "bms"

server_urls = [
    path("servers/", servers.server_list, name="server_list"),
    path("servers/names/", servers.server_names, name="server_names"),
    path("servers/rows/", servers.server_rows, name="server_rows"),
    path("servers/<uuid:server_id>/", servers.server_detail, name="server_detail"),
]

urlpatterns = server_urls
