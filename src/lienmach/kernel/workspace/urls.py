"""Addresses of the kernel's own pages."""

from django.urls import path

from lienmach.kernel.workspace import members, tokens, views

urlpatterns = [
    path("", views.organisation_home, name="home"),
    path("events/", views.event_list, name="events"),
    path("events/<uuid:event>/", views.event_record, name="event"),
    path("people/", views.member_list, name="members"),
    path("people/add/", views.member_add, name="member-add"),
    path("people/<uuid:membership>/", members.member_record, name="member"),
    path("people/<uuid:membership>/role/", members.role_change, name="member-role"),
    path("people/<uuid:membership>/password/", members.password_reset, name="member-password"),
    path("people/<uuid:membership>/return/", members.member_return, name="member-return"),
    path("people/<uuid:membership>/end/", views.membership_end, name="member-end"),
    path("sharing/", views.sharing, name="sharing"),
    path("sharing/give/", views.consent_give, name="consent-give"),
    path("sharing/<uuid:consent>/withdraw/", views.consent_withdraw, name="consent-withdraw"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/issue/", tokens.token_issue, name="token-issue"),
    path("tokens/<uuid:token>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("jobs/<uuid:job>/", views.job_status, name="job"),
    path("jobs/<uuid:job>/stop/", views.job_stop, name="job-stop"),
]

public_urlpatterns = [
    path("", views.landing, name="landing"),
    path("home/", views.home, name="home"),
    path("health/", views.health, name="health"),
]
