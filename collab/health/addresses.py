"""Chinese addresses as people write them, taken apart so that two of them can be compared.  Pure.

`normal` brings one spelling about: half width, simplified characters, numerals as digits before the words that count
(三号楼, 二〇一室), one word for each thing (幢, 座, 号楼 are 栋).  `parse` cuts that into segments from the province
to the room.  `match` asks whether a declared address lies in a place, as far down as the place itself is named: a
district, a street, a community, a building.

An address is a sentence without a grammar, so `match` errs to one side: what one of both leaves out above the word
that decides is let pass, and `sure` says whether city or district stood in both.  A person looks at each match.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

ADDRESS_MAX_CHARS: Final = 400  # more of one is not read
CACHED_ADDRESSES: Final = 16_384  # of the same park, written again every day


class Level(IntEnum):
    """From wide to narrow."""

    PROVINCE = 1  # 省
    CITY = 2  # 市
    DISTRICT = 3  # 区 县
    STREET = 4  # 街道 镇 乡
    NEIGHBOURHOOD = 5  # 社区 村
    ROAD = 6  # 路 街 大道 巷
    LANE = 7  # 弄
    NUMBER = 8  # 号
    ESTATE = 9  # 小区 花园, or any name of a place
    BUILDING = 10  # 栋
    UNIT = 11  # 单元
    ROOM = 12  # 室


ADMINISTRATIVE: Final = (Level.PROVINCE, Level.CITY, Level.DISTRICT)
NAMED: Final = (*ADMINISTRATIVE, Level.STREET, Level.NEIGHBOURHOOD, Level.ROAD, Level.ESTATE)
INSIDE: Final = (Level.BUILDING, Level.UNIT, Level.ROOM)


class Address(Struct, frozen=True):
    text: str  # normal
    segments: tuple[tuple[Level, str], ...]  # from wide to narrow, each level once at most

    def at(self, level: Level) -> str:
        return next((name for one, name in self.segments if one is level), "")

    @property
    def deepest(self) -> Level | None:
        return self.segments[-1][0] if self.segments else None


class AddressMatch(Struct, frozen=True):
    words: tuple[str, ...]  # of the declared address that matched, from wide to narrow
    sure: bool  # city or district stood in both, or the place names neither


# ------------------------------------------------------------ one spelling

_SIMPLIFIED: Final = str.maketrans(
    "號樓區縣鄉鎮單棟東廣場園灣漢陽門戶層務處橋龍華營雲蘇寧遼貴慶開發蓮興軟業際樣觀環島嶺",
    "号楼区县乡镇单栋东广场园湾汉阳门户层务处桥龙华营云苏宁辽贵庆开发莲兴软业际样观环岛岭",
)
_NOISE: Final = re.compile(r"[\s,，。、;；:：·•'\"“”‘’()（）\[\]【】<>《》|/\\_~～*.]+")
_DIGITS: Final = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5} | {
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TENS: Final = {"十": 10, "百": 100, "千": 1_000}
_NUMERAL: Final = re.compile(
    r"[〇零○一二两三四五六七八九十百千]{1,8}(?=号|弄|栋|幢|座|单元|室|房(?!产)|层|楼|门(?!诊)|期|组|巷|路|街|村|区|户|#|-|$)"
)
_BUILDING_WORDS: Final = re.compile(r"(?<=[\da-z甲乙丙丁])(?:号楼|号栋|号幢|幢|座|#楼?|楼栋)")
_SHORT: Final = (  # 3-2-501, 12-1801
    (re.compile(r"([a-z]?\d+)(?:栋)?-(\d+)-(\d{2,4})室?$"), r"\1栋\2单元\3室"),
    (re.compile(r"([a-z]?\d+|(?<![a-z])[a-z])(?:栋)?-(\d{3,4})室?$"), r"\1栋\2室"),
)
_ROOM_WORDS: Final = re.compile(r"(?<=\d)(?:号房间?|房间|房(?!产)|户)")
_UNIT_WORDS: Final = re.compile(r"(?<=\d)门(?!诊|店|市)")
_ZEROES: Final = re.compile(r"(?<![\d])0+(?=\d)")


def normal(text: str) -> str:
    """At most ADDRESS_MAX_CHARS are read; up to that, what is normal stays as it is."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[:ADDRESS_MAX_CHARS]).lower())
    text = text[:ADDRESS_MAX_CHARS]
    text = _NOISE.sub("", re.sub(r"[‐‑‒–—―−－]+", "-", text.translate(_SIMPLIFIED)))
    text = _ZEROES.sub("", _NUMERAL.sub(lambda found: _number(found[0]), text))
    text = _BUILDING_WORDS.sub("栋", text)
    text = _UNIT_WORDS.sub("单元", _ROOM_WORDS.sub("室", text))
    for written, told in _SHORT:
        text = written.sub(told, text)
    return _LAST_DIGITS.sub("室", text)


