from django import template

from tracker.queries.catalogue_history import changes_of as find_changes
from tracker.queries.catalogue_history import unit_changes as find_unit_changes

register = template.Library()
changes_of = register.simple_tag(find_changes, name="changes_of")
unit_changes = register.simple_tag(find_unit_changes, name="unit_changes")
