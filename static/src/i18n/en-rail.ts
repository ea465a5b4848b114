/** The rail: the names of what exists, by the entry's id. */
export const rail = {
  label: "Main",
  more: "More",
  entries: {
    home: "Today",
    meetings: "Meetings",
    calendar: "Calendar",
    requests: "Requests",
    announcements: "Announcements",
    livestreams: "Livestreams",
    recordings: "Recordings",
    assistance: "Assistance",
    directory: "Companies",
    needs: "Needs",
    policies: "Policies",
    symposiums: "Symposiums",
    officers: "My companies",
    patrols: "Spot checks",
    health: "Health",
    administration: "Admin",
  },
};
