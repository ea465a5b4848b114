import type { Words } from "./catalogue";
import type { hours as english } from "./en-hours";

export const hours: Words<typeof english> = {
  title: "工作时间",
  text: "事项的时限按此计算。已确定的到期时间不变。",
  zone: "时区",
  days: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
  dayHint: "如 09:00-12:00, 13:30-18:00；留空为休息日。",
  holidays: "节假日",
  holidaysHint: "每行一天：2027-01-01 元旦",
  extra: "调休上班日",
  extraHint: "每行一天：2027-01-09 09:00-18:00",
  fault: "无法识别",
  zoneFault: "没有这个时区",
  changed: "工作时间刚被他人修改，请重新打开。",
  feed: "在其他程序中查看日程",
  feedText: "把地址添加到手机或邮件程序，即可查看您的会议。拿到地址的人都能看到您的日程，请勿外传。",
  feedMade: (p) => `已于 ${p.when} 生成地址，不再显示。`,
  feedNone: "还没有生成地址。",
  feedNew: "生成地址",
  feedAgain: "重新生成地址",
  feedAgainText: "原地址将立即失效，正在使用它的程序需要换成新地址。",
  feedOff: "停用",
  feedOffText: "使用该地址的程序将不再显示您的会议。",
  feedOnce: "请立即复制，地址只显示这一次。",
  feedUrl: "您的日程地址",
};
