from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from console import preferences, session, throttle
from console.cloud.errors import (
    BadRequest,
    CloudError,
    CloudUnavailable,
    Forbidden,
    NotFound,
    Unauthorized,
)
from console.forms import ConsoleForm
from console.htmx import render_page
from console.middleware import project_not_needed, signed_out_ok
from console.navigation import own_path, start_of_service
from console.session import Account

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.cloud.account import Token, User
    from console.cloud.auth import Identity
    from console.types import ConsoleRequest

log = logging.getLogger(__name__)

MOST_LEFT = 8
"""So many tokens of former projects are ended at a sign-out; older ones run out by themselves."""

REFUSED = gettext_noop(
    "The sign-in was refused. Check domain, user name and password, and the one-time passcode if "
    "your account uses one."
)


class SignInForm(ConsoleForm):
    domain = forms.CharField(
        label=gettext_lazy("Domain"),
        max_length=255,
        help_text=gettext_lazy("Your account's or company's domain."),
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    passcode = forms.RegexField(
        r"^\d{6,8}$",
        label=gettext_lazy("One-time passcode"),
        required=False,
        error_messages={
            "invalid": gettext_lazy("Enter the six digits that your authenticator shows.")
        },
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    cloud = forms.ChoiceField(label=gettext_lazy("Cloud"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clouds = list(settings.CLOUDS)
        # Which regions there are is the cloud's matter: with several the bar on top offers them.
        regions = settings.CLOUDS[clouds[0]].regions if len(clouds) == 1 else ()
        for name in ("cloud", "region"):
            self.fields[name].wanted = True  # type: ignore[attr-defined]
        if len(clouds) > 1:
            self.fields["cloud"].choices = [(name, name) for name in clouds]  # type: ignore[attr-defined]
        else:
            del self.fields["cloud"]
        if len(regions) > 1:
            self.fields["region"].choices = [(name, name) for name in regions]  # type: ignore[attr-defined]
        else:
            del self.fields["region"]

    @property
    def cloud_name(self) -> str:
        return self.cleaned_data.get("cloud") or session.default_cloud()

    @property
    def was_refused(self) -> bool:
        """By the cloud, for what was typed."""
        return self.has_error(NON_FIELD_ERRORS, "refused")

    def focus_first_error(self) -> None:
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True


@signed_out_ok
@never_cache
@sensitive_post_parameters("password", "passcode")
@require_http_methods(["GET", "POST"])
def sign_in(request: ConsoleRequest) -> HttpResponse:
    following = own_path(request.POST.get("next") or request.GET.get("next", ""), "")
    if request.method != "POST":
        if getattr(request, "account", None) is not None:
            return redirect(following or reverse("console:home"))
        form = SignInForm(initial=_initial(request))
        return _page(request, form, following)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, following, status=422)
    attempt = throttle.begin(request, form.cleaned_data["domain"], form.cleaned_data["username"])
    if attempt.wait:
        minutes = -(-attempt.wait // 60)
        words = ngettext(
            "Too many attempts. Try again in {count} minute.",
            "Too many attempts. Try again in {count} minutes.",
            minutes,
        ).format(count=minutes)
        form.add_error(None, words)
        response = _page(request, form, following, status=429)
        response["Retry-After"] = str(attempt.wait)
        return response
    return _try(request, form, following, attempt)


def _try(
    request: ConsoleRequest, form: SignInForm, following: str, attempt: throttle.Attempt
) -> HttpResponse:
    identity = session.identity(form.cloud_name)
    try:
        user, token = _authenticate(identity, form)
    except (Unauthorized, Forbidden, BadRequest, NotFound) as error:
        # Whatever the cloud tells about which part was wrong stays here.
        log.info("sign-in refused: %s %s", error.status, error.request_id)
        form.add_error(None, ValidationError(_(REFUSED), code="refused"))
        return _page(request, form, following, status=422)
    except CloudError as error:
        attempt.take_back()
        return _no_verdict(request, form, following, error)
    attempt.succeeded()
    try:
        projects = identity.list_projects(token)
        account = Account(user=user, cloud=form.cloud_name, token=token, projects=projects)
        account = _in_known_project(request, identity, account, form.cleaned_data.get("region", ""))
    except CloudError as error:
        return _no_verdict(request, form, following, error)
    session.begin(request, account)
    preferences.load(request, account)
    return _enter(request, account, following, form.cleaned_data.get("region", ""))


def _authenticate(identity: Identity, form: SignInForm) -> tuple[User, Token]:
    return identity.sign_in(
        domain=form.cleaned_data["domain"],
        user=form.cleaned_data["username"],
        password=form.cleaned_data["password"],
        passcode=form.cleaned_data["passcode"],
    )


def _no_verdict(
    request: ConsoleRequest, form: SignInForm, following: str, error: CloudError
) -> HttpResponse:
    form.add_cloud_error(error)
    response = _page(request, form, following, status=503)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _page(
    request: ConsoleRequest, form: SignInForm, following: str, status: int = 200
) -> HttpResponse:
    form.focus_first_error()
    here = reverse("console:sign_in", query={"next": following} if following else None)
    context = {"form": form, "next": following, "here": here, "demo": settings.DEMO}
    return render_page(request, "console/sign_in.html", context, fragment="sign-in", status=status)


def _initial(request: ConsoleRequest) -> dict[str, str]:
    place = session.remembered_place(request)
    if place is None:
        return {}
    return {"domain": place.domain, "region": place.region, "cloud": place.cloud}


def _in_known_project(
    request: ConsoleRequest, identity: Identity, account: Account, region: str
) -> Account:
    """Straight into the only or the last project; as it was where there is a choice."""
    place = session.remembered_place(request)
    here = (account.cloud, account.user.id)
    own_place = place if place and (place.cloud, place.user_id) == here else None
    known = [project.id for project in account.projects]
    if own_place and own_place.project_id in known:
        region = region or own_place.region
        return _in_project(identity, account, own_place.project_id, region)
    return _in_project(identity, account, known[0], region) if len(known) == 1 else account


def _in_project(identity: Identity, account: Account, project_id: str, region: str) -> Account:
    try:
        scope = identity.scope_to(account.token, project_id)
    except Unauthorized as error:
        # Either the sign-in has ended, and then this says so too, or only the project is lost.
        identity.list_projects(account.token)
        raise Forbidden(
            _("Your role in this project was taken away. Log in again to see your projects."),
            service="identity",
            status=error.status,
            request_id=error.request_id,
        ) from error
    left = (*account.left, account.scope.token) if account.scope else ()
    region = scope.home_region(region, settings.CLOUDS[account.cloud].regions)
    return msgspec.structs.replace(account, scope=scope, region=region, left=left[-MOST_LEFT:])


def _enter(request: ConsoleRequest, account: Account, to: str, region: str = "") -> HttpResponse:
    """On to the page first asked for, by way of the choice where no project is known."""
    if account.scope is None:
        query = {name: value for name, value in {"next": to, "region": region}.items() if value}
        return redirect(reverse("console:project_choose", query=query))
    response = redirect(to or reverse("console:home"))
    session.remember_place(response, account)
    return response


def _work_in(request: ConsoleRequest, project_id: str, region: str, to: str) -> HttpResponse:
    account = request.account
    account = _in_project(session.identity(account.cloud), account, project_id, region)
    session.save(request, account)
    request.account = account
    return _enter(request, account, to)


@project_not_needed
@require_http_methods(["GET", "POST"])
def project_choose(request: ConsoleRequest) -> HttpResponse:
    following = own_path(request.POST.get("next") or request.GET.get("next", ""), "")
    projects = request.account.projects
    wanted = request.POST.get("project", "")
    if request.method == "POST" and wanted in {project.id for project in projects}:
        region = request.POST.get("region", "")
        return _work_in(request, wanted, region, following)
    context = {
        "projects": projects,
        "next": following,
        "wanted_region": request.GET.get("region", ""),
        "error": _("Choose one of your projects.") if request.method == "POST" else "",
    }
    return render_page(
        request,
        "console/project_choose.html",
        context,
        fragment="choose",
        status=422 if request.method == "POST" else 200,
    )


@project_not_needed
@require_POST
def project_switch(request: ConsoleRequest) -> HttpResponse:
    """Another project or region. Ids in the present address mean nothing there, so the way goes
    to the start of the service one is in."""
    scope = request.account.scope
    here = scope.project.id if scope else ""
    wanted = request.POST.get("project") or here
    if wanted not in {project.id for project in request.account.projects}:
        messages.error(request, _("That project is not one of yours. Nothing was switched."))
        return redirect("console:home")
    to = start_of_service(own_path(request.POST.get("next", ""), "/"))
    response = _work_in(request, wanted, request.POST.get("region", ""), to)
    messages.success(request, _switched(request.account))
    return response


def _switched(account: Account) -> str:
    project = account.scope.project.name if account.scope else ""
    if len(account.regions) > 1:
        return _("You now work in {project}, region {region}.").format(
            project=project, region=account.region
        )
    return _("You now work in {project}.").format(project=project)


@signed_out_ok
@require_POST
def sign_out(request: ConsoleRequest) -> HttpResponse:
    account = getattr(request, "account", None)
    session.forget(request)
    if account is None:
        return redirect("console:sign_in")
    if _end_tokens(account):
        messages.success(request, _("You are logged out."))
    else:
        until = max(token.expires_at for token in account.tokens)
        messages.warning(
            request,
            _(
                "You are logged out here, but the cloud could not be reached to end your token. It "
                "ends by itself at {time} UTC."
            ).format(time=f"{until:%H:%M}"),
        )
    return redirect("console:sign_in")


def _end_tokens(account: Account) -> bool:
    """Whether none of them is good any more. Who cannot be reached is not asked again."""
    identity = session.identity(account.cloud)
    ended = True
    for token in account.tokens:
        try:
            identity.revoke(token)
        except (Unauthorized, NotFound):
            continue  # it had ended already
        except CloudUnavailable:
            return False
        except CloudError:
            ended = False
    return ended
