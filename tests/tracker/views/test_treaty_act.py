"""Curators upload treaty acts, see what a file says otherwise, and confirm."""

import datetime
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.conftest import make_state
from tests.pages import words_of_page
from tracker.models import Respondent, TreatyAct

pytestmark = pytest.mark.django_db

LIST, IMPORT = reverse("treaty_act_list"), reverse("treaty_act_import")
HEAD = "code,instrument,act,date,source,as_at\n"
GOOD = (
    HEAD
    + "XDD,protocol,accession,2016-03-03,UNTC XVIII-12-a,2026-11-01\n"
    + "XAA,protocol,ratification,2005-05-02,UNTC XVIII-12-a,2026-11-01\n"
)


@pytest.fixture
def page(curator, xaa):
    make_state("XDD", "Dorvania", treaty_status="unconfirmed")
    return curator


def upload(page, content: str | bytes, name="acts.csv"):
    content = content.encode() if isinstance(content, str) else content
    return page.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def enter(page, shown):
    sealed = re.search(r'name="sealed" value="([^"]+)"', shown.content.decode())[1]
    return page.post(IMPORT, {"sealed": sealed, "enter": "yes"}, follow=True)


def test_a_file_is_shown_then_entered_then_confirmed(page):
    shown = upload(page, GOOD)
    said = words_of_page(shown)
    assert (
        "New acts 1 Row State Act Content of the file 2 Dorvania Protocol: Accession 3 March 2016 UNTC XVIII-12-a"
        in said
    )
    assert "Changed acts 1" in said
    assert "Add 2 acts for confirmation" in said
    assert "3 Arandia Protocol: Ratification Date: 1 May 2005 2 May 2005" in said
    assert TreatyAct.objects.count() == 0
    assert "2 acts added for confirmation." in words_of_page(enter(page, shown))
    assert Respondent.objects.get(code="XDD").treaty_status == "unconfirmed"
    said = words_of_page(page.get(LIST))
    assert (
        "Arandia Protocol: Ratification · 2 May 2005 UNTC XVIII-12-a · As at 1 November 2026 Currently on file:" in said
    )
    assert "Currently on file: 1 May 2005." in said
    assert "Currently on file: none." in said
    acts = [str(act.pk) for act in TreatyAct.objects.all()]
    said = words_of_page(page.post(LIST, {"shown": acts, "all": "yes"}, follow=True))
    assert "2 acts confirmed. Treaty status changed: Dorvania." in said
    assert "Nothing pending" in said
    assert Respondent.objects.get(code="XDD").treaty_status == "party"
    assert Respondent.objects.get(code="XAA").protocol_acted == datetime.date(2005, 5, 2)
    assert "2 rows unchanged." in words_of_page(upload(page, GOOD))


def test_json_says_the_same(page):
    rows = [dict(zip(HEAD.strip().split(","), line.split(","), strict=True)) for line in GOOD.splitlines()[1:]]
    assert "New acts 1" in words_of_page(upload(page, json.dumps(rows), "acts.json"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("XQQ,protocol,accession,2016-03-03,A,2026-11-01", "2 XQQ code No State has the name or code “XQQ”."),
        (
            "XDD,treaty,accession,2016-03-03,A,2026-11-01",
            "2 XDD instrument “treaty” is not a valid value. Enter one of: convention, protocol.",
        ),
        ("XDD,protocol,accession,2016-02-30,A,2026-11-01", "2 XDD date Enter the date as 30 June 2027."),
        (
            "XDD,protocol,accession,,A,2026-11-01",
            "2 XDD date Enter the date of the act, or leave it blank if there is no act.",
        ),
        (
            "XDD,protocol,none,2016-03-03,A,2026-11-01",
            "2 XDD date Enter the date of the act, or leave it blank if there is no act.",
        ),
        ("XDD,protocol,accession,2016-03-03,A,2999-11-01", "2 XDD as_at The date must be today or earlier."),
        (
            "XDD,protocol,accession,2020-03-03,A,2019-11-01",
            "2 XDD date The date of the act must not be later than",
        ),
        ("XDD,protocol,accession,2016-03-03,,2026-11-01", "2 XDD source Enter the source."),
        (
            "XDD,protocol,accession,2016-03-03,A,2026-11-01\nXDD,protocol,accession,2017-03-03,A,2026-11-01",
            "3 XDD act Row 2 contains the same act. Remove one of the rows.",
        ),
    ],
)
def test_errors_are_shown_by_row_and_column_without_entering_anything(page, rows, said):
    response = upload(page, HEAD + rows)
    assert said in words_of_page(response)
    assert 'name="enter"' not in response.content.decode()
    assert TreatyAct.objects.count() == 0


