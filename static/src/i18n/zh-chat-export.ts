import type { Words } from "./catalogue";
import type { chatExport as english } from "./en-chat-export";

export const chatExport: Words<typeof english> = {
  time: "时间",
  name: "姓名",
  message: "内容",
  deleted: "（已删除）",
  unreadable: "（端到端加密，发送时您尚未入会）",
  file: (p) => `［文件］${p.name}`,
};
