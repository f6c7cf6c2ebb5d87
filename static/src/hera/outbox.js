/** @odoo-module ignore **/
// Petitions that were written in HERA without a network. They wait on the phone of their author, and are filed once by
// a page of HERA or by its service worker. `problem` says why one waits for its author: "opened" to be changed,
// "refused" by the server, its session "ended", or the company "closed": it receives none any more.
var sig = (self.sig = self.sig || {}); // eslint-disable-line no-var
{
    const FORM = "/my/pqrs/new";
    const STORE = "outbox";
    const others = self.BroadcastChannel && new BroadcastChannel("sig_outbox"); // other pages, and the service worker

    function ask(mode, act) {
        return new Promise((resolve, reject) => {
            const opening = indexedDB.open("sig_pqrs", 1);
            opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, {keyPath: "id"});
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = () => {
                const database = opening.result;
                const transaction = database.transaction(STORE, mode);
                const request = act(transaction.objectStore(STORE));
                transaction.oncomplete = () => resolve(request.result);
                transaction.onabort = () => reject(transaction.error);
                database.close(); // once the transaction is over
            };
        });
    }

    const read = (pattern, text) => (pattern.exec(text) || [])[1] || "";
    const lock = (name, act) => (navigator.locks ? navigator.locks.request(name, act) : act());
    /** Nobody files a petition while it is changed or deleted, or the other way round. */
    const alone = (id, act) => lock(`sig_outbox/${id}`, act);
    const change = (act) => ask("readwrite", act).then(() => self.dispatchEvent(new Event("sig:outbox")));
    const get = (id) => ask("readonly", (store) => store.get(id));
    const write = (entry) => change((store) => store.put(entry)).then(() => get(entry.id));
    const drop = (id) => change((store) => store.delete(id));

    const outbox = (sig.outbox = {
        /** Keep a petition, or what its author changes of it; nothing when that was filed or deleted meanwhile. */
        put: (changed, isNew) =>
            alone(changed.id, async () => {
                const entry = isNew ? {} : await get(changed.id);
                return entry && write({...entry, ...changed});
            }),
        get,
        list: () => ask("readonly", (store) => store.getAll()),
        /** Nothing to delete when it was filed meanwhile. */
        remove: (id) => alone(id, async () => (await get(id)) && drop(id)),
        /** Whether one of them is on its way just now: it may take minutes. */
        isBusy: async (ids) => {
            const {held} = (await navigator.locks?.query()) || {held: []};
            return held.some(({name}) => ids.some((id) => name === `sig_outbox/${id}`));
        },
        /** Whose session it is now, and its token, which a page that the phone kept does not have. */
        readSession: async () => {
            const answer = await fetch(FORM, {cache: "no-store", signal: AbortSignal.timeout?.(60000)});
            if (answer.status === 404) {
                return {isClosed: true};
            }
            if (!answer.ok) {
                throw new Error(answer.statusText);
            }
            const page = await answer.text();
            if (!page.includes("csrf_token")) {
                throw new Error("Not a page of ours"); // of a proxy, or of maintenance
            }
            return {owner: read(/data-owner="(\w+)"/, page), token: read(/name="csrf_token" value="([^"]+)"/, page)};
        },
        /** Post a petition, here alone, told what is kept of it; what the server took is kept no longer. */
        send: (id, post) => lock("sig_outbox", () => alone(id, () => send(id, post))),
        /** File what waits, here alone: the numbers of what was filed, and whether to try again later. */
        flush: () => lock("sig_outbox", flush),
        /** Hear the numbers of what another page or the service worker filed. */
        onFiled: (tell) => others?.addEventListener("message", ({data}) => tell(data)),
        /** Let the service worker file it when there is a network, also when no page is open. */
        requestSync: () =>
            navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("sig_outbox")).catch(() => undefined),
    });

    async function send(id, post) {
        const request = await post(id ? await get(id) : {});
        if (id && request?.response?.querySelector('[data-done="new"]')) {
            await drop(id).catch(() => undefined);
        }
        return request;
    }

    async function flush() {
        const numbers = [];
        let again = false;
        for (const {id} of await outbox.list()) {
            try {
                await alone(id, () => file(id, numbers));
            } catch {
                again = true; // no network yet, or a server that is not well
            }
        }
        others?.postMessage(numbers);
        return {numbers, again};
    }

    async function file(id, numbers) {
        const entry = await get(id);
        if (!entry || ["opened", "refused"].includes(entry.problem)) {
            return;
        }
        const {owner, token, isClosed} = await outbox.readSession();
        if (isClosed) {
            return write({...entry, problem: "closed"});
        }
        if (owner !== entry.owner) {
            return owner || write({...entry, problem: "ended"});
        }
        const form = new FormData();
        for (const [name, value] of entry.fields) {
            form.append(name, value);
        }
        form.set("csrf_token", token);
        const answer = await fetch(FORM, {method: "POST", body: form, signal: AbortSignal.timeout?.(600000)});
        const page = await answer.text();
        if (page.includes('data-done="new"')) {
            await drop(id);
            numbers.push(read(/sig_pqrs_number[^>]*>([^<]+)/, page));
        } else if ([400, 413, 422].includes(answer.status)) {
            await write({...entry, problem: "refused"});
        } else {
            throw new Error(answer.statusText);
        }
    }
}
