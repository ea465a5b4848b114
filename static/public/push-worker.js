// Shows pushes and leads to where one acts (collab/notices/push.py says what is in them). It answers no requests.
self.addEventListener("push", (event) => {
  let shown;
  try {
    shown = event.data.json();
  } catch {
    return;
  }
  event.waitUntil(
    self.registration.showNotification(String(shown.title), {
      body: String(shown.text ?? ""),
      icon: "/favicon.svg",
      tag: String(shown.id),
      requireInteraction: shown.urgent === true,
      data: { path: String(shown.path) },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.path ?? "/inbox", self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
      const open = pages.find((page) => new URL(page.url).pathname === url.pathname);
      return open ? open.focus() : self.clients.openWindow(url.href);
    }),
  );
});