def test_a_forged_seal_enters_nothing(page):
    assert "Choose a file, or paste a list." in words_of_page(page.post(IMPORT, {"sealed": "forged", "enter": "yes"}))
    assert TreatyAct.objects.count() == 0


def test_an_act_is_typed_confirmed_and_declined_on_the_page_of_its_state(page):
    address = reverse("treaty_standing", args=["XDD"])
    typed = {"instrument": "protocol", "act": "accession", "date": "3 March 2016", "source": "UNTC", "as_at": "x"}
    said = words_of_page(page.post(address, typed))
    assert "Enter the date as 30 June 2027." in said
    page.post(address, typed | {"as_at": "1 November 2026"})
    act = TreatyAct.objects.get()
    page.post(reverse("treaty_act_confirm", args=["XDD"]), {"act": act.pk})
    said = words_of_page(page.get(address))
    assert "Party to the Protocol · Act: Accession, 3 March 2016 · Treaty acts as at 1 November 2026" in said
    assert "Protocol: Accession · 3 March 2016 : Confirmed UNTC · As at 1 November 2026 Added by Dana on" in said
    assert re.search(r"Previous treaty status Until [^:]+:\d\d: Treaty status not confirmed", said)
    decline = reverse("treaty_act_decline", args=["XDD", act.pk])
    assert "Enter the reason." in words_of_page(page.post(decline, {"reason": ""}, follow=True))
    said = words_of_page(page.post(decline, {"reason": "It is of Belmara."}, follow=True))
    assert "Protocol: Accession · 3 March 2016 : Declined" in said
    assert "It is of Belmara." in said
    assert Respondent.objects.get(code="XDD").treaty_status == "unconfirmed"


@pytest.mark.parametrize("keys", [[], ["x"], ["9" * 30], ["999999"]])
def test_nothing_chosen_confirms_nothing(page, keys):
    assert "Nothing was selected." in words_of_page(page.post(LIST, {"act": keys}, follow=True))


@pytest.mark.parametrize("states", [3, 30])
def test_pages_ask_the_database_as_often_for_few_as_for_many(page, states, django_assert_max_num_queries):
    rows = ""
    for number in range(states):
        code = f"XF{number:02}"
        make_state(code, f"State {number}", treaty_status="unconfirmed")
        rows += f"{code},protocol,accession,2016-03-03,A,2026-11-01\n"
    with django_assert_max_num_queries(15):
        shown = upload(page, HEAD + rows)
    enter(page, shown)
    for address in (LIST, reverse("treaty_standing", args=["XF00"])):
        with django_assert_max_num_queries(15):
            assert page.get(address).status_code == 200


LIST_OF = {"instrument": "protocol", "source": "UNTC XVIII-12-a", "as_at": "1 November 2026"}
PRINTED = (
    "Participant\tSignature\tRatification, Acceptance(A), Approval(AA), Accession(a), Succession(d)\n"
    "Arandia \t12 Dec 2000 \t 2 May 2005 A\n"
    "Dorvania (Republic of) 1, 2\t\t19 Sep 2017 a\n"
)


def paste(page, text: str, **changed):
    return page.post(IMPORT, LIST_OF | {"text": text} | changed)


def enter_list(page, shown):
    typed = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.content.decode()))
    return page.post(IMPORT, {name: typed[name] for name in ("sealed", *LIST_OF)} | {"enter": "yes"}, follow=True)


