/* HERA without a connection says so. Nothing of a client is ever kept: one page and the icon, and nothing else. */
const CACHE = "hera-1";
const OFFLINE = "/my/pqrs/offline";
const KEPT = [OFFLINE, "/sig_pqrs/static/src/img/hera-192.png"];

self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)));
    self.skipWaiting();
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("hera-") && name !== CACHE).map((name) => caches.delete(name))))
    );
    self.clients.claim();
});

self.addEventListener("fetch", (event) => {
    if (event.request.mode === "navigate" && event.request.method === "GET") {
        event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
    }
});
