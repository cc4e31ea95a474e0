"""Made-up people of Sri Lanka: the same for the same seed, and nobody who exists.

Family names are put together from syllables that sound right and are nobody's; addresses end in example.test; phone
numbers are of +94 79, which no operator of the country has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SEED = 20_262
BUSINESS = "Octave Fresh (demo)"
PROVINCES = {
    "Batticaloa": "Eastern", "Galle": "Southern", "Jaffna": "Northern", "Kalmunai": "Eastern", "Kandy": "Central",
    "Nuwara Eliya": "Central", "Trincomalee": "Eastern",
}  # fmt: skip
ELSEWHERE = "Western"
# Part of Sinhala, Tamil and Muslim names.
MIX = {
    "Jaffna": (0.04, 0.92, 0.04), "Batticaloa": (0.05, 0.75, 0.2), "Kalmunai": (0.05, 0.25, 0.7),
    "Trincomalee": (0.3, 0.35, 0.35), "Nuwara Eliya": (0.5, 0.46, 0.04), "Colombo": (0.55, 0.25, 0.2),
}  # fmt: skip
USUAL = (0.86, 0.06, 0.08)
FEMALE = (
    "Amaya Chamari Dilini Dinithi Gayani Hiruni Imesha Ishara Kavindi Malsha Nadeesha Nethmi Nipuni Oshadi Piyumi "
    "Rashmi Ruwini Sachini Sanduni Senuri Shanika Tharushi Udari Yasodha",
    "Abirami Anjali Darshini Gayathri Janani Kavitha Keerthana Lavanya Malini Nithya Priyanka Renuka Sangeetha "
    "Sharmila Thulasi Vaishnavi",
    "Aaliya Amna Fathima Hafsa Ilma Minha Nuha Rifka Safiya Shifa Sumaiya Zainab",
)
MALE = (
    "Akila Asanka Buddhika Chathura Dilshan Dinuka Gihan Hasitha Isuru Janith Kasun Lahiru Malith Nuwan Pasindu "
    "Ravindu Ruwan Sahan Sajith Supun Tharindu Thisara Vimukthi Yasiru",
    "Aravind Dinesh Ganeshan Haran Jeevan Kajan Kumaran Mathan Naveen Pradeep Ramesh Sanjeevan Senthuran Suren Thinesh "
    "Varun",
    "Ashfaq Azmi Fazil Hashim Ihsan Imthiyas Munas Nizam Rizwan Shafraz Yasir Zahran",
)
_BEGIN = (
    "Ambala Bulana Dalupo Elakan Galapi Hapuwe Indola Kandapo Kirimal Lunuwe Malapo Mihiri Nelumbo Olagan Pinnala "
    "Rankothu Sandaru Tennako Udapi Vilagan Welapo Yatigan",
    "Arulvanna Ilanthira Kathirolai Kumuthavel Maniyolai Nilavanna Ponniyolai Selvamugi Thamaraiva Vaigaiyo Velmugila "
    "Yazhinila",
    "Azwarmi Fahmila Haznadee Ifthila Jawnaza Lafirmi Mifnaza Nazwarde Rifmila Safnadee Uwaizmi Zahirmi",
)
_END = (
    "deniyage gollage hennage kumburage lindage mullage pelage polage tennage watthage",
    "nathar rajar selvar thasar vannar yogar",
    "bawa deen lebbe mar san thamby",
)
SOURCES = (("Store", 0.52), ("Web", 0.2), ("WhatsApp", 0.12), ("Referral", 0.08), ("", 0.08))
STREETS = ("Temple Road", "Lake Road", "Station Road", "Hill Street", "Beach Road", "Market Street", "Canal Lane")


def people(
    numbers: NDArray[np.int64], cities: NDArray[np.str_], ages: NDArray[np.int64], last: NDArray[np.int64], today: date
) -> pa.Table:
    """One row a customer, by field key.

    Args:
        numbers: the chain's customer numbers. cities: where they shop. ages: in years. last: days since they bought.
        Each of shape (n,).
    """
    n = len(numbers)
    rng = np.random.default_rng([SEED, int(numbers[0]) if n else 0])
    sex = _pick(rng, (("Female", 0.56), ("Male", 0.38), ("", 0.06)), n)
    female = (sex == "Female") | ((sex == "") & (rng.random(n) < 0.5))
    group = _groups(rng, cities)
    first, family = _names(rng, group, female)
    phone = np.where(rng.random(n) < 0.93, np.char.add("+9479", np.char.zfill(_text(numbers % 10_000_000), 7)), "")
    mail = np.char.add(np.char.add(np.char.lower(first), "."), np.char.add(np.char.lower(family), "."))
    mail = np.char.add(np.char.add(mail, _text(numbers)), "@mail.example.test")
    answer = rng.random(n)
    opted = [None if one < 0.12 else bool(one < 0.86) for one in answer]
    day = np.datetime64(today, "s") - (last + rng.integers(1, 600, n)).astype("timedelta64[D]")
    asked = day + rng.integers(4 * 3600, 14 * 3600, n).astype("timedelta64[s]")
    born = np.datetime64(today) - (ages * 365.2425 + rng.integers(1, 364, n)).astype("timedelta64[D]")
    house = np.char.add(np.char.add(_text(rng.integers(1, 240, n)), "/"), _text(rng.integers(1, 30, n)))
    source = _pick(rng, SOURCES, n)
    status = np.select([last > 90, last > 30], ["Lapsed", "Quiet"], "Active")
    language = np.where(rng.random(n) < 0.25, "en", np.where(group == 0, "si", "ta"))
    return pa.table(
        {
            "customer_id": _text(numbers),
            "full_name": np.char.add(np.char.add(first, " "), family),
            "email": np.where(rng.random(n) < 0.91, mail, ""),
            "phone": phone,
            "sex": sex,
            "date_of_birth": pa.array(born, mask=rng.random(n) < 0.05),
            "street": np.char.add(np.char.add(house, " "), rng.choice(STREETS, n)),
            "city": cities,
            "province": np.array([PROVINCES.get(str(city), ELSEWHERE) for city in np.unique(cities)])[
                np.unique(cities, return_inverse=True)[1]
            ],
            "country": pa.array(["Sri Lanka"] * n),
            "time_zone": pa.array(["Asia/Colombo"] * n),
            "language": language,
            "source": source,
            "status": status,
            "chatroom": (phone != "") & ((source == "WhatsApp") | (rng.random(n) < 0.18)),
            "marketing_opt_in": pa.array(opted, pa.bool_()),
            "marketing_opt_in_at": pa.array(asked, mask=np.array([one is None for one in opted], bool)),
            "marketing_opt_in_business": np.where(answer < 0.12, "", BUSINESS),
        }
    )


def _text(numbers: NDArray[np.int64]) -> NDArray[np.str_]:
    return numbers.astype(str)


def _pick(rng: np.random.Generator, weighted: Sequence[tuple[str, float]], n: int) -> NDArray[np.str_]:
    words, weights = zip(*weighted, strict=True)
    return rng.choice(words, n, p=weights)


def _groups(rng: np.random.Generator, cities: NDArray[np.str_]) -> NDArray[np.int64]:
    """0 Sinhala, 1 Tamil, 2 Muslim names, in each city's mix."""
    mix = np.cumsum([MIX.get(str(city), USUAL) for city in cities], axis=1)
    return np.asarray((rng.random(len(cities))[:, None] > mix[:, :2]).sum(axis=1))


def _names(
    rng: np.random.Generator, group: NDArray[np.int64], female: NDArray[np.bool_]
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    n = len(group)
    first, family = np.full(n, "", "U16"), np.full(n, "", "U24")
    for g in range(3):
        for of, who in ((FEMALE, female), (MALE, ~female)):
            rows = (group == g) & who
            first[rows] = rng.choice(of[g].split(), rows.sum())
        rows = group == g
        family[rows] = np.char.add(rng.choice(_BEGIN[g].split(), rows.sum()), rng.choice(_END[g].split(), rows.sum()))
    return first, family
