import type { Words } from "./catalogue";
import type { oidc as english } from "./en-oidc";

export const oidc: Words<typeof english> = {
  signIn: (p) => `使用${p.name}登录`,
  link: (p) => `将账号与${p.name}关联`,
  linkText: (p) => `您当前以${p.account}的身份登录。关联后，可通过${p.name}登录此账号。`,
  linked: (p) => `可通过${p.name}登录此账号（${p.account}）。`,
  unlink: "解除关联",
  noPassword: "此账号没有密码，解除关联后将无法登录。请先向管理员索取设置密码的链接。",
  shared: "如与他人共用此电脑，请同时",
  leave: (p) => `退出${p.name}`,
  away: "无法连接登录服务。请稍后重试，或使用密码登录。",
  faults: {
    expired: "登录用时过长，或是在其他浏览器、标签页中开始的。请在此处重新开始，并允许使用 Cookie。",
    declined: "登录服务未予通过，或您已取消。请重试，或联系登录服务的管理方。",
    provider_away: "登录服务没有响应。请稍后重试，或使用密码登录。",
    provider_refused: "登录服务的答复未能通过校验。请重试；如再次出现，请将时间告知管理员。",
    mail_unverified: "登录服务尚未验证您的邮箱。请先在该服务中完成验证，再重新登录。",
    no_account: "此处没有您的账号，或账号已停用。请联系管理员获取邀请。",
    account_exists: "已有使用您邮箱的账号。请用其密码登录，然后在账号设置中进行关联。",
    linked_elsewhere: "该账号或您在登录服务中的身份已与其他对象关联。请联系管理员。",
    busy: "服务器繁忙，请稍后重试。",
  },
};
