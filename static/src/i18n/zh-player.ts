import type { Words } from "./catalogue";
import type { player as english } from "./en-player";

export const player: Words<typeof english> = {
  stream: "直播",
  connecting: "正在连接",
  stalled: "画面停住了，正在换一种方式接收",
  failed: "暂时无法收看，正在重试",
  behind: (p) => `延迟 ${p.seconds} 秒`,
  whep: "直连",
  hls: "转发",
  unmute: "打开声音",
  mute: "关闭声音",
  volume: "音量",
  captions: "字幕",
  fullscreen: "全屏",
  leaveFullscreen: "退出全屏",
  noPicture: "目前只有声音",
  waiting: "台上还没有人",
};
