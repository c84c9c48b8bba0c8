"""How a lead's company may be known: by the account it is linked to, by a domain."""

import re
from collections.abc import Collection, Mapping
from typing import Any

_DOMAIN = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})+")
_BEFORE = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?(?:www\d?\.)?")
_AFTER = re.compile(r"[/?#:].*$")
LONGEST_DOMAIN = 253
"""RFC 1035, as text."""
ACCOUNT, DOMAIN = "account:", "domain:"


def domain_of(text: object) -> str | None:
    """The domain in what people write for one: `https://www.Acme.com/en` is acme.com; None where there is none.

    International ones are written as the net has them (RFC 5891 by the codec's older form, RFC 3490).
    """
    if not isinstance(text, str) or len(text) > 2 * LONGEST_DOMAIN:
        return None
    bare = _AFTER.sub("", _BEFORE.sub("", text.strip().lower())).rstrip(".")
    try:
        written = bare if bare.isascii() else bare.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return written if len(written) <= LONGEST_DOMAIN and _DOMAIN.fullmatch(written) else None


def company_keys(profile: Mapping[str, Any], free_mail: Collection[str]) -> tuple[str, ...]:
    """`account:ACME-1`, `domain:acme.com`: the surest first. What anybody's mail provider is says nothing."""
    keys = [f"{ACCOUNT}{profile['account']}"] if profile.get("account") else []
    email = profile.get("email")
    mailed = domain_of(email.rpartition("@")[2]) if isinstance(email, str) and "@" in email else None
    domains = (domain_of(profile.get("domain")), mailed)
    keys += [f"{DOMAIN}{domain}" for domain in domains if domain is not None and domain not in free_mail]
    return tuple(dict.fromkeys(keys))