def _number(numeral: str) -> str:
    """二〇一 -> 201, 十二 -> 12, 一百零三 -> 103.  What is no number, and names like 五一路, stay as they are."""
    if all(one in _DIGITS for one in numeral):
        spoken = len(numeral) == 1 or "〇" in numeral or "零" in numeral or "○" in numeral or len(numeral) > 2
        return "".join(str(_DIGITS[one]) for one in numeral) if spoken else numeral
    total, digit = 0, 0
    for one in numeral:
        if one in _TENS:
            total += (digit or (0 if total else 1) or 1) * _TENS[one]
            digit = 0
        else:
            digit = _DIGITS[one]
    return str(total + digit)


# ------------------------------------------------------------ segments

_PROVINCES: Final = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|"
    "四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_MUNICIPALITIES: Final = ("北京", "天津", "上海", "重庆")
# Cities that people write without 市 before the district.
_CITIES: Final = (
    "武汉|石家庄|太原|呼和浩特|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|常州|杭州|宁波|温州|合肥|福州|厦门|南昌|济南|青岛|郑州|"
    "洛阳|长沙|广州|深圳|东莞|佛山|珠海|南宁|海口|成都|贵阳|昆明|拉萨|西安|兰州|西宁|银川|乌鲁木齐|黄石|宜昌|襄阳|鄂州|"
    "荆州|荆门|孝感|黄冈|咸宁|随州|十堰|恩施|仙桃|潜江|天门"
)
_PROVINCE: Final = re.compile(
    rf"({_PROVINCES})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?(?!路|街|大道|道|巷)"
)
_CITY: Final = re.compile(
    rf"(?:({_CITIES})市?(?!路|街|大道|巷)|([^省市区县路街镇乡号弄村\d]{{2,8}}?)(?:市(?!场|民|政|委)|地区|自治州|盟))"
)
_DISTRICT: Final = re.compile(
    r"([^路街镇乡号弄村县旗\d]{1,9}?)(新区|工业园区|开发区|高新区|(?<![小社园校厂院景片住])区|县|旗|市(?!场|民|政|委))"
)
_STREET: Final = re.compile(r"([^路号弄村区\d]{1,8}?)(?:街道办事处|街道办|街道|地区办事处|镇(?!路|街)|乡(?!路|街))")
_NEIGHBOURHOOD: Final = re.compile(
    r"([^路号弄区]{1,10}?)(?:社区(?:居委会)?|居委会|居民委员会|村委会|(?<!新)村(?![路街大东西南北]))"
)
_ROAD: Final = re.compile(r"([^号弄栋]{1,14}?(?:大道|大街|路|街(?!道|坊)|巷|胡同))(?:[东西南北中]?段)?")
_LANE: Final = re.compile(r"(\d+)弄")
_NUMBER: Final = re.compile(r"([a-z]?\d+[a-z]?)(?:-\d+|[之附]\d+)?号(?!楼|线)(?:院|附\d+号?)?")
_BUILDING: Final = re.compile(r"([a-z]?\d+[a-z]?|[a-z]|[甲乙丙丁东西南北])栋")
_UNIT: Final = re.compile(r"(\d+|[a-z甲乙丙丁])单元")
_ROOM: Final = re.compile(r"([a-z]?\d+[a-z]?)室")
_LAST_DIGITS: Final = re.compile(r"(?<=[栋元]\d{3})$|(?<=[栋元]\d{4})$")
_FLOOR: Final = re.compile(r"(?:负|地下|b)?\d+(?:层|楼)")
_AROUND: Final = re.compile(r"(?:附近|旁边|对面|门口|旁|内|里)+$")
_ESTATE_WORDS: Final = re.compile(r"(?:住宅)?小区$")


