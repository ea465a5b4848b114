import type { Words } from "./catalogue";
import type { roomFiles as english } from "./en-room-files";

export const roomFiles: Words<typeof english> = {
  chat: {
    save: "保存聊天记录",
    text: "保存为文本",
    table: "保存为表格（CSV）",
    failed: "较早的消息未能全部载入，请稍后再次保存。",
  },
  add: "共享文件",
  kinds: "PDF、JPEG 或 PNG，不超过 30 MB",
  drop: "拖放到这里，共享给所有人",
  sending: (p) => `${p.name}：已发送 ${p.percent}%`,
  waiting: (p) => `${p.name}：等待中`,
  cancel: (p) => `取消共享 ${p.name}`,
  retry: (p) => `重新共享 ${p.name}`,
  dismiss: (p) => `从列表中移除 ${p.name}`,
  save: "保存",
  gone: "此文件已无法打开。",
  encrypted: "本会议端到端加密，不能共享文件：文件须经服务器保存，服务器会看到内容。",
  nobody: "主持人已关闭文件共享。",
  members: "本会议仅限已登录的人共享文件。",
  sharing: "谁可以共享文件",
  choices: {
    everyone: "所有人",
    members: "已登录的人",
    nobody: "任何人都不可以",
  },
};
