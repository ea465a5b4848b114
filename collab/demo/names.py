"""Names of an invented park: companies, people, what they ask for.  Pure; the same chance gives the same names."""

from __future__ import annotations

from random import Random
from typing import Final

_FAMILY: Final = (
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"), ("黄", "Huang"),
    ("赵", "Zhao"), ("吴", "Wu"), ("周", "Zhou"), ("徐", "Xu"), ("孙", "Sun"), ("马", "Ma"), ("朱", "Zhu"),
    ("胡", "Hu"), ("郭", "Guo"), ("何", "He"), ("林", "Lin"), ("高", "Gao"), ("罗", "Luo"), ("郑", "Zheng"),
    ("梁", "Liang"), ("谢", "Xie"), ("宋", "Song"), ("唐", "Tang"), ("许", "Xu"), ("邓", "Deng"), ("冯", "Feng"),
)  # fmt: skip
_GIVEN: Final = (
    ("伟", "Wei"), ("芳", "Fang"), ("敏", "Min"), ("静", "Jing"), ("磊", "Lei"), ("洋", "Yang"), ("艳", "Yan"),
    ("勇", "Yong"), ("军", "Jun"), ("杰", "Jie"), ("娟", "Juan"), ("涛", "Tao"), ("明", "Ming"), ("超", "Chao"),
    ("霞", "Xia"), ("平", "Ping"), ("刚", "Gang"), ("桂兰", "Guilan"), ("建国", "Jianguo"), ("晓东", "Xiaodong"),
    ("雨桐", "Yutong"), ("子涵", "Zihan"), ("思远", "Siyuan"), ("欣怡", "Xinyi"), ("浩然", "Haoran"),
)  # fmt: skip
_FIRST: Final = (
    ("锐芒", "Ruimang"), ("启衡", "Qiheng"), ("云帆", "Yunfan"), ("晨星", "Chenxing"), ("远川", "Yuanchuan"),
    ("澄光", "Chengguang"), ("恒越", "Hengyue"), ("海拓", "Haituo"), ("新禾", "Xinhe"), ("博朗", "Bolang"),
    ("天枢", "Tianshu"), ("瑞安达", "Ruianda"), ("凌波", "Lingbo"), ("青榆", "Qingyu"), ("同创", "Tongchuang"),
    ("嘉木", "Jiamu"), ("星野", "Xingye"), ("宏图", "Hongtu"), ("北辰", "Beichen"), ("明德", "Mingde"),
)  # fmt: skip
_TRADES: Final = (
    ("激光", "Laser"), ("机器人", "Robotics"), ("新能源汽车", "EV"), ("生物", "Biotech"), ("微电子", "Chips"),
    ("光学", "Optics"), ("软件", "Software"), ("新材料", "Materials"), ("医疗器械", "Medical"), ("精密", "Precision"),
)  # fmt: skip

