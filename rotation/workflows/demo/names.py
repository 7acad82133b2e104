"""What people of the demo are called; drawn by a seeded generator, no two alike."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

# Given names and family names belong together by line; the weight says how often.
ORIGINS: tuple[tuple[int, str, str], ...] = (
    (
        10,
        (
            "Anna Katharina Julia Sabine Claudia Birgit Heike Lena Miriam Ute Franziska Jana Petra "
            "Nicole Thomas Stefan Andreas Jörg Markus Florian Jens Uwe Tobias Sebastian Matthias "
            "Jürgen Holger Björn"
        ),
        (
            "Becker Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz "
            "Zimmermann Krüger Hofmann Lange Schmitt Krause Lehmann Köhler Walter Huber Fuchs "
            "Peters Scholz Möller Weiß Jung Vogt Großmann Böhm"
        ),
    ),
    (
        3,
        "Ayşe Elif Zeynep Emine Derya Selin Mehmet Emre Can Murat Serkan Burak Yusuf Tolga",
        "Yılmaz Kaya Demir Şahin Çelik Yıldız Aydın Öztürk Arslan Doğan Koç Polat Güneş Aksoy",
    ),
    (
        2,
        "Agnieszka Małgorzata Katarzyna Joanna Monika Piotr Tomasz Paweł Krzysztof Marek Łukasz",
        "Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Dąbrowski",
    ),
    (
        1,
        "Giulia Chiara Marco Luca Alessandro Francesca",
        "Rossi Russo Ferrari Bianchi Romano Greco Conti",
    ),
    (
        1,
        "Olena Iryna Oksana Andrij Dmytro Serhij",
        "Schewtschenko Bondarenko Kowalenko Tkatschenko Melnyk Lyssenko",
    ),
    (
        1,
        "Ivana Marija Ana Marko Ivan Tomislav",
        "Horvat Kovačević Babić Marić Jurić Novak Knežević",
    ),
    (
        1,
        "Linh Thu Mai Minh Duc Tuan",
        "Nguyen Tran Le Pham Hoang Vu",
    ),
    (
        1,
        "Layla Nour Samira Omar Karim Hassan",
        "Haddad Khoury Mansour Nasser Saleh Aziz",
    ),
)
# Letters that lose more than an accent on their way into an address.
SPELLED = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "ł": "l", "đ": "d", "Ä": "Ae",
        "Ö": "Oe", "Ü": "Ue", "Ł": "L", "Đ": "D",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A name and the address made of it."""

    name: str
    email: str


def address_of(name: str) -> str:
    """Return `first.last@example.org` in plain letters."""
    decomposed = unicodedata.normalize("NFKD", name.translate(SPELLED))
    plain = "".join(char for char in decomposed if char.isalnum() or char == " ")
    return f"{plain.strip().lower().replace(' ', '.')}@example.org"


def people(random: Random, taken: frozenset[str]) -> Iterator[Person]:
    """Yield new people for ever, none with a name in `taken`; at most about 1,500."""
    pools = [_shuffled(given, family, random) for _, given, family in ORIGINS]
    weights = [weight for weight, _, _ in ORIGINS]
    seen = set(taken)
    while any(pools):
        pool = random.choices(pools, weights)[0]
        name = pool.pop() if pool else ""
        if name and name not in seen:
            seen.add(name)
            yield Person(name, address_of(name))


def _shuffled(given: str, family: str, random: Random) -> list[str]:
    """All pairs; each family name comes once before any comes twice."""
    firsts, lasts = given.split(), family.split()
    random.shuffle(firsts)
    random.shuffle(lasts)
    pairs = [
        f"{firsts[(index + turn) % len(firsts)]} {last}"
        for turn in range(len(firsts))
        for index, last in enumerate(lasts)
    ]
    return pairs[::-1]
