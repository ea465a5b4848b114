import type { Words } from "./catalogue";
import type { callRecord as english } from "./en-call-record";

export const callRecord: Words<typeof english> = {
  title: "通话记录",
  none: "还没有相关通话",
  states: {
    ringing: "呼叫中",
    accepted: "已通话",
    declined: "已拒接",
    missed: "未接听",
    cancelled: "已取消",
  },
  between: ({ from, to }) => `${from} 呼叫 ${to}`,
  length: ({ minutes }) => `${minutes} 分钟`,
  people: ({ names }) => `参加：${names}`,
  recording: ({ length }) => `录制，${length}`,
  file: (p) => `${p.name}，${p.size}，${p.by} 共享`,
  fileGone: "此文件已无法打开。",
  chat: (p) => `聊天记录，${p.count} 条`,
  chatText: "保存为文本",
  chatTable: "保存为表格（CSV）",
  made: "录制，正在处理",
  note: "通话结果",
  writeNote: "记录通话结果",
  change: "修改",
  save: "保存",
  cancel: "取消",
  by: ({ name, when }) => `${name}，${when}`,
  stale: "其他人刚刚修改过，请查看后再保存。",
  failed: "未能保存。",
};
