"""Public addresses of the page furniture."""

from django.urls import path

from lienmach.kernel.web import views

app_name = "web"

public_urlpatterns = [
    path("language/", views.language_set, name="language_set"),
    path("theme/", views.theme_set, name="theme_set"),
    path("design/", views.design, name="design"),
    path("design/<slug:kind>/", views.design_kind, name="design_kind"),
]

urlpatterns = public_urlpatterns
