"""Pages as a person gets them: signed in, and read without their markup."""

import re
from html import unescape

from django.urls import reverse

from tests.client import Client
from tracker.models import User


def client_of(person: User | None) -> Client:
    """Return a client of its own for each call, so that unsaved input of one page is not on the next; for None, one
    that is not signed in.
    """
    client = Client()
    if person:
        client.force_login(person)
    return client


def answer_address(name="record", slug="I-13", *args, code="XAA") -> str:
    """Return the address of a page that belongs to an answer: by default its own."""
    return reverse(name, args=[code, slug, *args])


def words(response) -> str:
    """Return the text without tags and marks of direction, with single spaces."""
    return plain_text(response.content.decode())


def words_of_page(response) -> str:
    """Return the text of a page that must be there."""
    assert response.status_code == 200
    return words(response)


def plain_text(html: str) -> str:
    text = re.sub(r"<[^>]+>", " ", html)
    return " ".join(text.replace("\u2068", "").replace("\u2069", "").split())


def without_tokens(response) -> str:
    """The page as it would come to anybody at any minute: no token, and not when it was made."""
    names = "csrfmiddlewaretoken|author_token|checked_at|tab|email|to"
    now = r"\d+ \w+ \d{4}, \d\d:\d\d"
    made = rf"self-reported[ .:·()a-z]+,? {now}|{now} UTC \(current answers|current answers as at {now}"
    made += rf"|signed in until {now} UTC|data-session=.\d+."
    return re.sub(
        rf'name="({names})" value="[^"]*"|author_token=[^"]*|{made}', "", response.content.decode(), flags=re.I
    )


def messages_on(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def text_area(response, field: str = "measures") -> str:
    """Return what is in a text area of the form."""
    return re.search(rf'<textarea name="{field}"[^>]*>\s?([^<]*)</textarea>', response.content.decode())[1]


def hidden_input(response, name: str) -> str:
    """Return the value of a hidden input, as a browser would send it."""
    return re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())[1]


def decide(conflict, **chosen) -> dict:
    """Return what the page of two versions sends, with these choices."""
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', conflict.content.decode())
    choices = {f"choose-{field}": value for field, value in chosen.items()}
    return {name: unescape(value) for name, value in hidden} | choices


def seen_at(client, address: str) -> dict[str, str]:
    """What the form of a page sends of the text that it shows; nothing where the page has no such form."""
    page = client.get(address)
    context = page.context or {}
    form = context["adminform"].form if "adminform" in context else context.get("form")
    return {"seen": form["seen"].value()} if form and "seen" in form.fields else {}
