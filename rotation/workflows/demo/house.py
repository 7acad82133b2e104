"""The departments, meetings and teams of the demo, as data."""

from dataclasses import dataclass
from datetime import time
from typing import Literal

Rhythm = Literal["weekly", "biweekly", "monthly"]


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One meeting series: when it meets, for how long, and what its host wants."""

    title: str
    rhythm: Rhythm
    weekday: int
    starts: time
    minutes: int = 60
    location: str = ""
    seats: int = 1
    needs_approval: bool = False
    confidential: bool = False
    travel_minutes: int = 0


@dataclass(frozen=True, slots=True)
class DepartmentPlan:
    """One department.

    Attributes:
        visited: How likely a guest seat of it was taken in the past.
        neglected: Nobody has been there for long.
        site: At which of `SITES` it sits.
    """

    name: str
    code: str
    purpose: str
    cadence_weeks: int
    series: tuple[SeriesPlan, SeriesPlan]
    visited: float = 0.8
    neglected: bool = False
    site: int = 0


@dataclass(frozen=True, slots=True)
class SitePlan:
    """One site, and whose holidays are kept there."""

    name: str
    time_zone: str
    country: str
    region: str


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """One IT team.

    Attributes:
        size: Members of the small demo.
        ticket_minutes: What one ticket takes.
        load_ratio: Reactive work over net working time that the ticket history aims at.
        has_standby: Whether somebody stands by beside whoever is on duty.
    """

    name: str
    size: int
    ticket_minutes: int
    load_ratio: float
    has_standby: bool = False


SITES = (
    SitePlan("Zentrale", "Europe/Berlin", "DE", "HE"),
    SitePlan("Werk", "Europe/Berlin", "DE", "BY"),
)
# The ratio decides the share: 0.98 ends at the floor, 0.62 near the ceiling.
TEAMS = (
    TeamPlan("Applikationen", 10, 90, 0.74),
    TeamPlan("Infrastruktur", 10, 75, 0.79, has_standby=True),
    TeamPlan("Netzwerk & Security", 8, 60, 0.62, has_standby=True),
    TeamPlan("Service Desk", 12, 40, 0.98),
)
IT = ("IT", "IT", "Betreibt Arbeitsplätze, Netze, Server und Anwendungen des Hauses.")
MON, TUE, WED, THU, FRI = range(5)

DEPARTMENTS = (
    DepartmentPlan(
        "Vertrieb", "VT", "Gewinnt und betreut Kunden in Deutschland und Österreich.", 2,
        (
            SeriesPlan("Vertriebsrunde", "weekly", MON, time(9, 30), 60, "Raum 2.14", 2),
            SeriesPlan("Angebotsbesprechung", "biweekly", THU, time(13, 30), 90, "Raum 2.10"),
        ),
    ),
    DepartmentPlan(
        "Einkauf", "EK", "Beschafft Material, Maschinen und Dienstleistungen.", 4,
        (
            SeriesPlan("Einkaufsrunde", "weekly", TUE, time(10, 0), 60, "Raum 1.07"),
            SeriesPlan("Lieferantenbewertung", "monthly", WED, time(13, 0), 90, "Raum 1.02", 2),
        ),
        visited=0.12,
    ),
    DepartmentPlan(
        "Produktion", "PR", "Fertigt in zwei Schichten an drei Linien.", 2,
        (
            SeriesPlan(
                "Schichtbesprechung", "weekly", WED, time(9, 30), 60, "Halle 3, Meisterbüro", 2,
                travel_minutes=15,
            ),
            SeriesPlan(
                "Störungsrunde", "biweekly", FRI, time(9, 30), 60, "Halle 1, Leitstand",
                travel_minutes=15,
            ),
        ),
        site=1,
    ),
    DepartmentPlan(
        "Logistik", "LO", "Lager, Versand und Fuhrpark.", 3,
        (
            SeriesPlan("Tourenplanung", "weekly", THU, time(9, 0), 60, "Lager, Raum 0.3", 2),
            SeriesPlan("Lagerkreis", "biweekly", TUE, time(13, 30), 60, "Lager, Raum 0.1"),
        ),
        visited=0.4, site=1,
    ),
    DepartmentPlan(
        "Personal", "HR", "Betreut Menschen vom ersten bis zum letzten Arbeitstag.", 4,
        (
            SeriesPlan(
                "Personalrunde", "weekly", TUE, time(9, 0), 60, "Raum 3.01", 2,
                needs_approval=True,
            ),
            SeriesPlan(
                "Fallbesprechung", "monthly", THU, time(10, 0), 60, "Raum 3.03",
                needs_approval=True, confidential=True,
            ),
        ),
        visited=0.2,
    ),
    DepartmentPlan(
        "Finanzen", "FI", "Buchhaltung, Controlling und Zahlungsverkehr.", 4,
        (
            SeriesPlan("Monatsabschluss", "monthly", TUE, time(13, 30), 90, "Raum 3.20"),
            SeriesPlan("Controllingrunde", "biweekly", MON, time(13, 0), 60, "Raum 3.21", 2),
        ),
        visited=0.12,
    ),
    DepartmentPlan(
        "Recht", "RE", "Verträge, Datenschutz und Compliance.", 8,
        (
            SeriesPlan("Vertragsrunde", "biweekly", WED, time(10, 30), 60, "Raum 4.02"),
            SeriesPlan("Datenschutzkreis", "monthly", MON, time(10, 0), 60, "Video", 2),
        ),
        neglected=True,
    ),
    DepartmentPlan(
        "Marketing", "MK", "Messen, Website und Kampagnen.", 4,
        (
            SeriesPlan("Redaktionsrunde", "weekly", MON, time(13, 30), 60, "Raum 2.30", 2),
            SeriesPlan("Kampagnenplanung", "biweekly", WED, time(13, 30), 90, "Raum 2.31"),
        ),
        visited=0.08,
    ),
    DepartmentPlan(
        "Forschung & Entwicklung", "FE", "Entwickelt die nächste Generation der Produkte.", 3,
        (
            SeriesPlan("Entwicklerrunde", "weekly", THU, time(10, 30), 60, "Labor 5.1", 2),
            SeriesPlan("Musterfreigabe", "monthly", FRI, time(10, 0), 90, "Labor 5.3"),
        ),
        visited=0.5,
    ),
    DepartmentPlan(
        "Qualität", "QM", "Prüft Produkte und Abläufe, führt Audits durch.", 4,
        (
            SeriesPlan("Reklamationsrunde", "weekly", FRI, time(9, 0), 60, "Raum 1.20"),
            SeriesPlan("Auditvorbereitung", "monthly", TUE, time(10, 0), 90, "Raum 1.21", 2),
        ),
        neglected=True,
    ),
    DepartmentPlan(
        "Kundenservice", "KS", "Beantwortet Fragen und Beschwerden am Telefon und per Mail.", 2,
        (
            SeriesPlan("Teamrunde Hotline", "weekly", WED, time(13, 0), 60, "Raum 0.15", 2),
            SeriesPlan("Eskalationsrunde", "biweekly", THU, time(9, 30), 60, "Raum 0.16"),
        ),
    ),
    DepartmentPlan(
        "Geschäftsleitung", "GL", "Leitet das Haus und steuert die Bereiche.", 8,
        (
            SeriesPlan(
                "Leitungskreis", "biweekly", MON, time(10, 30), 90, "Raum 6.01",
                needs_approval=True, confidential=True,
            ),
            SeriesPlan("Bereichsleiterrunde", "monthly", WED, time(9, 30), 90, "Raum 6.02", 2),
        ),
        neglected=True,
    ),
)  # fmt: skip

# Departments of larger demos are these, at other places of the company.
PLACES = (
    "", "Hamburg", "München", "Leipzig", "Stuttgart", "Bremen", "Kassel", "Linz", "Dresden",
    "Nürnberg",
)  # fmt: skip

LEARNED = (
    (
        "Die Aufträge werden noch aus einer Excel-Liste in das System übertragen, jeden Morgen "
        "eine halbe Stunde. Ein Import würde reichen."
    ),
    (
        "Der Drucker am Versand fällt zwei- bis dreimal in der Woche aus, gemeldet wird es "
        "nicht mehr. Ticket habe ich selbst angelegt."
    ),
    (
        "Viele wussten nicht, dass die Videoräume über den Kalender buchbar sind. Kurz gezeigt, "
        "kam gut an."
    ),
    "Die neue Maske braucht fünf Klicks mehr als die alte. Zwei Felder könnten vorbelegt sein.",
    "Zum Quartalsende laufen die Auswertungen sehr lange; alle starten sie gleichzeitig um acht.",
    "Das WLAN in der Halle reißt an Tor 3 ab. Messung für nächste Woche vereinbart.",
    "Passwörter laufen an den Scannern mitten in der Schicht ab. Dienstkonto prüfen.",
    "Gute Runde. Gewünscht wird eine Liste, wen man bei uns wofür anrufen kann.",
    "Freigaben bleiben liegen, wenn jemand im Urlaub ist: Die Vertretung ist nicht eingetragen.",
    "Die Fachabteilung pflegt Kundendaten doppelt, weil die Schnittstelle nur nachts läuft.",
    "Es gibt schon eine Lösung für das, was wir gerade neu bauen wollten. Termin gemacht.",
    "Die Telefonanlage zeigt den Namen nicht an, wenn jemand im Homeoffice ist.",
    "Für neue Kolleginnen und Kollegen fehlt eine kurze Anleitung zum ersten Tag.",
    "Die Wartung am Donnerstagnachmittag trifft genau den Monatsabschluss. Wir verschieben sie.",
)
