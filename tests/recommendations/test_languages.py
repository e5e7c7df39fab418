import pytest
from django.utils.translation import override

from recommendations.languages import active_language, language_attributes


@pytest.mark.parametrize(
    ("locale", "language"), [("en", "en"), ("fr", "fr"), ("ar", "ar"), ("zh-hans", "zh"), ("zh", "zh"), ("es-mx", "es")]
)
def test_the_active_language_is_named_as_contents_name_theirs(locale, language):
    with override(locale):
        assert active_language() == language


@pytest.mark.parametrize(
    ("language", "attributes"),
    [("ar", 'lang="ar" dir="rtl"'), ("zh", 'lang="zh" dir="ltr"'), ("und", 'dir="auto"')],
)
def test_an_element_has_its_language_and_direction(language, attributes):
    assert language_attributes(language) == attributes
