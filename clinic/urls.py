"""Every address of the site. Each view names its door; what lower apps need from above is handed to them here."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from clinic import views
from clinic.scheduling import seams
from treatments.doors import needs, public

signed_in = needs("patients.use_own_record")

accounts = [
    path("sign-in/", public(account.request_login_code), name="account_request_login_code"),
    path("sign-in/", public(account.request_login_code), name="account_login"),
    path("sign-in/code/", public(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-out/", public(account.logout), name="account_logout"),
    path("closed/", public(account.account_inactive), name="account_inactive"),
    path("again/", public(account.reauthenticate), name="account_reauthenticate"),
    path("second-factor/", signed_in(mfa.index), name="mfa_index"),
    path("second-factor/ask/", public(mfa.authenticate), name="mfa_authenticate"),
    path("second-factor/ask-again/", signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/app/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/codes/", signed_in(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", signed_in(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", signed_in(recovery_codes.download_recovery_codes), name="mfa_download_recovery_codes"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, {"prices": seams.prices}, name="home"),
    path("start/", views.start, name="start"),
    path("typed/", views.typed, name="typed"),
    path("places/", views.places, name="places"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("account/", include(accounts)),
    path("", include("treatments.urls"), {"prices": seams.prices, "book_url": seams.book_url}),
    path("editing/", include("treatments.editing.urls")),
    path("", include("patients.urls"), {"after_save": seams.after_save}),
    path("", include("clinic.scheduling.urls")),
    path("workspace/", include("clinic.workspace.urls")),
]
if settings.MAILBOX:
    urlpatterns += [path("mailbox/", include("clinic.messaging.urls"))]

handler400 = "clinic.views.bad_request"
handler403 = "clinic.views.permission_denied"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.server_error"
