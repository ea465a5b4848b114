import type { Words } from "./catalogue";
import type { report as english } from "./en-report";

/** 协助会话的报告。 */
export const report: Words<typeof english> = {
  title: "报告",
  ended: "协助已结束",
  endedText: "本次协助的内容见报告。",
  left: "您已离开协助",
  leftText: "协助仍在进行，您可以随时回来。",
  toDesk: "远程协助",
  empty: "还没有报告",
  emptyText: "报告收录目前的全部记录：步骤、实测值、带标注的照片和签字。",
  emptyWatching: "现场人员或专家可以生成报告，报告会显示在这里。",
  make: "生成报告",
  again: "重新生成报告",
  language: "报告语言",
  languages: { zh: "中文", en: "英文" },
  making: "正在生成报告，需要几秒钟。",
  of: ({ name, when }) => `${name}，${when}`,
  pdf: "PDF 文件",
  html: "网页文件",
  save: ({ number, kind }) => `保存 ${kind} ${number}`,
  seal: "防篡改校验",
  chain: "校验链尾",
  verify:
    "每张照片、每个数值都与前一项相链接。在服务器上运行 “tongxin verify-report 文件名” 即可查验文件是否被改动；未改动的文件，链尾与此值一致。",
  failed: "无法加载报告",
  notMade: "报告没有生成",
  tooMany: "本次协助的报告数量已达上限。",
};
