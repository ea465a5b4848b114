import type { Words } from "./catalogue";
import type { recovery as english } from "./en-recovery";

export const recovery: Words<typeof english> = {
  way: "忘记密码？",
  again: "重新获取链接",
  title: "忘记密码",
  lead: "请输入登录用的邮箱，我们会发送一个用于设置新密码的链接，一小时内有效。",
  submit: "发送链接",
  sentTitle: "请查收邮件",
  sent: (p) =>
    `如果 ${p.email} 在这里有账号，链接已发往该邮箱。几分钟后仍未收到？请查看垃圾邮件，或联系管理员。`,
  back: "返回登录",
};
