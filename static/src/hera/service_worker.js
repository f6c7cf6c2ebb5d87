/* HERA without a connection: a form to write a petition, which is filed when the connection is back. Nothing that the
   server knows of a client is ever kept: the form as anybody gets it, its styles and scripts, the icon, and nothing else. */
const CACHE = "hera-2";
const OFFLINE = "/my/pqrs/offline";
const ICON = "/sig_pqrs/static/src/img/hera-192.png";
const DAY = 24 * 3600 * 1000;

/** Keep the page and what it needs to be read. */
async function keep() {
    const page = await fetch(OFFLINE, {cache: "no-store"});
    if (page.status === 404) {
        await caches.delete(CACHE); // the company receives none any more
    }
    if (!page.ok) {
        return;
    }
    const needed = [
        ...(await page.clone().text()).matchAll(
            /(?:href|src)="(\/(?:web\/assets|sig_pqrs\/static)\/[^"]+\.(?:css|js|svg|png))"/g
        ),
    ];
    const kept = new Set([ICON, ...needed.map(([, address]) => address.replace(/&amp;/g, "&"))]);
    const cache = await caches.open(CACHE);
    await cache.addAll([...kept]);
    // Anew: browsers show no page that came by a redirect, as to another language of the website.
    await cache.put(OFFLINE, new Response(page.body, page));
    for (const request of await cache.keys()) {
        const {pathname, search} = new URL(request.url);
        if (pathname !== OFFLINE && !kept.has(pathname + search)) {
            await cache.delete(request);
        }
    }
}

async function keepOncePerDay() {
    const page = await caches.match(OFFLINE);
    if (!page || Date.now() - Date.parse(page.headers.get("Date")) > DAY) {
        await keep().catch(() => undefined);
    }
}

self.addEventListener("install", (event) => {
    event.waitUntil(keep());
    self.skipWaiting();
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        caches
            .keys()
            .then((names) =>
                Promise.all(
                    names
                        .filter((name) => name.startsWith("hera-") && name !== CACHE)
                        .map((name) => caches.delete(name))
                )
            )
    );
    self.clients.claim();
});

self.addEventListener("fetch", (event) => {
    const {request} = event;
    const {origin, pathname} = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) {
        return;
    }
    if (request.mode === "navigate") {
        event.waitUntil(keepOncePerDay());
        event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
    } else if (pathname.startsWith("/web/assets/") || pathname.startsWith("/sig_pqrs/static/")) {
        event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
    }
});

/** The browser tries again what fails. */
async function sync() {
    const {again} = await self.sig.outbox.flush();
    if (again) {
        throw new Error("Some petitions could not be filed yet");
    }
}

self.addEventListener("sync", (event) => {
    if (event.tag === "sig_outbox") {
        event.waitUntil(sync());
    }
});
