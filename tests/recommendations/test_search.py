"""The search of adopted texts: what people type, in any spelling, and what it must find, first things first."""

import csv
from itertools import chain, cycle, islice, product
from pathlib import Path

import pytest

from recommendations import catalogue
from recommendations.models import OFFICIAL_LANGUAGES, IndexedText, Synonym, TextKind, Translation
from recommendations.search import analyser, marking
from recommendations.search.analyser import LONGEST, find_terms, guess_language, terms_of
from recommendations.search.index import MOST_BYTES, index_catalogue, is_catalogue_behind, make_row
from recommendations.search.marking import EXCERPT, MOST_ANALYSED, MOST_TRIED, mark, mark_excerpt
from recommendations.search.tables import Matches
from recommendations.search.texts import Catalogue, search_catalogue, search_texts
from recommendations.search.vocabulary import read_terms
from tests.conftest import find_unit

SAMPLES = Path(__file__).parents[1] / "samples"


def labels(typed: str) -> list[str]:
    return [node.full_label for node in search_texts(typed).nodes]


def unanswered(path: Path) -> list[str]:
    """Return the queries that miss a label of must_find, or have one of must_not in the first ten."""
    wrong = []
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = labels(row["query"])
            unwanted = set(found[:10]) if row["must_not"] == "*" else set(row["must_not"].split()) & set(found[:10])
            if unwanted or not set(row["must_find"].split()) <= set(found[: int(row["within"])]):
                wrong.append(row["query"])
    return wrong


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["queries.csv", "more_queries.csv", "everyday_queries.csv"])
def test_what_people_type_finds_what_it_must(name):
    assert unanswered(SAMPLES / name) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["IV.46(j)(iii)", "iv 46 j iii", "IV-46-j-iii", "4.46 (j)(iii)", "recommendation 4.46(j)(iii)", "wgtip/x"]
)
def test_a_label_in_any_spelling_finds_only_its_text(typed):
    assert labels(typed) == ([] if typed == "wgtip/x" else ["IV.46(j)(iii)"])


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["III", "iii", "III.", "Recommendation III"])
def test_a_label_without_a_number_finds_only_its_text(client, typed):
    assert labels(typed) == ["III"]
    assert client.get("/recommendations/", {"q": typed}).url == "/recommendations/III/"


@pytest.mark.django_db
def test_a_label_of_a_chapeau_finds_its_items_after_it():
    assert labels("IV.46(i)") == ["IV.46(i)", "IV.46(i)(i)", "IV.46(i)(ii)", "IV.46(i)(iii)"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["I/2 V/3", "I.2, V.3", "I.2 and V.3", "I.2 V.3 I.2"])
def test_several_labels_find_their_texts_in_the_order_typed(typed):
    assert labels(typed) == ["I.2", "V.3"]
    assert labels(f"{typed} confidentiality") == ["I.2", "V.3", *labels("confidentiality")]


@pytest.mark.django_db
@pytest.mark.thorough
def test_a_label_with_its_title_finds_its_text_first():
    nodes = Catalogue.read().nodes
    wrong = [node.label for node in nodes if labels(f"{node.label} {node.title}")[:1] != [node.full_label]]
    assert (len(nodes), wrong) == (317, [])


@pytest.mark.django_db
def test_the_items_of_a_label_come_before_what_other_words_find():
    found = labels("compensation IV.46(i)")
    assert found[:4] == labels("IV.46(i)")
    assert len(found) == len(set(found)) > 4
    assert "I.13" in found


@pytest.mark.django_db
def test_a_label_of_another_body_is_found_with_its_body(second_body):
    index_catalogue()
    assert labels(f"{second_body.slug} I.1") == [f"{second_body.slug}/I.1"]


@pytest.mark.django_db
def test_the_order_is_the_same_on_each_database():
    assert labels("confidentiality") == ["V.27", "I.12(d)"]
    assert labels("dual criminality extradition") == ["V.38", "IV.27", "V.24"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["confidentialty", "des confidentialty", "confidentiailty", "confidentiolity"])
