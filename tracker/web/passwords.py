"""The rules of passwords, with errors that say what to do."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class PasswordLength(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        sentence = ngettext(
            # Translators: count: number.
            "The password is too short. Enter at least %(count)d character.",
            "The password is too short. Enter at least %(count)d characters.",
            self.min_length,
        )
        return sentence % {"count": self.min_length}


class PersonalPassword(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("The password is too similar to your e-mail address. Enter another password.")


class CommonPassword(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Many people use this password. Enter another password.")


class NumericPassword(password_validation.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("The password has digits only. Enter other characters too.")
