"""The report's own words in both languages.  What people wrote stays as they wrote it."""

from __future__ import annotations

from msgspec import Struct


class Words(Struct, frozen=True):
    report: str
    number: str
    machine: str
    make: str
    model: str
    serial: str
    site: str
    enterprise: str
    installer: str
    made: str
    visits: str
    began: str
    ended: str
    people: str
    steps: str
    step: str
    result: str
    value: str
    expected: str
    note: str
    pictures: str
    open_items: str
    owner: str
    due: str
    none_open: str
    signatures: str
    not_signed: str
    record: str
    record_about: str
    picture_hash: str
    chain_end: str
    within: str
    outside: str
    page: str
    parts: dict[str, str]
    results: dict[str, str]


ENGLISH = Words(
    report="Installation report",
    number="Report",
    machine="Machine",
    make="Make",
    model="Model",
    serial="Serial number",
    site="Site",
    enterprise="Enterprise",
    installer="Installer",
    made="Made",
    visits="Sessions",
    began="Began",
    ended="Ended",
    people="People",
    steps="Work done",
    step="Step",
    result="Result",
    value="Value",
    expected="Expected",
    note="Note",
    pictures="Pictures",
    open_items="Open items",
    owner="Owner",
    due="Due",
    none_open="Nothing was left open.",
    signatures="Sign-off",
    not_signed="Not signed off yet.",
    record="Record",
    record_about="Every fact of this report is chained by SHA-256, and the file is sealed: a changed byte shows. "
    "`tongxin verify-report FILE` checks it.",
    picture_hash="SHA-256 of the stored picture",
    chain_end="End of the chain",
    within="within tolerance",
    outside="out of tolerance",
    page="Page",
    parts={"on_site": "On site", "expert": "Expert", "observer": "Observer"},
    results={"done": "Done", "failed": "Failed", "skipped": "Skipped", "open": "Open"},
)

CHINESE = Words(
    report="安装服务报告",
    number="报告编号",
    machine="设备",
    make="品牌",
    model="型号",
    serial="序列号",
    site="安装地点",
    enterprise="企业",
    installer="安装单位",
    made="生成时间",
    visits="协助记录",
    began="开始",
    ended="结束",
    people="参与人",
    steps="作业步骤",
    step="步骤",
    result="结果",
    value="实测值",
    expected="要求值",
    note="备注",
    pictures="现场照片",
    open_items="遗留事项",
    owner="负责人",
    due="期限",
    none_open="无遗留事项。",
    signatures="签字确认",
    not_signed="尚未签字确认。",
    record="存证",
    record_about="本报告的每项内容均以 SHA-256 逐项相链，文件带有数字封签，任何改动都会被发现。"
    "使用 tongxin verify-report 命令可以核验。",
    picture_hash="原始照片的 SHA-256",
    chain_end="链尾",
    within="合格",
    outside="超差",
    page="第",
    parts={"on_site": "现场", "expert": "专家", "observer": "旁观"},
    results={"done": "完成", "failed": "不合格", "skipped": "跳过", "open": "未做"},
)

WORDS = {"en": ENGLISH, "zh": CHINESE}
