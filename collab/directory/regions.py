"""Where companies and crews are: the provinces of China by the codes of ISO 3166-2:CN, and how far they are apart.

A province is taken to be at its seat of government: good enough to rank by, and nobody has to enter coordinates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

EARTH_KM: Final = 6_371.0
ABROAD: Final = "XX"  # anywhere else: at no known distance


class Region(Struct, frozen=True):
    zh: str
    en: str
    latitude: float
    longitude: float


REGIONS: Final[Mapping[str, Region]] = {
    "AH": Region("安徽", "Anhui", 31.8, 117.2),
    "BJ": Region("北京", "Beijing", 39.9, 116.4),
    "CQ": Region("重庆", "Chongqing", 29.6, 106.5),
    "FJ": Region("福建", "Fujian", 26.1, 119.3),
    "GD": Region("广东", "Guangdong", 23.1, 113.3),
    "GS": Region("甘肃", "Gansu", 36.1, 103.8),
    "GX": Region("广西", "Guangxi", 22.8, 108.4),
    "GZ": Region("贵州", "Guizhou", 26.6, 106.7),
    "HA": Region("河南", "Henan", 34.8, 113.7),
    "HB": Region("湖北", "Hubei", 30.6, 114.3),
    "HE": Region("河北", "Hebei", 38.0, 114.5),
    "HI": Region("海南", "Hainan", 20.0, 110.3),
    "HK": Region("香港", "Hong Kong", 22.3, 114.2),
    "HL": Region("黑龙江", "Heilongjiang", 45.8, 126.6),
    "HN": Region("湖南", "Hunan", 28.2, 113.0),
    "JL": Region("吉林", "Jilin", 43.9, 125.3),
    "JS": Region("江苏", "Jiangsu", 32.1, 118.8),
    "JX": Region("江西", "Jiangxi", 28.7, 115.9),
    "LN": Region("辽宁", "Liaoning", 41.8, 123.4),
    "MO": Region("澳门", "Macao", 22.2, 113.5),
    "NM": Region("内蒙古", "Inner Mongolia", 40.8, 111.7),
    "NX": Region("宁夏", "Ningxia", 38.5, 106.3),
    "QH": Region("青海", "Qinghai", 36.6, 101.8),
    "SC": Region("四川", "Sichuan", 30.7, 104.1),
    "SD": Region("山东", "Shandong", 36.7, 117.0),
    "SH": Region("上海", "Shanghai", 31.2, 121.5),
    "SN": Region("陕西", "Shaanxi", 34.3, 108.9),
    "SX": Region("山西", "Shanxi", 37.9, 112.6),
    "TJ": Region("天津", "Tianjin", 39.1, 117.2),
    "TW": Region("台湾", "Taiwan", 25.0, 121.6),
    "XJ": Region("新疆", "Xinjiang", 43.8, 87.6),
    "XZ": Region("西藏", "Tibet", 29.7, 91.1),
    "YN": Region("云南", "Yunnan", 25.0, 102.7),
    "ZJ": Region("浙江", "Zhejiang", 30.3, 120.2),
}


def is_region(code: str) -> bool:
    return code in REGIONS or code == ABROAD


def distance_km(one: str, other: str) -> int | None:
    """Along a great circle; None where either is not known or abroad."""
    if one == other and one in REGIONS:
        return 0
    here, there = REGIONS.get(one), REGIONS.get(other)
    if here is None or there is None:
        return None
    a, b = math.radians(here.latitude), math.radians(there.latitude)
    across = math.radians(there.longitude - here.longitude)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return round(2 * EARTH_KM * math.asin(math.sqrt(half)))
