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
def page(client, dana, xaa):
    make_state("XDD", "Dorvania", treaty_status="unconfirmed")
    client.force_login(dana)
    return client


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
        ("XQQ,protocol,accession,2016-03-03,A,2026-11-01", "2 XQQ code No State has the code “XQQ”. Correct the code."),
        ("XDD,treaty,accession,2016-03-03,A,2026-11-01", "2 XDD instrument Choose from the list."),
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
def test_what_is_wrong_is_said_at_row_and_column_and_nothing_is_entered(page, rows, said):
    response = upload(page, HEAD + rows)
    assert said in words_of_page(response)
    assert 'name="enter"' not in response.content.decode()
    assert TreatyAct.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "The file is not text. Choose a text file in UTF-8 or UTF-16."),
        (b"", "The file is empty. Choose another file."),
        (
            "code,act\nXDD,none",
            "The file must have these columns, each once: code, instrument, act, date, source, as_at.",
        ),
        (HEAD + "XDD,protocol", "Row 2: the number of cells is 2. It must be 6, as in the heading row."),
        ("[" * 100_000, "The file is not valid JSON."),
        (HEAD + "XDD," * 300_000, "The file is too large: 1.1 MB. Choose a file of at most 1.0 MB."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(page, content, said):
    assert said in words_of_page(upload(page, content))


def test_a_forged_seal_enters_nothing(page):
    assert "Choose a file." in words_of_page(page.post(IMPORT, {"sealed": "forged", "enter": "yes"}))
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
