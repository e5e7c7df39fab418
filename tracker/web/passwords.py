"""The rules of passwords, with help and errors that say what to do."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class PasswordLength(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        sentence = ngettext(
            # Translators: count: smallest number of characters.
            "The password is too short. Enter at least %(count)d character.",
            "The password is too short. Enter at least %(count)d characters.",
            self.min_length,
        )
        return sentence % {"count": self.min_length}

    def get_help_text(self) -> str:
        sentence = ngettext(
            # Translators: count: smallest number of characters of a password.
            "Enter at least %(count)d character.",
            "Enter at least %(count)d characters.",
            self.min_length,
        )
        return sentence % {"count": self.min_length}


class PersonalPassword(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("The password is too similar to your e-mail address. Enter another password.")

    def get_help_text(self) -> str:
        return _("Do not use your e-mail address.")


class CommonPassword(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Many people use this password. Enter another password.")

    def get_help_text(self) -> str:
        return _("Do not use a password that many people use.")


class NumericPassword(password_validation.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("The password has digits only. Enter other characters too.")

    def get_help_text(self) -> str:
        return _("Do not enter digits only.")