def test_a_typing_error_is_corrected(typed):
    assert list(search_texts(typed).query.corrections.values()) == ["confidentiality"]
    assert labels(typed) == labels("confidentiality")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["found", "marry", "zebra", "fake", "trabaja", "la demanda de personas", "домощь"])
def test_a_word_of_any_language_is_not_corrected(typed):
    """Nor is a word in a language of which no list of words is good."""
    wording = find_unit("I.13").current_wording
    Translation.objects.create(wording=wording, language="ru", text="Помощь", source="INVENTED/1")
    assert search_texts(typed).query.corrections == {}


@pytest.mark.django_db
def test_a_word_that_a_text_has_is_not_corrected(dana, django_capture_on_commit_callbacks):
    assert search_texts("compensatiun").query.corrections == {"compensatiun": "compensation"}
    with django_capture_on_commit_callbacks(execute=True):
        catalogue.change_annotations(recommendation=find_unit("I.13"), title="Compensatiun", by=dana)
    assert search_texts("compensatiun").query.corrections == {}
    assert labels("compensatiun") == ["I.13"]


@pytest.mark.django_db
def test_where_no_text_has_enough_of_the_words_the_texts_with_some_are_found():
    found = labels("compensation for minors")
    assert found[0] == "I.13"
    assert {"IV.46(i)", "IV.46(c)", "II.5", "VIII.1(o)"} <= set(found)
    assert set(labels("compensation for zebras and minors")) == set(found)
    assert labels("fourth meeting compensation for minors")[0] == "IV.46(i)"


@pytest.mark.django_db
def test_a_word_that_no_text_has_is_ignored():
    query = search_texts("zebras, compensatoin").query
    assert (query.name_words(known=False), query.name_words(known=True)) == (["zebras"], ["compensation"])
    assert labels("zebras, compensatoin") == labels("compensation")


@pytest.mark.django_db
def test_public_terms_are_words_of_the_texts():
    vocabulary = Catalogue.read().vocabulary
    meanings = {meaning for synonym in read_terms() for meaning in synonym.meaning_list}
    unknown = {meaning for meaning in meanings if not vocabulary.has("en", tuple(terms_of(meaning, "en")))}
    assert unknown == {"limitation period"}, "of answers only"
    assert {term.language for term in read_terms()} == OFFICIAL_LANGUAGES.keys()


@pytest.mark.django_db
def test_a_meeting_in_words_finds_all_its_texts():
    assert len(labels("third meeting")) == 1
    assert {label.partition(".")[0] for label in labels("meeting IV compensation")} == {"IV"}


@pytest.mark.django_db
def test_an_official_translation_is_searched_and_chinese_by_pairs(dana):
    wording = find_unit("I.13").current_wording
    texts = {
        "fr": "Les États devraient réparer le zèbre.",
        "zh": "缔约国应当保护斑马",
        "ar": "ينبغي حماية الحمير الوحشية",
    }
    for language, text in texts.items():
        Translation.objects.create(wording=wording, language=language, text=text, source="INVENTED/1")
    assert is_catalogue_behind()
    index_catalogue()
    assert not is_catalogue_behind()
    for typed in ("zebres", "réparation zèbre", "斑马", "保护斑马", "الحمير"):
        assert labels(typed)[:1] == ["I.13"], typed
    assert labels("斑点") == []


@pytest.mark.django_db
def test_the_original_comes_before_its_translation_into_the_words_of_a_synonym():
    before = labels("compensation")
    for node in Catalogue.read().nodes:
        text = f"Indemnisation des victimes. {node.text}" if node.label in before else "Traduction inventée."
        Translation.objects.create(wording=node.current_wording, language="fr", text=text, source="INVENTED/1")
    index_catalogue()
    found = search_catalogue(Catalogue.read().understand("compensation"))
    languages = {}
    for each in found:
        if each.row.kind == TextKind.TEXT:
            languages.setdefault(each.row.key, each.row.language)
    assert set(languages.values()) == {"en"}
    assert labels("compensation") == before


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["强迫劳动", "travail forcé", "trabajo forzoso", "принудительный труд"])
def test_words_of_another_language_are_searched_in_english(typed):
    assert labels(typed) == labels('"forced labour"') != []