@lru_cache(maxsize=CACHED_ADDRESSES)
def parse(text: str) -> Address:
    """Never fails: what is not understood stands in `text`, and in ESTATE what is left over as a name."""
    whole = rest = normal(text)
    found: dict[Level, str] = {}
    rest = _administrative(rest, found)
    for level, pattern in ((Level.STREET, _STREET), (Level.NEIGHBOURHOOD, _NEIGHBOURHOOD)):
        if seen := pattern.match(rest):
            found[level], rest = seen[1], rest[seen.end() :]
    inside = (
        (Level.BUILDING, _BUILDING),
        (Level.UNIT, _UNIT),
        (Level.ROOM, _ROOM),
        (Level.LANE, _LANE),
        (Level.NUMBER, _NUMBER),
    )
    cut = rest
    for level, pattern in inside:
        if seen := pattern.search(cut):
            found[level] = seen[1]
            cut = cut[: seen.start()] + "|" + cut[seen.end() :]
    cut = _FLOOR.sub("|", cut)
    if seen := _ROAD.match(cut.lstrip("|")):
        found[Level.ROAD], cut = seen[1], cut.lstrip("|")[seen.end() :]
    name = max((_AROUND.sub("", part) for part in cut.split("|")), key=len, default="")
    name = _ESTATE_WORDS.sub("", name) or name
    if len(name) >= 2:
        found[Level.ESTATE] = name
    return Address(whole, tuple(sorted(found.items())))


def _administrative(rest: str, found: dict[Level, str]) -> str:
    if seen := _PROVINCE.match(rest):
        found[Level.PROVINCE], rest = seen[1], rest[seen.end() :]
        if seen[1] in _MUNICIPALITIES:
            found[Level.CITY] = seen[1]
            rest = re.sub(rf"^(?:{seen[1]}市?|市辖区)+", "", rest)
    if Level.CITY not in found and (seen := _CITY.match(rest)):
        found[Level.CITY], rest = seen[1] or seen[2], rest[seen.end() :]
    if seen := _DISTRICT.match(rest):
        found[Level.DISTRICT], rest = seen[1] if len(seen[1]) > 1 else seen[0], rest[seen.end() :]
    return rest


# ------------------------------------------------------------ comparing


def match(place: Address, declared: Address) -> AddressMatch | None:
    """Whether `declared` lies in `place`; None when it does not, or when nothing that decides stands in both."""
    deepest = place.deepest
    if deepest is None:
        return None
    agreed: dict[Level, str] = {}
    for level, name in place.segments:
        theirs = declared.at(level)
        if theirs and _agree(level, name, theirs):
            agreed[level] = theirs
        elif level in NAMED and level not in ADMINISTRATIVE and len(name) > 1 and name in declared.text:
            agreed[level] = name  # cut elsewhere, or without its word: 光谷软件园 before the road
        elif theirs or level is deepest:
            return None
    if deepest not in ADMINISTRATIVE and not _anchored(place, deepest, agreed):
        return None
    wide = [level for level in (Level.CITY, Level.DISTRICT) if place.at(level)]
    sure = not wide or any(level in agreed for level in wide)
    return AddressMatch(tuple(agreed[level] for level in sorted(agreed)), sure)


def _anchored(place: Address, deepest: Level, agreed: dict[Level, str]) -> bool:
    """A number alone is no place: the road that it counts on, or the estate around the building, must agree too."""
    if deepest in (Level.LANE, Level.NUMBER):
        above = [level for level in (Level.ROAD, Level.NEIGHBOURHOOD, Level.STREET) if place.at(level)]
        return (above[0] if above else deepest) in agreed
    if deepest not in INSIDE:
        return True
    if any(place.at(level) and level not in agreed for level in INSIDE if level < deepest):
        return False
    counted = [level for level in (Level.LANE, Level.NUMBER) if level in agreed]
    return Level.ESTATE in agreed or Level.NEIGHBOURHOOD in agreed or (Level.ROAD in agreed and bool(counted))


def _agree(level: Level, name: str, theirs: str) -> bool:
    """Names may carry something before them that the other leaves out: 东湖新技术开发 and 武汉东湖新技术开发."""
    if name == theirs:
        return True
    if level not in NAMED or min(len(name), len(theirs)) < 2:
        return False
    if level is Level.ESTATE:
        return name in theirs
    return theirs.endswith(name) or (level in ADMINISTRATIVE and name.endswith(theirs))
