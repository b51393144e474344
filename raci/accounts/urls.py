"""The pages allauth serves, one by one, so that nothing else of the library becomes a route by accident."""

from allauth.account import views
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as usersessions
from django.urls import URLPattern, path, re_path, reverse_lazy
from django.views.decorators.http import require_safe

from raci.web.routes import anyone, signed_in

ALL_FACTORS = reverse_lazy("mfa_index")  # allauth's list of passkeys alone is no page of ours
rename_passkey = passkeys.EditWebAuthnView.as_view(success_url=ALL_FACTORS)
remove_passkey = passkeys.RemoveWebAuthnView.as_view(success_url=ALL_FACTORS)
codes_file = require_safe(codes.download_recovery_codes)

urlpatterns: list[URLPattern] = [
    path("sign-in/", anyone(views.login), name="account_login"),
    path("sign-out/", signed_in(views.logout), name="account_logout"),
    path("sign-up/", anyone(views.signup), name="account_signup"),
    path("inactive/", anyone(views.account_inactive), name="account_inactive"),
    path("again/", signed_in(views.reauthenticate), name="account_reauthenticate"),
    path("confirm/", anyone(views.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^confirm/(?P<key>[-:\w]+)/$", anyone(views.confirm_email), name="account_confirm_email"),
    path("password/", signed_in(views.password_change), name="account_change_password"),
    path("password/set/", signed_in(views.password_set), name="account_set_password"),
    path("password/reset/", anyone(views.password_reset), name="account_reset_password"),
    path("password/reset/sent/", anyone(views.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/done/",
        anyone(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        anyone(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("sessions/", signed_in(usersessions.list_usersessions), name="usersessions_list"),
    path("second-factor/", signed_in(factor.index), name="mfa_index"),
    path("second-factor/ask/", anyone(factor.authenticate), name="mfa_authenticate"),
    path("second-factor/again/", signed_in(factor.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/app/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/codes/", signed_in(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", signed_in(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", signed_in(codes_file), name="mfa_download_recovery_codes"),
    path("passkeys/sign-in/", anyone(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("passkeys/again/", signed_in(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("passkeys/new/", signed_in(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/<id:pk>/name/", signed_in(rename_passkey), name="mfa_edit_webauthn"),
    path("passkeys/<id:pk>/remove/", signed_in(remove_passkey), name="mfa_remove_webauthn"),
]
