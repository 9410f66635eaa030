"""Addresses below /o/<organisation>/registry/."""

from django.urls import path

from lienmach.apps.registry import views

urlpatterns = [
    path("", views.enterprises, name="enterprises"),
    path("import/", views.enterprise_import, name="import"),
    path("template/", views.template_file, name="template"),
    path("own/", views.own, name="own"),
    path("own/claim/", views.claim_request, name="claim-request"),
    path("claims/<uuid:claim>/", views.claim_decide, name="claim-decide"),
    path("<uuid:enterprise>/", views.enterprise, name="enterprise"),
]
