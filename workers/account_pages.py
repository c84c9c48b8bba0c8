"""What `leadloop account` prints."""

from typing import Any

from workers.terminal_page import Page


def list_(accounts: list[Any]) -> None:
    """A line each."""
    page = Page()
    if not accounts:
        page.line("There is no such account. Accounts come by `account.updated` events.")
    for account in accounts:
        owner = f"owner {account['owner']}" if account["owner"] else "without an owner"
        parts = [f"{account['key']}  {account['name'] or ', '.join(account['domains']) or 'no name'}", *_marks(account)]
        page.line(", ".join([*parts, owner]))


def show(account: Any) -> None:
    """All that is known of one."""
    page = Page()
    page.line(account["name"] or account["key"], style="bold")
    kept = [domain for domain in account["domains"] if domain not in account["free_mail"]]
    page.pairs(
        [
            ("id", account["account_id"]),
            ("key", account["key"]),
            ("system", account["system"]),
            ("type", account["type"]),
            ("target account", "yes" if account["named"] else "no"),
            ("owner", account["owner"]),
            ("open opportunity of", account["open_opportunity_owner"]),
            ("domains", ", ".join(kept)),
            ("mail providers", ", ".join(account["free_mail"])),
            ("last changed", account["changed_at"]),
        ]
    )
    page.heading("Leads")
    if not account["leads"]:
        page.line("none", indent=2)
    for lead in account["leads"]:
        page.line(f"leadloop lead show {lead}", indent=2)


def _marks(account: Any) -> list[str]:
    deal = account["open_opportunity_owner"]
    return [
        *([account["type"]] if account["type"] else []),
        *(["target account"] if account["named"] else []),
        *([f"open opportunity of {deal}"] if deal else []),
    ]
