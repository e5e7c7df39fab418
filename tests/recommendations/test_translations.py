"""Official texts in other languages: kept by curators, read by whom they serve; the original stays the text.

The texts here are obviously invented.
"""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommendations import catalogue
from recommendations.models import Recommendation, Translation, TranslationLanguage
from tests.catalogue_events import actions_on
from tests.pages import words, words_of_page
from tracker.models import Event

pytestmark = pytest.mark.django_db

ARABIC, FRENCH = "نص مخترع للاختبار", "Texte inventé pour le test."
IMPORT = "/admin/recommendations/translation/import/"


@pytest.fixture
def translate(dana, unit):
    def translate(label, language="fr", text=FRENCH, source="INVENTED/FR/1", by=dana) -> Translation:
        thing = Translation(wording=unit(label).current_wording, language=language, text=text, source=source)
        catalogue.save_instance(instance=thing, by=by)
        return thing

    return translate


@pytest.fixture
def page(client):
    def page(slug, query="", accept=""):
        return client.get(f"/recommendations/{slug}/{query}", headers={"accept-language": accept})

    return page


def text_of(response) -> str:
    """The tag of the text itself, with what it holds."""
    return re.search(r'<p class="adopted-text".*?</p>', response.text, re.DOTALL)[0]


def test_a_text_without_any_is_read_as_it_was_adopted(page):
    shown = page("V-42", accept="fr")
    assert shown.context["translations"].languages == []
    assert "Français" not in words(shown)


@pytest.mark.parametrize("query", ["?text=ar", ""])
def test_a_reader_sees_their_language_where_a_translation_exists(page, translate, query):
    translate("II.44", "ar", ARABIC, "INVENTED/AR/1")
    shown = page("II-44", query, accept="ar-EG,en;q=0.5")
    assert text_of(shown) == f'<p class="adopted-text" lang="ar" dir="rtl">{ARABIC}</p>'
    assert "INVENTED/AR/1" in words(shown)
    assert '<a href="?text=en" lang="en" hreflang="en">English</a>' in shown.text, "the original is one click away"
    assert "Accept-Language" in shown.headers["Vary"]


@pytest.mark.parametrize(("query", "accept"), [("?text=en", "fr"), ("", "en,fr;q=0.9"), ("", ""), ("?text=ru", "fr")])
def test_the_original_is_shown_on_request_and_by_default(page, translate, unit, query, accept):
    translate("II.43")
    shown = page("II-43", query, accept)
    assert unit("II.43").text in text_of(shown)
    assert '<a href="?text=fr" lang="fr" hreflang="fr"><bdi>Français</bdi></a>' in shown.text


def test_the_citation_stays(page, translate):
    cited = re.search(r'<p class="citation">.*?</p>', page("II-43").text, re.DOTALL)[0]
    translate("II.43")
    assert cited in page("II-43", "?text=fr").text


def test_texts_without_translation_are_shown_and_marked_in_the_original(page, translate, unit):
    translate("IV.46(i)", "ar", ARABIC)
    translate("IV.46(i)(ii)", "ar", "خيار مخترع")
    shown = page("IV-46-i", "?text=ar").text
    assert f'<p class="adopted-chapeau" lang="en" dir="ltr">{unit("IV.46").text}</p>' in shown
    assert '<li lang="ar" dir="rtl">' in shown
    assert "خيار مخترع" in shown
    assert unit("IV.46(i)(i)").text in shown


def test_after_a_new_wording_it_is_of_the_former_one_until_there_is_another(page, translate, unit, dana):
    def reword(kind, text):
        catalogue.add_wording(recommendation=unit("II.43"), text=text, kind=kind, reason="For the test.", by=dana)

    translate("II.43")
    reword("correction", "Corrected.")
    assert "Earlier wording. The adopted text has a newer wording." not in words(page("II-43", "?text=fr"))
    reword("new_wording", "Adopted anew.")
    shown = page("II-43", "?text=fr")
    assert FRENCH in words(shown)
    assert "Earlier wording. The adopted text has a newer wording." in words(shown)
    translate("II.43", text="Texte inventé de nouveau.")
    shown = page("II-43", "?text=fr")
    assert "Texte inventé de nouveau." in words(shown)
    assert "Earlier wording. The adopted text has a newer wording." not in words(shown)


