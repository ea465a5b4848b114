import type { Words } from "./catalogue";
import type { encoders as english } from "./en-encoders";

export const encoders: Words<typeof english> = {
  title: "编码器推流",
  text: "OBS、硬件编码器或 FFmpeg 可以用推流密钥把画面送到舞台。它会以这里的名称出现在后台；由您请上台后，观众才能看到。",
  none: "还没有推流密钥",
  name: "在舞台上显示的名称",
  make: "生成推流密钥",
  states: { idle: "未推流", sending: "推流中", awaited: "连接中断，位置已保留" },
  secret: "推流密钥",
  onlyOnce: (p) => `“${p.name}”：请立即复制。密钥不会再次显示；得到它的人都可以向您的舞台推流。`,
  whip: "WHIP 地址（密钥作为 Bearer 令牌）",
  rtmp: "RTMP 服务器（密钥作为串流密钥）",
  srt: "SRT 地址（已包含专用口令）",
  done: "我已复制",
  renew: "更换密钥",
  renewAsk: (p) => `更换“${p.name}”的密钥？正在用旧密钥推流的连接会被断开。`,
  revoke: (p) => `停用${p.name}的密钥`,
  revokeAsk: (p) => `停用“${p.name}”的密钥？正在用它推流的连接会被断开。`,
  stream: (p) => `${[p.video, p.audio].filter(Boolean).join(" + ")}，${p.kbps} kbit/s`,
  encoded: "由服务器重新编码：在编码器中关闭 B 帧即可省去",
  jumps: (p) => `时钟跳变 ${p.count} 次`,
};
