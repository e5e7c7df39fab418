"""How pages, files and documents name their language and its direction."""

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

UNKNOWN = "und"


def active_language() -> str:
    return content_language(get_language() or settings.LANGUAGE_CODE)


def language_of_site(code: str) -> str:
    """Return a language that is switched on: this one, or else the default."""
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def languages_to_choose() -> list[tuple[str, str]]:
    """Return the code and the name of each language of the site; none where there is only one."""
    return settings.LANGUAGES if len(settings.LANGUAGES) > 1 else []


def content_language(code: str) -> str:
    """Return the language of a locale as contents and documents name it: `zh` of `zh-hans`."""
    return code.partition("-")[0]


def language_direction(language: str) -> str:
    return "rtl" if language in settings.LANGUAGES_BIDI else "ltr"


def language_attributes(language: str) -> SafeString:
    """Return the attributes of an element in this language: `lang="ar" dir="rtl"`."""
    if language == UNKNOWN:
        return format_html('dir="{}"', "auto")
    return format_html('lang="{}" dir="{}"', language, language_direction(language))
