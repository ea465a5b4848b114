import type { Words } from "./catalogue";
import type { restreams as english } from "./en-restreams";

export const restreams: Words<typeof english> = {
  title: "转播到其他平台",
  text: "直播期间，画面会同时以 RTMP 发送到这些平台。密钥加密保存，不再显示。",
  none: "还没有添加平台",
  name: "名称",
  url: "服务器地址",
  urlHint: "rtmps://live.example.com/app",
  key: "推流密钥",
  add: "添加平台",
  badUrl: "请使用 rtmps://live.example.com/app 这样的地址，且不能指向内部网络。",
  on: (p) => `发送到${p.name}`,
  states: { idle: "等待开播", connecting: "正在连接", sending: "转播中", retrying: "正在重试" },
  off: "已关闭",
  causes: {
    unreachable: "无法连接",
    refused: "被平台拒绝，请检查密钥",
    lost: "连接中断",
    slow: "平台接收过慢",
    address: "地址指向内部网络，不被允许",
    media: "无法读取直播流",
    fault: "服务器故障，请重新添加",
  },
  remove: (p) => `移除${p.name}`,
  removeAsk: (p) => `不再发送到“${p.name}”，并删除其密钥？`,
};
