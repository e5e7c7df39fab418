"""The site with another table of fields, in which `difficulties` is not published.

It indexes the texts again, asks the addresses of the walk as other people, and prints who found which word, and where.
"""

import json
import re
import sys
from importlib.machinery import PathFinder, SourceFileLoader

import django


class ChangedTable(SourceFileLoader):
    def get_code(self, fullname):
        source = self.get_source(fullname)
        field = re.search(r'name="difficulties".*?name="', source, re.DOTALL)[0]
        changed = field.replace("is_published=True,", "")
        assert changed != field
        return compile(source.replace(field, changed), self.path, "exec")


class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "tracker.models.answer_fields":
            return None
        spec = super().find_spec(name, path, target)
        spec.loader = ChangedTable(name, spec.origin)
        return spec


sys.meta_path.insert(0, Finder)
django.setup()

from django.urls import NoReverseMatch, reverse  # noqa: E402

from tests.client import Client  # noqa: E402
from tests.test_walk import URLS  # noqa: E402
from tracker.actions.quotation import save_quotation  # noqa: E402
from tracker.actions.search import index_respondent  # noqa: E402
from tracker.models import Release, Respondent, SubmissionItem, User  # noqa: E402
from tracker.workflow import NotAllowed  # noqa: E402

OF_REVIEWERS = re.compile("search|quotation|practice|published")
NOWHERE = "Nowherecanary"  # what is typed is shown again: a word is found where it is shown more often than this one


def addresses(pattern=""):
    for name, (arguments, _expected) in URLS.items():
        try:
            if re.match(pattern, name):
                yield name, reverse(name, kwargs=arguments)
        except NoReverseMatch:
            continue


def find(person: str, words: list[str], pattern=""):
    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    if person:
        client.force_login(User.objects.get(email=f"{person}@example.org"))
    for name, address in addresses(pattern):
        typed_again = shown(client, address, {"q": NOWHERE}).count(NOWHERE)
        unit = shown(client, address, {"unit": "IV-46-i"})
        for word in words:
            if word in unit or shown(client, address, {"q": word}).count(word) > typed_again:
                yield person, name, word


def shown(client: Client, address: str, query: dict[str, str]) -> str:
    response = client.get(address, query)
    content = b"".join(response) if response.streaming else response.content
    return re.sub("</?mark>", "", content.decode(errors="replace"))


def quote(fields: dict[str, str]):
    item, release = SubmissionItem.everyones.get(unit__slug="IV-46-i"), Release.objects.get()
    for field, word in fields.items():
        try:
            save_quotation(release=release, item=item, field=field, words=word, by=User.objects.get(name="Bob"))
        except NotAllowed:
            continue
        yield ("bob", "quoted", word)


published, private = words = sys.argv[1:]
index_respondent(Respondent.objects.get(code="XAA"))
found = [*find("", words), *find("charlie", words), *find("bob", words, OF_REVIEWERS)]
sys.stdout.write(json.dumps([*found, *quote({"measures": published, "difficulties": private})]))
