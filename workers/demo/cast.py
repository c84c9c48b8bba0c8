"""Who and what the demo speaks of. People and companies are invented; addresses end in example.com."""

from random import Random
from typing import Any

FIRST_NAMES = (
    "Ada", "Amir", "Anouk", "Bola", "Carla", "Chen", "Dario", "Elif", "Emeka", "Freya", "Hana", "Ines", "Ivo", "Jonas",
    "Kavya", "Lena", "Luca", "Mei", "Nadia", "Noah", "Olu", "Petra", "Ravi", "Rosa", "Sami", "Tara", "Tomas", "Yuki",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Berg", "Castillo", "Dubois", "Eriksen", "Fontana", "Gupta", "Hoffmann", "Ito", "Jansen", "Kowalska",
    "Lindqvist", "Moreau", "Nakamura", "Okafor", "Pereira", "Quist", "Rossi", "Silva", "Tanaka", "Ueda", "Vargas",
    "Weber", "Yilmaz", "Zhang",
)  # fmt: skip
COMPANIES = (
    ("Alder Logistics", "DE"), ("Bright Dental", "GB"), ("Cobalt Works", "US"), ("Delta Foods", "NL"),
    ("Elm Robotics", "DE"), ("Fjord Energy", "NO"), ("Granite Bank", "CH"), ("Harbor Health", "US"),
    ("Iris Optics", "FR"), ("Juniper Travel", "ES"), ("Kite Media", "GB"), ("Lumen Schools", "IT"),
    ("Maple Insurance", "CA"), ("Nimbus Retail", "US"), ("Orchard Farms", "NZ"), ("Pioneer Steel", "AT"),
)  # fmt: skip
CHANNELS = {
    "website": (("", "pricing_page"), ("", "product_tour")),
    "paid_search": (("autumn_search", "landing_demo"), ("brand_search", "landing_compare")),
    "partner": (("partner_program", "partner_brochure"),),
    "email": (("newsletter_42", "case_study_logistics"), ("win_back", "guide_ten_numbers")),
    "social": (("founders_series", "video_two_minutes"),),
}
"""Channel → its campaigns, each with the content that led there. Their weights are in `CHANNEL_WEIGHTS`."""
CHANNEL_WEIGHTS = (34, 30, 8, 18, 10)
RELATIONS = {"": 92, "target_account": 5, "customer": 3}
WORDS = (
    "Can you show us how it handles three time zones?",
    "We lose track of leads from trade shows.",
    "What does it cost for twelve seats?",
    "Our contract with another vendor ends in June.",
    "Please call me in the afternoon.",
)
RAISED = {"demo": 40, "contact": 25, "pricing": 18, "trial_talk": 7, "call": 6, "chat": 4}
"""Kind of a raised hand → its share."""
NO_LEADS = (
    ("spam", "We rank your site first, guaranteed."),
    ("job_seeker", "Do you have an opening for a driver?"),
    ("vendor", "May I show you our coffee machines?"),
    ("test", "test test"),
)
"""Why something is no lead, and what it says."""
REPS = ("ana", "ben", "cleo")
CLOSERS_TEAM = "closers"
CLOSERS = ("carl", "cora")
MANAGER = "mira"
"""People of the starter roster. Owners are whoever Leadloop chose; these are named where the script needs others."""


def capture(chance: Random, lead: int) -> dict[str, Any]:
    """The data of a `lead.captured`."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    company, country = chance.choice(COMPANIES)
    domain = f"{company.lower().replace(' ', '-')}.example.com"
    source = chance.choices(tuple(CHANNELS), CHANNEL_WEIGHTS)[0]
    campaign, content = chance.choice(CHANNELS[source])
    relation = chance.choices(tuple(RELATIONS), tuple(RELATIONS.values()))[0]
    employees = {"employees": chance.choice((12, 40, 150, 600, 2500))}
    made = {
        "source": source,
        "content": content,
        "name": f"{first} {last}",
        "email": f"{first}.{last}.{lead}@{domain}".lower(),
        "company": company,
        "domain": domain,
        "country": country,
        "attributes": employees | ({"relation": relation} if relation else {}),
    }
    return made | ({"campaign": campaign} if campaign else {})
