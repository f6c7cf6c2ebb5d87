/** @odoo-module ignore **/
// HERA on the phone: its service worker, and the button that installs it where the browser offers that. Elsewhere the
// page says how to do it by hand.
if (document.querySelector(".o_hera")) {
    const page = document.querySelector(".o_hera_install");
    let prompt = null;

    const onInstalled = () => {
        page?.classList.remove("o_hera_installable");
        page?.classList.add("o_hera_installed");
    };

    window.addEventListener("appinstalled", onInstalled);
    window.addEventListener("beforeinstallprompt", (ev) => {
        ev.preventDefault();
        prompt = ev;
        page?.classList.add("o_hera_installable");
    });
    page?.querySelector(".o_hera_install_button").addEventListener("click", () => {
        page.classList.remove("o_hera_installable");
        prompt.prompt();
    });
    if (window.matchMedia("(display-mode: standalone)").matches || navigator.standalone) {
        onInstalled();
    }
    // On a phone the filters are a row that scrolls: the one in force is seen.
    document.querySelector(".o_hera_chips [aria-current]")?.scrollIntoView({block: "nearest", inline: "center"});
    if (document.querySelector(".o_hera_receives")) {
        const translated = location.pathname.replace(/(\/my\/pqrs).*/, "$1"); // as /es/my/pqrs
        for (const scope of new Set(["/my/pqrs", translated])) {
            navigator.serviceWorker?.register("/my/pqrs/service-worker.js", {scope}).catch(() => undefined);
        }
    }
}