def test_a_list_of_the_treaty_collection_is_pasted_as_printed(page):
    Respondent.objects.filter(code="XDD").update(name="Dorvania (Republic of)")
    shown = paste(page, PRINTED)
    said = words_of_page(shown)
    assert "2 Arandia Protocol: Signature 12 December 2000 UNTC XVIII-12-a · As at 1 November 2026" in said
    assert "3 Dorvania (Republic of) Protocol: Accession 19 September 2017" in said
    assert "3 acts added for confirmation." in words_of_page(enter_list(page, shown))
    assert list(TreatyAct.objects.values_list("respondent__code", "instrument", "act", "date").order_by("pk")) == [
        ("XAA", "protocol", "signature", datetime.date(2000, 12, 12)),
        ("XAA", "protocol", "acceptance", datetime.date(2005, 5, 2)),
        ("XDD", "protocol", "accession", datetime.date(2017, 9, 19)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_list_can_be_a_file(page, encoding):
    file = SimpleUploadedFile("list.txt", "Dorvania\t\t19 Sep 2017 a".encode(encoding))
    shown = page.post(IMPORT, LIST_OF | {"file": file})
    assert "1 Dorvania Protocol: Accession 19 September 2017" in words_of_page(shown)


@pytest.mark.parametrize(
    "printed", ["Accession(a),19 Sep 2017", ",19 Sep 2017 a", "a,19 Sep 2017 a", "Accession(a),19 Sep 2017 a"]
)
def test_a_table_can_have_the_act_as_printed(page, printed):
    shown = upload(page, HEAD + f"Dorvania,Protocol,{printed},UNTC,1 Nov 2026\n")
    assert "2 Dorvania Protocol: Accession 19 September 2017 UNTC" in words_of_page(shown)


def test_a_letter_of_another_act_is_an_error_of_the_date(page):
    shown = upload(page, HEAD + "Dorvania,protocol,ratification,19 Sep 2017 a,UNTC,1 Nov 2026\n")
    assert "2 Dorvania date Enter the date as 30 June 2027." in words_of_page(shown)


def test_what_a_list_does_not_say_is_shown_by_line_and_the_list_stays(page):
    text = "Dorvania 19 Sep 2017\nEnd Note\nUtopia\t\t19 Sep 2017 a\nDorvania\t\t31 Sep 2017 a"
    shown = paste(page, text)
    said = words_of_page(shown)
    assert "1 Dorvania 19 Sep 2017 The act is not clear. Separate the columns with tabs" in said
    assert "2 End Note No date was found. Correct the line or remove it." in said
    assert "3 Utopia code No State has the name or code “Utopia”. Enter the code of the State in its place." in said
    assert "4 Dorvania date Enter the date as 30 June 2027." in said
    assert 'name="enter"' not in shown.content.decode()
    assert shown.context["form"]["text"].value() == text
    assert shown.context["form"]["source"].value() == "UNTC XVIII-12-a"
    assert TreatyAct.objects.count() == 0


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("instrument", "Choose the treaty of the list."),
        ("source", "Enter the source of the list."),
        ("as_at", "Enter the date of the information in the list."),
    ],
)
def test_a_list_needs_its_treaty_source_and_day(page, missing, said):
    shown = paste(page, PRINTED, **{missing: ""})
    assert said in words_of_page(shown)
    assert shown.context["form"]["text"].value() == PRINTED


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("acts.exe", "MZ", "Choose a file of one of these types: .csv, .json, .tsv, .txt."),
        ("acts.xlsx", "PK", "Choose a file of one of these types: .csv, .json, .tsv, .txt."),
        ("acts.csv", "state,date\nXDD,2017-09-19\n", "The file must have these columns, each once: code, "),
    ],
)
def test_a_file_that_is_no_list_is_not_taken_for_one(page, name, content, said):
    shown = upload(page, content, name)
    assert said in words_of_page(shown)
    assert list(shown.context["form"].errors) == ["file"]


def test_the_european_union_is_not_counted_as_a_state(page):
    assert "States and the European Union 2" in words_of_page(page.get(reverse("treaty_act_list")))
