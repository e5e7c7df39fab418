"""The search of a reader who is not signed in, on the command line."""

import json

import pytest
from django.core.management import call_command

from recommendations.search.texts import search_texts

pytestmark = pytest.mark.django_db


def test_labels_are_printed_the_best_first(capsys):
    expected = [node.full_label for node in search_texts("labor inspections").nodes]
    call_command("search", "labor", "inspections", "--json")
    assert json.loads(capsys.readouterr().out) == expected
    call_command("search", "labor inspections")
    assert capsys.readouterr().out.splitlines() == expected
    assert set(expected[:5]) >= {"II.37", "V.17"}


def test_nothing_is_an_empty_list(capsys):
    call_command("search", "zebra", "--json")
    assert capsys.readouterr().out == "[]\n"
