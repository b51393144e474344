"""The pages allauth serves, one by one, so that nothing else of the library becomes a route by accident."""

from allauth.account import views
from allauth.usersessions import views as usersessions
from django.urls import URLPattern, path, re_path

from raci.web.routes import anyone, signed_in

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
]
