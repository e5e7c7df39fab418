from django.urls import path

from recommendations import views

app_name = "recommendations"

urlpatterns = [
    path("", views.recommendation_list, name="list"),
    path("catalogue.json", views.catalogue_file, {"ending": "json"}, name="json"),
    path("catalogue.csv", views.catalogue_file, {"ending": "csv"}, name="csv"),
    path("catalogue.xlsx", views.catalogue_file, {"ending": "xlsx"}, name="xlsx"),
    path("workplan/", views.workplan, name="workplan"),
    path("recorded-actions/", views.recorded_action_list, name="recorded_actions"),
    path("themes/<slug:slug>/", views.theme, name="theme"),
    path("families/<slug:slug>/", views.family, name="family"),
    path("<body:slug>/", views.recommendation_list, name="body"),
    path("<node:slug>/", views.recommendation, name="detail"),
]
