"""What installers are good at, what they speak, what companies do: closed lists, named in both languages by pages."""

from __future__ import annotations

from enum import StrEnum


class Trade(StrEnum):
    """Each asks for a certificate of its own."""

    MECHANICAL = "mechanical"
    ELECTRICAL = "electrical"
    CONTROL = "control"  # programmable controllers, drives, buses
    ROBOTICS = "robotics"
    CNC = "cnc"
    LASER = "laser"
    WELDING = "welding"
    HYDRAULICS = "hydraulics"  # and pneumatics
    PIPING = "piping"  # media, gases, vacuum
    RIGGING = "rigging"  # hoisting and moving heavy machines
    CLEANROOM = "cleanroom"
    COMMISSIONING = "commissioning"


class Language(StrEnum):
    CHINESE = "zh"
    ENGLISH = "en"
    GERMAN = "de"
    JAPANESE = "ja"
    KOREAN = "ko"
    ITALIAN = "it"
    FRENCH = "fr"
    RUSSIAN = "ru"


class Industry(StrEnum):
    LASER = "laser"
    ROBOTICS = "robotics"
    VEHICLES = "vehicles"
    BIOTECH = "biotech"
    CHIPS = "chips"
    OPTICS = "optics"
    SOFTWARE = "software"
    MATERIALS = "materials"
    MEDICAL = "medical"
    MACHINERY = "machinery"
    FINANCE = "finance"
    SERVICES = "services"
    RESEARCH = "research"
    OTHER = "other"


class Headcount(StrEnum):
    """People, in the classes of China's statistics."""

    MICRO = "micro"  # below 20
    SMALL = "small"  # 20 to 299
    MEDIUM = "medium"  # 300 to 999
    LARGE = "large"  # 1,000 and more


class ContactRole(StrEnum):
    GENERAL = "general"
    TECHNICAL = "technical"
    LOGISTICS = "logistics"
    SAFETY = "safety"
    FINANCE = "finance"
    PERSONNEL = "personnel"


class CrewStatus(StrEnum):
    """As its installer says it is now; busy dates stand in the calendar."""

    AVAILABLE = "available"
    LIMITED = "limited"  # for small or urgent work only
    WORKING = "working"
    OFF = "off"
