"""Filters that ask tracker/permissions.py: `{% if user|can_manage_team:desk %}`."""

from django import template

from tracker.permissions import can_manage_team

register = template.Library()
register.filter("can_manage_team", can_manage_team)