def test_a_focal_point_reads_the_translation_next_to_the_answer(desk, translate):
    translate("II.43")
    shown = desk.get(reverse("record", args=["XAA", "II-43"]), headers={"accept-language": "fr"})
    assert text_of(shown) == f'<p class="adopted-text" lang="fr" dir="ltr">{FRENCH}</p>'
    assert "?text=en" in shown.text


def test_any_number_of_languages_takes_as_many_queries(
    page, translate, django_assert_num_queries, django_assert_max_num_queries
):
    page("II-43")  # reads the texts into memory
    with django_assert_max_num_queries(12) as before:
        page("II-43", "?text=fr")
    count = len(before)
    for language in TranslationLanguage.values:
        translate("II.43", language)
    page("II-43")
    with django_assert_num_queries(count):
        page("II-43", "?text=fr")


# What curators do


def test_one_by_one_in_the_admin(curator, dana):
    typed = {"wording": "II.43", "language": "fr", "text": FRENCH, "source": "INVENTED/FR/1"}
    assert curator.post(reverse("admin:recommendations_translation_add"), typed).status_code == 302
    [one] = Translation.objects.all()
    assert (str(one.wording), one.text) == (
        "II.43 Implementation of 2009 recommendations on non-punishment (1)",
        FRENCH,
    )
    assert actions_on(one) == [("catalogue entry added", dana)]
    assert curator.get(reverse("admin:recommendations_translation_changelist")).status_code == 200


def uploaded(client, rows: list[dict]):
    file = SimpleUploadedFile("texts.json", json.dumps(rows).encode())
    return client.post(IMPORT, {"import_file": file, "format": 1, "resource": "0"})


def row(label, text=FRENCH, **changed) -> dict:
    return {"label": label, "language": "fr", "text": text, "source": "INVENTED/FR/1"} | changed


def test_an_import_is_shown_and_then_applied(curator, dana, unit, translate):
    translate("II.43")
    shown = uploaded(
        curator, [row("II.43", "Texte inventé, changé."), row("II.44"), row("II.44", ARABIC, language="ar")]
    )
    assert shown.context["result"].totals["new"] + shown.context["result"].totals["update"] == 3
    assert Translation.objects.get().text == FRENCH
    said = words_of_page(shown)
    assert "Official texts added: 2 Official texts changed: 1" in said
    assert "Save changes" in shown.content.decode()
    assert (
        curator.post(IMPORT.replace("import/", "process_import/"), shown.context["confirm_form"].initial).status_code
        == 302
    )
    assert sorted(Translation.objects.values_list("wording__recommendation__label", "language", "text")) == [
        ("II.43", "fr", "Texte inventé, changé."),
        ("II.44", "ar", ARABIC),
        ("II.44", "fr", FRENCH),
    ]
    event = Event.everyones.latest("pk")
    assert (event.action, event.actor, event.after) == ("catalogue entries imported", dana, "3 texts")
    assert event.rows(manager="everyones").count() == 3


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"label": "IX.99"}, "label"),
        ({"label": "II.44"}, "label"),
        ({"body": "smuggling"}, "label"),
        ({"language": "en"}, "language"),
        ({"language": ""}, "language"),
        ({"text": ""}, "text"),
        ({"source": ""}, "source"),
        ({"original": "Another text."}, "original"),
    ],
)
def test_where_one_row_is_wrong_nothing_is_applied(curator, wrong, column):
    good = row("II.44") | dict.fromkeys(wrong.keys() & {"body", "original"}, "")
    good |= {"body": "wgtip"} if "body" in wrong else {}
    good |= {"original": Recommendation.objects.get(label="II.44").text} if "original" in wrong else {}
    shown = uploaded(curator, [good, row("II.43") | wrong])
    assert [(problem.number, problem.column) for problem in shown.context["result"].problems] == [(3, column)]
    assert "confirm_form" not in shown.context
    assert not Translation.objects.exists()


def test_what_is_exported_changes_nothing_when_it_comes_back(curator, translate):
    translate("II.43")
    translate("IV.46(i)", "ar", ARABIC)
    export = reverse("admin:recommendations_translation_export")
    columns = {
        f"translationresource_{name}": "on" for name in ("body", "label", "original", "language", "text", "source")
    }
    rows = curator.post(export, {"format": 1, "resource": "0"} | columns).json()
    assert [(one["label"], one["language"], one["text"]) for one in rows] == [
        ("II.43", "fr", FRENCH),
        ("IV.46(i)", "ar", ARABIC),
    ]
    assert uploaded(curator, rows).context["result"].totals["skip"] == 2
