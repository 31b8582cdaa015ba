"""Personal data in what is said: addresses of e-mail, numbers of cards, accounts and telephones."""

from __future__ import annotations

import re

_EMAIL = re.compile(
    r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE
)
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d(?:[ .()-]{0,2}\d){6,18}(?![\w])")
_AMERICAN = re.compile(r"(?<![\w.])(?:1[ .-])?\(?[2-9]\d\d\)?[ .-]\d{3}[ .-]\d{4}(?![\w])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD_DIGITS = range(13, 20)
_PHONE_DIGITS = range(8, 16)
_ACCOUNT_LETTERS = 4  # of an IBAN, that are moved to its end


def found(text: str) -> bool:
    """Whether a text has an e-mail address, or the number of a card, an account or a telephone."""
    if (
        _EMAIL.search(text)
        or _AMERICAN.search(text)
        or any(map(_is_account, _IBAN.findall(text.upper())))
    ):
        return True
    return any(_is_number_of_a_person(match[0]) for match in _DIGITS.finditer(text))


def _is_number_of_a_person(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    if len(digits) in _CARD_DIGITS and _luhn(digits):
        return True
    # A telephone number begins with + or 0; other long numbers are counts, scores and codes of a game.
    return len(digits) in _PHONE_DIGITS and written.lstrip("(")[0] in "+0"


def _luhn(digits: str) -> bool:
    """Whether the last digit checks the others. Source: ISO/IEC 7812-1, annex B."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _is_account(written: str) -> bool:
    """Whether it is an IBAN, by its check digits. Source: ISO 13616."""
    account = written.replace(" ", "")
    moved = account[_ACCOUNT_LETTERS:] + account[:_ACCOUNT_LETTERS]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
