"""Made-up people for real customer numbers: the same for the same seed, and nobody who exists.

Addresses end in example.test, phone numbers are from the ranges that Ofcom keeps for drama.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

SEED = 20_261
_FEMALE = (
    "Amelia Olivia Isla Ava Mia Ivy Lily Freya Evie Grace Sophie Emily Ella Poppy Ruby Alice Florence Daisy "
    "Phoebe Matilda Charlotte Rosie Eva Martha Harriet Imogen Beatrice Clara Edith Nancy Priya Aisha Mei "
    "Ingrid Claire Sofia Elena Greta"
)
FEMALE = tuple(_FEMALE.split())
_MALE = (
    "Oliver George Arthur Noah Leo Harry Oscar Archie Jack Henry Charlie Freddie Theodore Alfie Jacob Thomas "
    "Finley Joshua James William Max Isaac Edward Lucas Samuel Joseph Daniel Hugo Ravi Omar Wei Lars Pierre "
    "Marco Jonas Felix Tom Adam"
)
MALE = tuple(_MALE.split())
_LAST = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White "
    "Roberts Green Hall Wood Jackson Clarke Khan Lewis Harris Hughes Edwards Turner Ward Hill Moore Cooper "
    "Baker Morris Bell Cole Fisher Palmer Grant Webb Hunt Marsh Frost Reed Lane Nash Pope Barker Doyle Byrne "
    "Novak Larsen Weber Moreau Costa Rossi"
)
LAST = tuple(_LAST.split())
PHONES = (
    "+447700900", "+442079460", "+441134960", "+441144960", "+441154960", "+441174960", "+441214960", "+441314960",
    "+441414960", "+441514960", "+441614960", "+441914980", "+441632960",
)  # fmt: skip
UK = {
    "England": (
        "London",
        "Manchester",
        "Birmingham",
        "Leeds",
        "Bristol",
        "Liverpool",
        "Sheffield",
        "Newcastle",
        "Brighton",
    ),
    "Scotland": ("Edinburgh", "Glasgow", "Aberdeen", "Dundee"),
    "Wales": ("Cardiff", "Swansea"),
    "Northern Ireland": ("Belfast",),
}
ABROAD: Mapping[str, tuple[str, str, Sequence[tuple[str, str]]]] = {
    "Germany": ("Europe/Berlin", "de", (("Bavaria", "Munich"), ("Berlin", "Berlin"), ("Hesse", "Frankfurt"))),
    "France": ("Europe/Paris", "fr", (("Île-de-France", "Paris"), ("Rhône", "Lyon"), ("Nord", "Lille"))),
    "EIRE": ("Europe/Dublin", "en", (("Leinster", "Dublin"), ("Munster", "Cork"))),
    "Spain": ("Europe/Madrid", "es", (("Madrid", "Madrid"), ("Catalonia", "Barcelona"))),
    "Netherlands": ("Europe/Amsterdam", "nl", (("North Holland", "Amsterdam"), ("South Holland", "Rotterdam"))),
    "Belgium": ("Europe/Brussels", "nl", (("Flanders", "Ghent"), ("Brussels", "Brussels"))),
    "Switzerland": ("Europe/Zurich", "de", (("Zurich", "Zurich"), ("Geneva", "Geneva"))),
    "Portugal": ("Europe/Lisbon", "pt", (("Lisbon", "Lisbon"), ("Porto", "Porto"))),
    "Australia": ("Australia/Sydney", "en", (("New South Wales", "Sydney"), ("Victoria", "Melbourne"))),
    "Norway": ("Europe/Oslo", "nb", (("Oslo", "Oslo"), ("Vestland", "Bergen"))),
    "Italy": ("Europe/Rome", "it", (("Lazio", "Rome"), ("Lombardy", "Milan"))),
    "Sweden": ("Europe/Stockholm", "sv", (("Stockholm", "Stockholm"), ("Västra Götaland", "Gothenburg"))),
    "Finland": ("Europe/Helsinki", "fi", (("Uusimaa", "Helsinki"),)),
    "Japan": ("Asia/Tokyo", "ja", (("Tokyo", "Tokyo"), ("Osaka", "Osaka"))),
    "USA": ("America/New_York", "en", (("New York", "New York"), ("Massachusetts", "Boston"))),
}
SOURCES = (("Web", 30), ("Store", 22), ("WhatsApp", 18), ("Instagram", 12), ("Referral", 10), ("", 8))
INTERESTS = ("Baking", "Gardening", "Vintage", "Christmas", "Kids", "Stationery")


@dataclass(frozen=True)
class Buyer:
    """What the real purchases say about a customer number."""

    number: int
    country: str
    first: datetime
    last: datetime
    orders: int
    spent: float


def people(buyers: Sequence[Buyer], owners: Sequence[str], today: date) -> pa.Table:
    """One row per buyer, by field key; custom fields by theirs."""
    rows = [_person(place, buyer, owners, today) for place, buyer in enumerate(buyers)]
    return pa.table({name: [row[name] for row in rows] for name in rows[0]})


def _pick(chance: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    return chance.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def _person(place: int, buyer: Buyer, owners: Sequence[str], today: date) -> dict[str, Any]:
    chance = random.Random(f"{SEED}:{buyer.number}")
    sex = _pick(chance, (("Female", 54), ("Male", 38), ("", 8)))
    first = chance.choice(FEMALE if sex == "Female" or (not sex and chance.random() < 0.5) else MALE)
    last = chance.choice(LAST)
    zone, language, province, city = _home(chance, buyer.country)
    idle = (today - buyer.last.date()).days
    source = _pick(chance, SOURCES)
    phone = f"{PHONES[place // 1000]}{place % 1000:03}" if chance.random() < 0.88 else None
    answer = chance.random()
    opted = None if answer < 0.18 else answer < 0.78
    tier = "Gold" if buyer.spent > 3_000 else "Silver" if buyer.spent > 900 else "Bronze"
    member = chance.random() < 0.6
    earned = round(max(buyer.spent, 0) / 10)
    asked = buyer.first + timedelta(days=chance.randrange(3), minutes=chance.randrange(600))
    return {
        "customer_id": str(buyer.number),
        "full_name": f"{first} {last}",
        "email": f"{first}.{last}.{buyer.number}@mail.example.test".lower() if chance.random() < 0.94 else None,
        "phone": phone,
        "sex": sex,
        "date_of_birth": today - timedelta(chance.randrange(19 * 365, 82 * 365)) if chance.random() < 0.88 else None,
        "street": f"{chance.randrange(1, 190)} {chance.choice(('High', 'Station', 'Church', 'Mill', 'Park'))} Street",
        "city": city,
        "province": province,
        "country": {"EIRE": "Ireland"}.get(buyer.country, buyer.country),
        "time_zone": zone,
        "language": language,
        "job_title": _pick(chance, (("", 70), ("Shop owner", 14), ("Buyer", 8), ("Teacher", 8))),
        "source": source,
        "status": "VIP" if buyer.spent > 5e3 else "Lapsed" if idle > 180 else "New" if buyer.orders < 2 else "Active",
        "owner": chance.choice(owners) if chance.random() < 0.45 else None,
        "chatroom": bool(phone) and (source == "WhatsApp" or chance.random() < 0.2),
        "marketing_opt_in": opted,
        "marketing_opt_in_at": None if opted is None else asked,
        "marketing_opt_in_business": "" if opted is None else "Gift House",
        "member_created_at": buyer.first + timedelta(days=1) if member else None,
        "current_tier": tier if member else "",
        "balance_available": chance.randrange(earned + 1) if member else None,
        "balance_pending": chance.randrange(40) if member and idle < 30 else None,
        "lifetime_earned": earned if member else None,
        "reward_name": chance.choice(("Free delivery", "£5 voucher")) if member and earned > 60 else "",
        "reward_status": chance.choice(("available", "redeemed")) if member and earned > 60 else "",
        "reward_expired_at": datetime(today.year + 1, 3, 31, 22) if member and earned > 60 else None,
        "interests": ";".join(chance.sample(INTERESTS, chance.randrange(1, 4))) if chance.random() < 0.7 else None,
        "wholesale": buyer.spent / max(buyer.orders, 1) > 400,
        "satisfaction": round(chance.triangular(1, 10, 8), 1) if chance.random() < 0.35 else None,
        "last_call": today - timedelta(days=chance.randrange(1, 400)) if chance.random() < 0.2 else None,
        "shop_website": f"https://shop-{buyer.number}.example.test" if chance.random() < 0.12 else None,
        "preferred_contact": _pick(chance, (("Email", 50), ("WhatsApp", 25), ("Phone", 15), ("", 10))),
    }  # fmt: skip


def _home(chance: random.Random, country: str) -> tuple[str, str, str, str]:
    """Time zone, language, province, city."""
    if country in ABROAD:
        zone, language, places = ABROAD[country]
        province, city = chance.choice(places)
        return zone, language, province, city
    if country in ("United Kingdom", "Channel Islands"):
        province = _pick(chance, (("England", 84), ("Scotland", 9), ("Wales", 5), ("Northern Ireland", 2)))
        return "Europe/London", "en", province, chance.choice(UK[province])
    return "", "en", "", ""
