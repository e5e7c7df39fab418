"""Every address of the site, by area."""

from django.urls import include, path

from tracker.urls.submissions import published_patterns, submission_patterns
from tracker.views import daily_list, figures, help, home, practice, publication, search, security, verify
from tracker.web.busy import refuse_attempt
from tracker.web.failures import answer_failure
from tracker.web.topics import Topic

handler429 = refuse_attempt
handler500 = answer_failure

urlpatterns = [
    path("", include("tracker.urls.accounts")),
    path("", include("tracker.urls.secretariat")),
    path("desk/<str:code>/", include("tracker.urls.desk")),
    path("progress/", include("tracker.urls.progress")),
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.search_suggestions, name="search_suggestions"),
    path("about/", home.about, name="about"),
    *Topic("public#data").pages(path("data/", home.data, name="data")),
    path("help/", help.help_home, name="help"),
    path("help/answer/", help.answer_guide, name="answer_guide"),
    path("help/verify.py", help.verification_script, name="verification_script"),
    path("help/<slug:slug>/", help.guide, name="guide"),
    path("accessibility/", home.text_page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", home.text_page, {"name": "privacy"}, name="privacy"),
    path(".well-known/security.txt", security.security_contact, name="security_contact"),
    *Topic("public#the-adopted-texts").pages(path("recommendations/", include("recommendations.urls"))),
    path("desk/", home.desks, name="desks"),
    *Topic("focal-point-reference#good-practices").pages(
        path("practices/", practice.practice_list, name="practice_list"),
        *(
            path(f"practices.{kind}", practice.practice_file, {"kind": kind}, name=f"practices_{kind}")
            for kind in practice.PRACTICE_WRITERS
        ),
        path("practices/<node:slug>/", practice.practice_unit, name="practice_unit"),
        path(
            "practices/<node:slug>/<slug:respondent_code>/<slug:round_code>/<int:number>/evidence/<int:position>/",
            practice.practice_evidence_file,
            name="practice_evidence_file",
        ),
    ),
    path("submissions/<slug:code>/<slug:round_code>/<int:number>/", include(submission_patterns)),
    *Topic("public#figures").pages(
        path("figures/", figures.figures, name="figures"),
        path("figures/figures.csv", figures.newest_figures_file, {"kind": "csv"}, name="figures_csv"),
        path("figures/figures.json", figures.newest_figures_file, {"kind": "json"}, name="figures_json"),
        path("figures/<slug:round_code>/", figures.release, name="release"),
        path("figures/<slug:round_code>/figures.<slug:kind>", figures.release_file, name="release_file"),
    ),
    *Topic("public#published-answers").pages(path("published/", publication.published_list, name="published_list")),
    path("published/<slug:code>/<slug:round_code>/<int:number>/", include(published_patterns)),
    *Topic("public#verify-a-receipt").pages(
        path("verify/", verify.check_code, name="verify"),
        path("verify/log/", daily_list.daily_list, name="daily_list"),
        path("verify/log/log.json", daily_list.daily_list_log, name="daily_list_log"),
        path("verify/log/<str:day>.json", daily_list.daily_list_day, name="daily_list_day"),
        path("verify/<str:code>/", verify.show_receipt, name="verified"),
    ),
    path("", include("tracker.urls.admin")),
]
