import type { Words } from "./catalogue";
import type { calls as english } from "./en-calls";

export const calls: Words<typeof english> = {
  call: "立即呼叫",
  callName: ({ name }) => `立即呼叫 ${name}`,
  rings: ({ name }) => `${name} 来电`,
  about: ({ about }) => `事由：${about}`,
  accept: "接听",
  leaveAndAccept: "离开并接听",
  decline: "拒绝",
  see: "查看相关内容",
  calling: ({ name }) => `正在呼叫 ${name}`,
  callingText: "对方打开的所有页面都在响铃，接听后会议室随即打开。",
  hangUp: "挂断",
  over: {
    accepted: "已在您的另一个页面接听",
    declined: ({ name }) => `${name} 暂时无法接听`,
    missed: ({ name }) => `${name} 无人接听，对方会看到您的未接来电。`,
  },
  callPeople: "呼叫",
  contacts: "呼叫联系人",
  someone: "呼叫",
  find: "姓名或单位",
  findExample: "搜索同事和园区工作人员",
  nobody: "没有可以呼叫的人叫这个名字。",
  notFound: "列表未能载入。",
  busy: "对方或您正有另一个来电，请稍后再试。",
  failed: "呼叫未能接通。",
  again: "再次呼叫",
  close: "关闭",
};
