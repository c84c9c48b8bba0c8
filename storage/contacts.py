"""One form for an e-mail address and a phone number, so that duplicates find each other. Nothing is looked up."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

_LONGEST = 320


def normalise_email(address: str | None) -> str | None:
    """Lower case, Unicode normalised; None for what is no address.

    The part before the @ could differ by case alone, but never does in practice. Dots and `+tags` stay: they mean
    something at some providers and nothing at others.
    """
    if not address or len(address) > _LONGEST:
        return None
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized.casefold()


def normalise_phone(number: str | None, country: str | None = None) -> str | None:
    """E.164, as in `+4930123456`; None for what is no number.

    A number without its country code is read as one of `country` (ISO 3166-1 alpha-2), and is none without it.
    """
    if not number or len(number) > _LONGEST:
        return None
    try:
        found = phonenumbers.parse(number, country.upper() if country else None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(found) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None  # also what can be dialled within one town only
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