@pytest.mark.django_db
def test_curators_keep_synonyms(dana, django_capture_on_commit_callbacks):
    assert labels("zebra") == []
    with django_capture_on_commit_callbacks(execute=True):
        catalogue.save_instance(instance=Synonym(words="zebra", meanings="Blue Heart\n\nblindfold"), by=dana)
    assert labels("zebras") == ["IV.34"]


@pytest.mark.django_db
def test_a_changed_title_is_found_after_its_commit(dana, django_capture_on_commit_callbacks):
    node = find_unit("I.13")
    with django_capture_on_commit_callbacks(execute=True):
        catalogue.change_annotations(recommendation=node, title="Zebras", by=dana)
    assert labels("zebra") == ["I.13"]
    assert not is_catalogue_behind()


@pytest.mark.django_db
def test_only_rows_that_changed_are_written(dana):
    before = dict(IndexedText.objects.values_list("pk", "title"))
    catalogue.change_annotations(recommendation=find_unit("I.13"), title="Zebras", by=dana)
    index_catalogue()
    after = dict(IndexedText.objects.values_list("pk", "title"))
    assert {pk for pk in before if before[pk] != after[pk]} == {
        IndexedText.objects.get(kind=TextKind.TEXT, key=find_unit("I.13").pk).pk
    }


@pytest.mark.django_db
def test_the_full_text_index_asks_for_phrases_and_licences():
    IndexedText.objects.all().delete()
    rows = [make_row("text", number, "en", words=words) for number, words in enumerate(("blue hearts", "heart, blue"))]
    rows.append(make_row("answer", 1, "en", readers="team", owner=7, words="blue hearts"))
    IndexedText.objects.bulk_create(rows)

    def keys(phrase: tuple[str, ...], *licences: str) -> list[tuple[str, int]]:
        return sorted(IndexedText.objects.filter(Matches([phrase], licences)).values_list("kind", "key"))

    assert keys(("blue", "heart"), "zpublic") == [("text", 0)]
    assert keys(("heart",), "zpublic") == [("text", 0), ("text", 1)]
    assert keys(("heart",), "zowner7") == [("answer", 1)]
    assert keys(("heart",), "zowner8") == []
    IndexedText.objects.filter(kind="answer").update(words="zebra")
    assert keys(("heart",), "zowner7") == []
    assert keys(("zebra",), "zowner7") == [("answer", 1)]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "letters"), [("zh", "\u4e00 \u9fff"), ("und", "\u0561 \u0586"), ("en", "a z")])
def test_attack_the_words_of_a_text_are_too_many_for_the_database(language, letters):
    """All different and as long as a term can be, of three, two and one byte a letter."""
    first, last = map(ord, letters.split())
    alphabet = [chr(number) for number in range(first, last + 1)]
    length = 2 if language == "zh" else LONGEST
    words = ["".join(islice(each, length)) for each in islice(_long_words(alphabet), 30_000)]
    row = make_row("evidence", 1, language, readers="team", owner=7, title="zebra", words=" ".join(words))
    row.save()
    assert row.words.split()[:1] == terms_of(words[0], language)
    assert len(row.words.encode()) < MOST_BYTES
    assert IndexedText.objects.filter(Matches([("zebra",)], ["zowner7"])).get().pk == row.pk


def _long_words(alphabet: list[str]):
    """Yield endless words, each of which begins with other letters."""
    for beginning in product(alphabet, repeat=4):
        yield chain(beginning[::-1], cycle(alphabet))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Ratifying and ratification; to ratify", "ratif ratif ratif"),
        ("en", "labour, behaviour, organisations, centred, programmes", "labor behavior organiz center program"),
        ("en", "the victims’ children", "victim child"),
        ("fr", "l’indemnisation des victimes", "indemnis victim"),
        ("es", "indemnización, indemnizacion", "indemniz indemniz"),
        ("ru", "торговли людьми", "торговл людьм"),
        ("zh", "贩运人口 2019", "贩运 运人 人口 2019"),
        ("und", "Ação Único", "acao unico"),
        ("en", "a i 7 \x00 🦓", "7"),
        ("en", "x" * 61, ""),
    ],
)
def test_terms_are_folded_stems(language, text, expected):
    assert " ".join(terms_of(text, language)) == expected


