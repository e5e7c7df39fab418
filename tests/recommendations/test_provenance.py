"""Where a text comes from, as far as it is known."""

import re

import pytest

from recommendations.models import Currency, Provenance, Recommendation

pytestmark = pytest.mark.django_db

REPORT = "Report of the second meeting, 17 February 2010"
ADOPTION = "Adopted by the Conference of the Parties"


@pytest.fixture
def said(client, unit):
    """What the page of a text says."""

    def said(label) -> str:
        page = client.get(unit(label).get_absolute_url()).content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", page).split())

    return said


@pytest.mark.parametrize("label", ["IV.46", "IV.46(c)", "IV.46(i)(ii)"])
def test_what_meeting_iii_proposed_and_meeting_iv_endorsed(said, label):
    assert (
        "Proposed: Third meeting, Vienna, 19 October 2010. Endorsed: "
        "Fourth meeting, Vienna, 10 to 12 October 2011. Contained in document · CTOC/COP/WG.4/2011/8 "
        "Source · IV.46, III and V.44" in said(label)
    )


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("I.11", "Contained in document · CTOC/COP/WG.4/2009/2 · paragraph 12 Source · II.8 and II.43"),
        ("I.11(b)", "Contained in document · CTOC/COP/WG.4/2009/2 · paragraph 12"),
        ("I.1", "Contained in document · CTOC/COP/WG.4/2009/2 Source · II.8"),
        ("II.44", f"Contained in document · CTOC/COP/WG.4/2010/6 Source · {REPORT}"),
        ("IV.1", "Contained in document · CTOC/COP/WG.4/2011/8 Source · V.44"),
        ("IV.45(a)", "Contained in document · CTOC/COP/WG.4/2011/8 · section II.A.5 Source · V.44"),
    ],
)
def test_documents_and_paragraphs_that_the_paper_or_the_report_names(said, label, words):
    assert words in said(label)


def test_every_symbol_and_paragraph_is_in_texts_or_the_report(unit):
    of_report = Provenance.objects.filter(source=REPORT)
    assert set(of_report.values_list("document_symbol", "document_place")) == {("CTOC/COP/WG.4/2010/6", "")}
    assert {one.recommendation.label.partition(".")[0] for one in of_report} == {"II"}
    for one in Provenance.objects.exclude(source=REPORT):
        read_in = " ".join(unit(label).text for label in re.split(", | and ", one.source))
        assert one.document_symbol in read_in
        assert one.document_place.removeprefix("section ") in read_in.replace("sect. ", "")


@pytest.mark.parametrize("label", ["II.44", "IV.46(c)", "VII.1(a)", "III"])
def test_this_paper_proves_no_adoption_by_the_conference(said, label):
    assert ADOPTION not in said(label)
    assert not Currency.objects.filter(kind__in=Currency.DECISIONS).exists()


@pytest.mark.parametrize(("label", "symbol"), [("I.11", "2009/2"), ("II.44", "2010/6"), ("IV.46(i)(ii)", "2011/8")])
def test_a_document_is_linked_in_six_languages(client, unit, label, symbol):
    page = client.get(unit(label).get_absolute_url()).text
    languages = re.findall(rf'<a href="https://docs.un.org/(\w+)/CTOC/COP/WG.4/{symbol}" lang="\1"', page)
    assert languages == ["ar", "zh", "en", "fr", "ru", "es"]


def test_each_text_of_the_meetings_whose_report_is_known_has_its_document():
    for number in (1, 2, 4):
        texts = Recommendation.objects.filter(parent=None, meeting__number=number)
        assert [each.label for each in texts if not hasattr(each, "provenance")] == []
