"""What an answer says, on the page of a report as in its documents."""

from django import template

from tracker.reports.chapters import answer_facts, answer_foot

register = template.Library()
register.filter("facts", answer_facts)
register.simple_tag(answer_foot)