SUBJECTS: Final = {
    "return_to_work": ("激光车间恢复生产", "研发中心返岗", "Assembly line restarts", "行政人员返园"),
    "temporary_access": ("空调检修", "设备调试", "Server delivery", "客户参观", "取回实验样品"),
    "talent_application": ("高功率激光器带头人", "机器人视觉博士后", "Chip design lead", "电池工艺技师"),
    "subsidy_application": ("上半年房租补贴", "数控机床购置", "Loan interest", "防护物资采购"),
    "achievement_application": ("万瓦级光纤激光器", "协作机器人关节", "First domestic wafer stage", "快充电池包"),
    "remote_hands": ("请重启机房服务器", "代收快递", "Please start my server", "搬移示波器", "查看机柜指示灯"),
    "equipment_pass": ("五轴加工中心", "激光切割机", "Coating machine", "洁净工作台"),
    "visiting_team": ("焊接机器人安装", "涂布机调试", "Laser cutter commissioning", "产线搬迁"),
    "policy_question": ("租金减免到什么时候", "稳岗补贴条件", "How is the tax credit reckoned?", "技改贴息流程"),
    "symposium_issue": ("园区停车位不足", "物流车辆限行", "Shortage of technicians", "食堂用餐时段"),
}
PLACES_OF_TRIPS: Final = ("武汉", "上海", "苏州", "深圳", "Munich")
DETAILS: Final = (
    "已与物业沟通，请协助办理。",
    "详情见附件，如有疑问请电话联系。",
    "We have agreed on the time with the building's staff.",
    "人员均已完成检测。",
    "Please call before you come.",
)
# What stands in short fields and in columns, by their ids in the shipped types.
WORDS: Final = {
    "position": ("首席工程师", "研发总监", "Principal engineer"),
    "bank": ("江澜银行科技支行", "长汀湖银行园区支行"),
    "equipment": ("机柜 A-07 服务器", "示波器 MSO-4", "Server rack B-12"),
    "carrier": ("江汉联运物流", "Silver River Logistics"),
    "installer": ("铁衡设备安装", "精校机电安装", "Beiqiao Commissioning"),
    "machine": ("Hailun Optics HL-3015 光纤激光切割机", "Coatwell CW-800 涂布机", "Vega R-20 焊接机器人"),
    "policy": ("2026-05 设备购置补贴", "2026-04 青年人才安家补助"),
}
CELLS: Final = {
    "place": PLACES_OF_TRIPS,
    "from": PLACES_OF_TRIPS,
    "to": PLACES_OF_TRIPS,
    "transport": ("高铁 G1722", "自驾", "Flight", "地铁 2 号线"),
    "title": ("万瓦激光器研制", "省科技进步二等奖", "Paper on beam shaping"),
    "role": ("负责人", "主要完成人", "Second author"),
    "item": ("设备款", "检测费", "Materials"),
    "invoice": ("24420011", "24420527", "24421309"),
    "name": ("核酸检测", "示波器", "激光头", "Test bench", "电控柜"),
    "result": ("阴性", "合格", "Negative"),
    "number": ("ZL202610018822.5", "ZL202620447103.1"),
    "size": ("120×80×95 cm", "300×160×210 cm"),
}
PLACES: Final = (
    "光谷一路 18 号 B 栋 3 层",
    "高新大道 77 号",
    "未来三路 5 号 2 号厂房",
    "软件园东路 1 号 A5",
    "滨湖路 66 号",
)


def person(chance: Random) -> tuple[str, str]:
    """(the name as it is written, letters for an address)."""
    family, given = chance.choice(_FAMILY), chance.choice(_GIVEN)
    return family[0] + given[0], f"{given[1]}.{family[1]}".lower()


FOREIGN: Final = (("Anna Novak", "anna.novak"), ("Lukas Brandt", "lukas.brandt"), ("Sofia Marin", "sofia.marin"))

# (name in both languages, letters for addresses)
PARK: Final = ("光谷同心园 Tongxin Park", "tongxin-park")
BANKS_AND_FUND: Final = (
    ("江澜银行科技支行 Jianglan Bank", "jianglan-bank"),
    ("长汀湖银行园区支行 Changtinghu Bank", "changtinghu-bank"),
    ("澜湖创业投资 Lanhu Ventures", "lanhu-ventures"),
)
INSTALLERS: Final = (
    ("铁衡设备安装 Tieheng Rigging", "tieheng-rigging"),
    ("精校机电安装 Jingxiao Installation", "jingxiao-installation"),
    ("北桥自动化调试 Beiqiao Commissioning", "beiqiao-commissioning"),
)


def company(number: int, chance: Random) -> tuple[str, str]:
    """(its name in both languages, letters for addresses); `number` makes it the only one of that name.

    Those with low numbers are of all trades: twenty first names and ten trades meet once each.
    """
    first = _FIRST[number % len(_FIRST)]
    trade = _TRADES[(number + number // len(_FIRST)) % len(_TRADES)]
    kind = chance.choice(("科技", "股份", "装备", "技术"))
    return f"{first[0]}{trade[0]}{kind} {first[1]} {trade[1]}", f"{first[1]}-{trade[1]}".lower()