@pytest.mark.parametrize(
    ("language", "wanted", "expected"),
    [
        ("en", (), "labor quagga"),
        ("en", {"labor"}, "labor quaggas"),
        ("fr", {"quagg"}, "labour quagg"),
        ("zh", {"保护"}, "labour quaggas"),
    ],
)
def test_words_that_cannot_be_the_wanted_terms_are_not_stemmed(language, wanted, expected):
    assert " ".join(term.text for term in find_terms("labour quaggas", language, wanted)) == expected


@pytest.mark.django_db
def test_only_words_of_public_texts_are_kept_in_memory():
    Catalogue.read().understand("quetzalcanary")
    make_row(TextKind.ANSWER, 1, "en", readers="team", owner=1, words="Quetzalcanary for victims")
    words = {word for word, _language in analyser._public_terms}
    assert "victims" in words
    assert not any("quetzal" in word.lower() for word in words)
    assert analyser._stemmers.by_language["en"].maxCacheSize == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The law of the State", "en"),
        ("La ley de los Estados", "es"),
        ("La loi des États et du Parlement", "fr"),
        ("Закон о торговле", "ru"),
        ("قانون الدولة", "ar"),
        ("国家法律", "zh"),
        ("", "en"),
    ],
)
def test_the_language_of_a_text_is_guessed(text, language):
    assert guess_language(text) == language


@pytest.mark.django_db
def test_found_words_are_marked_and_an_excerpt_is_cut_around_them():
    query = Catalogue.read().understand('kidney "joint investigations"')
    text = "Removal of organs: by joint investigations, or a joint one."
    marked = [piece.text for piece in mark(text, query, "en") if piece.is_found]
    assert marked == ["Removal of organs", "joint investigations"]
    assert "".join(piece.text for piece in mark(text, query, "en")) == text
    long = f"{'word ' * 100}removal of organs {'word ' * 100}"
    excerpt = "".join(piece.text for piece in mark_excerpt(long, query, "en", 100))
    assert excerpt.startswith("…word")
    assert "removal of organs" in excerpt
    assert excerpt.endswith("…")
    assert len(excerpt) <= 103


LONG = "In the year, the courts of the State applied the provision to each case. " * 14_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "language", "found"),
    [
        ("quaggas", "en", "quagga"),
        ("quagga zebra", "en", "quagga"),
        ('"black quaggas"', "en", "black quagga"),
        ("réparation", "fr", "RÉPARATIONS"),
        ("斑马", "zh", "斑马"),
        ("zebra", "en", "zebra"),
    ],
)
def test_attack_a_page_of_results_in_very_long_texts_has_each_analysed_whole(monkeypatch, typed, language, found):
    analysed = []
    monkeypatch.setattr(
        marking, "find_terms", lambda text, *given: analysed.append(len(text)) or find_terms(text, *given)
    )
    text = f"{LONG[:190_000]}\n\nOf black  quaggas, RÉPARATIONS, 缔约国保护斑马 and zebras. {LONG}"
    query = Catalogue.read().understand(typed)
    pieces = mark_excerpt(text, query, language)
    assert next(piece.text for piece in pieces if piece.is_found).startswith(found)
    assert " Of black quaggas, RÉPARATIONS" in "".join(piece.text for piece in pieces)
    assert len("".join(piece.text for piece in pieces)) <= EXCERPT + 2
    assert sum(analysed) <= 2 * EXCERPT + 2


@pytest.mark.django_db
def test_attack_a_very_long_text_without_the_word_is_analysed_to_its_end(monkeypatch):
    analysed = []
    monkeypatch.setattr(
        marking, "find_terms", lambda text, *given: analysed.append(len(text)) or find_terms(text, *given)
    )
    pieces = mark_excerpt(f"{LONG} {'zebraic ' * 90_000}", Catalogue.read().understand("zebra"), "en")
    assert "".join(piece.text for piece in pieces).startswith("In the year, the courts of the State applied")
    assert sum(analysed) <= MOST_ANALYSED + (MOST_TRIED + 1) * (EXCERPT + 2)
