import type { Words } from "./catalogue";
import type { rail as english } from "./en-rail";

export const rail: Words<typeof english> = {
  label: "主导航",
  more: "更多",
  entries: {
    home: "今天",
    meetings: "会议",
    calendar: "日程",
    requests: "事项",
    announcements: "通知公告",
    livestreams: "直播",
    recordings: "录制",
    assistance: "远程协助",
    directory: "企业名录",
    needs: "安装需求",
    policies: "政策",
    symposiums: "恳谈会",
    officers: "服务专员",
    patrols: "抽查",
    health: "健康防护",
    administration: "系统管理",
  },
};
