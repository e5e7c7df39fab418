"""The page on which a curator adds the official texts of a paper in another language. All sentences are invented."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from recommendations.catalogue import add_official_texts, add_wording
from recommendations.models import Paper, PaperImport, Recommendation, Translation
from tests.catalogue_events import actions_on
from tests.documents import MACRO_WORD, upload
from tests.labels import titled
from tests.official_texts import issued_lines, issued_text, sentence
from tests.pages import plain_text, words
from tests.papers import taken_in
from tests.verification import find_errors

pytestmark = pytest.mark.django_db

URL = "/curate/official-texts/"


def texts() -> list[Recommendation]:
    return list(Recommendation.objects.select_related("meeting").order_by("position"))


def details(language: str = "fr", **said) -> dict:
    return {"paper": str(Paper.objects.get().pk), "language": language, "source": "INVENTED/1"} | said


def sent_again(page, **said) -> dict:
    """What the form of the comparison sends."""
    form, found = page.context["form"], page.context["found"]
    values = {name: form[name].value() for name in ("paper", "language", "source", "document")}
    return values | {"stamp": found.stamp} | said


def compare(curator, language: str = "fr", **said):
    said = said or {"pasted": issued_text(language, texts())}
    return curator.post(URL, details(language, **said))


def test_the_list_of_imports_leads_to_the_page(curator):
    assert f'href="{URL}"' in curator.get(reverse("paper_import_list")).text


@pytest.mark.parametrize("language", ["ar", "zh", "fr", "ru", "es"])
def test_a_document_is_compared_and_published_in_one_act(curator, dana, unit, language):
    page = compare(curator, language, upload=upload("issued.txt", issued_text(language, texts()).encode()))
    assert "316 of 317 texts paired" in words(page)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<p class="law" lang="{language}" dir="{direction}">{sentence(language, unit("IV.46(i)"))}</p>' in page.text
    assert Translation.objects.count() == 0

    response = curator.post(URL, sent_again(page, publish="1"), follow=True)

    assert "316 official texts were published." in words(response)
    assert Translation.objects.count() == 316
    recorded = Translation.objects.get(wording__recommendation__label="IV.46(i)")
    assert (recorded.language, recorded.text) == (language, sentence(language, unit("IV.46(i)")))
    assert recorded.source == "INVENTED/1"
    assert actions_on(recorded) == [("catalogue entries imported", dana)]
    assert find_errors() == []


@pytest.mark.parametrize("language", ["ar", "zh", "fr", "ru", "es"])
def test_an_imported_document_is_compared_as_it_was_read(curator, language):
    curator.post(reverse("paper_import_add"), {"upload": upload("issued.txt", issued_text(language, texts()).encode())})
    draft = PaperImport.objects.get()

    form = curator.get(f"{URL}?import={draft.pk}").context["form"]
    page = curator.post(URL, details(**{name: form[name].value() for name in ("language", "document")}))

    assert form["language"].value() == language
    assert form.fields["document"].widget.is_hidden is False
    assert "316 of 317 texts paired" in words(page)


@pytest.mark.parametrize("query", ["?import=0", "?import=999999999", "?import=x"])
def test_the_page_is_empty_where_no_such_draft_is(curator, query):
    assert curator.get(URL + query).context["form"]["document"].value() is None


def test_an_english_draft_is_no_official_text(curator, dana):
    draft = taken_in(dana)
    assert curator.get(f"{URL}?import={draft.pk}").context["form"]["document"].value() is None


def test_unpaired_texts_are_shown_on_both_sides_and_paired_manually(curator, unit):
    lines = issued_text("fr", texts())
    page = compare(curator, pasted=lines.replace("12. Texte I.12", "Texte I.12"))
    without = [node.label for node in page.context["found"].nodes_without_text]
    items = [node.label for node in texts() if node.label.startswith("I.12(")]
    assert without == ["I.12", *items, "III"], "items need the text that they are below"
    alone = {each.text: each.number for each in page.context["found"].paragraphs_without_node}
    number = alone[sentence("fr", unit("I.12"))]

    again = curator.post(URL, sent_again(page, compare="1", **{f"label-{number}": "i 12"}))

    assert [node.label for node in again.context["found"].nodes_without_text] == ["III"]
    curator.post(URL, sent_again(again, publish="1"))
    assert Translation.objects.get(wording__recommendation__label="I.12").text == sentence("fr", unit("I.12"))


def test_the_pairs_come_first_and_the_other_adopted_texts_are_closed(curator, unit):
    page = compare(curator, pasted="Recommandations\n\n" + "\n".join(issued_lines("fr", [unit("II.43")])))
    shown = words(page)
    heads = ("1 of 317 texts paired", "New official texts As adopted", sentence("fr", unit("II.43")), "Recommandations")
    assert sorted(heads, key=shown.index) == list(heads)
    closed = page.text.partition("<summary>Adopted texts without an official text")[2].partition("</details>")[0]
    assert plain_text(closed).startswith(f"316 {titled('I.1')}")
    assert unit("I.1").text not in page.text


def test_an_unknown_label_is_named_at_its_field_and_nothing_is_lost(curator):
    page = compare(curator)
    number = page.context["found"].paragraphs_without_node[0].number
    again = curator.post(URL, sent_again(page, publish="1", **{f"label-{number}": "I.999"}))
    assert "No text of this paper has this label." in words(again)
    assert 'value="I.999" maxlength="60" dir="ltr"' in again.text
    assert again.text.count("Error:") == 1
    assert "316 of 317 texts paired" in words(again)
    assert Translation.objects.count() == 0


def test_the_curator_corrects_the_document_in_its_text(curator, unit):
    page = compare(curator)
    corrected = page.context["form"]["document"].value().replace("Texte II.43", "Texte corrigé II.43")
    again = curator.post(URL, sent_again(page, document=corrected, compare="1"))
    curator.post(URL, sent_again(again, publish="1"))
    assert Translation.objects.get(wording=unit("II.43").current_wording).text.startswith("Texte corrigé II.43")


def test_texts_that_are_recorded_stay_unless_they_are_selected(curator, dana, unit):
    for label, text in {"II.43": sentence("fr", unit("II.43")), "II.44": "Autre.", "II.45": "Autre aussi."}.items():
        Translation.objects.create(wording=unit(label).current_wording, language="fr", text=text, source="INVENTED/0")
    page = compare(curator)
    found = page.context["found"]
    assert (len(found.new_pairs), len(found.same_pairs)) == (313, 1)
    assert [pair.node.label for pair in found.other_pairs] == ["II.44", "II.45"]

    curator.post(URL, sent_again(page, publish="1", replace=[str(unit("II.44").pk)]))

    recorded = {each.wording.recommendation.label: each for each in Translation.objects.filter(language="fr")}
    assert len(recorded) == 316
    assert (recorded["II.43"].source, recorded["II.45"].text) == ("INVENTED/0", "Autre aussi.")
    assert (recorded["II.44"].text, recorded["II.44"].source) == (sentence("fr", unit("II.44")), "INVENTED/1")


def test_texts_of_unusual_length_are_marked(curator, unit):
    page = compare(
        curator, pasted=issued_text("fr", texts()).replace("Texte II.43 ", "Texte II.43 " + "trop long " * 60)
    )
    assert "II.43" in [pair.node.label for pair in page.context["found"].unusual_pairs]
    assert "Unusual length" in words(page)


# What is refused


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"language": ""}, "Choose a language."),
        ({"paper": ""}, "Choose a paper."),
        ({"source": ""}, "Enter the symbol or title of the document: this paper has no symbol."),
    ],
)
def test_what_was_read_survives_an_error_in_another_field(curator, said, message):
    file = upload("issued.txt", issued_text("fr", texts()).encode())
    page = curator.post(URL, details(upload=file) | said)
    assert message in words(page)
    assert "Texte II.43 inventé" in page.context["form"]["document"].value()
    fixed = details(document=page.context["form"]["document"].value())
    assert "316 of 317 texts paired" in words(curator.post(URL, fixed))


def test_what_was_pasted_stays_where_it_was_pasted(curator):
    pasted = issued_text("fr", texts())
    page = curator.post(URL, details(source="", pasted=pasted))
    form = page.context["form"]
    assert "Leave it empty only if the paper has a symbol." in words(page)
    assert (form["pasted"].value(), form["document"].is_hidden, form["document"].value()) == (pasted, True, None)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "Choose a file, or paste the text."),
        (
            {"upload": ("issued.txt", b"1. Texte."), "pasted": "1. Texte."},
            "Choose a file or paste the text, not both.",
        ),
        ({"upload": ("issued.docx", MACRO_WORD)}, "This document contains macros."),
        ({"upload": ("issued.xls", b"x")}, "Choose"),
        ({"upload": ("issued.pdf", b"%PDF-1.7 broken")}, "This file cannot be read and may be damaged."),
        ({"pasted": "\x00"}, "Remove the invisible characters: they cannot be saved."),
        ({"document": "\x01"}, "the content is of another type"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(curator, said, message):
    said = {name: upload(*value) if isinstance(value, tuple) else value for name, value in said.items()}
    page = curator.post(URL, details(**said))
    assert page.status_code == 200
    [errors] = page.context["form"].errors.values()
    assert message in " ".join(errors)
    assert Translation.objects.count() == 0


def test_a_page_that_is_older_than_the_catalogue_publishes_nothing(curator, dana, unit):
    page = compare(curator)
    add_wording(recommendation=unit("II.43"), text="Corrected.", kind="correction", reason="Test.", by=dana)
    response = curator.post(URL, sent_again(page, publish="1"))
    assert response.status_code == 409
    assert Translation.objects.count() == 0
    assert "316 of 317 texts paired" in words(response)


def test_the_action_refuses_what_another_user_recorded_in_the_meantime(dana, unit):
    paper, wording = Paper.objects.get(), unit("II.43").current_wording
    Translation.objects.create(wording=wording, language="fr", text="Autre.", source="INVENTED/0")
    with pytest.raises(ValidationError, match="changed"):
        add_official_texts(paper=paper, language="fr", source="INVENTED/1", texts={wording.pk: "Texte."}, by=dana)
    with pytest.raises(ValidationError, match="no official text"):
        add_official_texts(paper=paper, language="fr", source="INVENTED/1", texts={wording.pk: "Autre."}, by=dana)
    with pytest.raises(ValidationError, match="changed"):
        add_official_texts(paper=paper, language="fr", source="INVENTED/1", texts={0: "Texte."}, by=dana)
    assert Translation.objects.get().text == "Autre."


def test_only_curators_add_official_texts(officer, bob, unit):
    assert officer.get(URL).status_code == 403
    wording = unit("II.43").current_wording
    with pytest.raises(PermissionDenied):
        add_official_texts(
            paper=Paper.objects.get(), language="fr", source="INVENTED/1", texts={wording.pk: "Texte."}, by=bob
        )


def test_all_texts_take_fifteen_queries_and_publish_in_bulk(curator, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        page = compare(curator)
    with django_assert_max_num_queries(40):
        curator.post(URL, sent_again(page, publish="1"))
    assert Translation.objects.count() == 316


def test_the_page_of_a_paper_leads_to_its_official_texts(curator):
    paper = Paper.objects.get()
    page = curator.get(reverse("admin:recommendations_paper_change", args=[paper.pk]))
    assert f'href="{URL}?paper={paper.pk}"' in page.text
    assert f'<option value="{paper.pk}" selected>' in curator.get(f"{URL}?paper={paper.pk}").text
