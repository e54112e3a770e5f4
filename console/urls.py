from __future__ import annotations

from django.urls import include, path

from console.views import brand, health, home, operations, patterns, preferences, runs, sign_in

handler400 = "console.views.errors.bad_request"
handler403 = "console.views.errors.forbidden"
handler404 = "console.views.errors.not_found"
handler500 = "console.views.errors.server_error"

sign_in_urls = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("projects/", sign_in.project_choose, name="project_choose"),
    path("projects/switch/", sign_in.project_switch, name="project_switch"),
]

operation_urls = [
    path("operations/", operations.operation_list, name="operation_list"),
    path("operations/csv/", operations.operation_csv, name="operation_csv"),
    path("operations/runs/<uuid:run>/", runs.operation_run, name="operation_run"),
    path("operations/<uuid:operation_id>/", operations.operation_detail, name="operation_detail"),
]

console_urls = [
    path("", home.home, name="home"),
    path("high-availability/", home.high_availability, name="high_availability"),
    path("patterns/", patterns.patterns, name="patterns"),
    path("brand.css", brand.brand_css, name="brand_css"),
    path("brand/logo", brand.brand_logo, name="brand_logo"),
    path("preferences/", preferences.preferences_save, name="preferences_save"),
    *sign_in_urls,
    *operation_urls,
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include((console_urls, "console"))),
    path("bms/", include("bms.urls")),
    path("vpc/", include("vpc.urls")),
]
