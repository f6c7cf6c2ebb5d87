import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// The link of a mail: number and code after the #, which leave the address at once.
tours.add("sig_pqrs_tracking", {
    steps: () => [
        { trigger: "h1:contains(Ronda sin hacer)" },
        {
            trigger: ".o_sig_card_asked",
            run() {
                if (window.location.href.includes("PQRS-") || window.location.hash) {
                    throw new Error("the address still tells the number or the code");
                }
            },
        },
        { trigger: "#text_deliver", run: "edit Va el acta" },
        { trigger: "#form_deliver button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success" },
        { trigger: ".o_sig_message_mine:contains(Va el acta)" },
        { trigger: "#text_write", run: "edit ¿Les llegó?" },
        { trigger: "#form_write button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".o_sig_message_mine:contains(¿Les llegó?)" },
        { trigger: ".o_sig_withdraw summary", run: "click" },
        { trigger: "#text_withdraw", run: "edit Ya lo resolvieron" },
        { trigger: "#form_withdraw button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".o_sig_status_withdrawn" },
        { trigger: "form[action='/pqrs/track/leave'] button", run: "click", expectUnloadPage: true },
        { trigger: "#track_number" },
    ],
});

tours.add("sig_pqrs_hera", {
    steps: () => [
        { trigger: "a.o_hera_row:contains(Ronda sin hacer)", run: "click", expectUnloadPage: true },
        { trigger: "#text_write", run: "edit Olvidé la hora" },
        { trigger: "#form_write button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".o_sig_message_mine:contains(Olvidé la hora)" },
        { trigger: ".o_sig_term summary", run: "click" },
        { trigger: ".o_sig_term[open] li" },
        { trigger: ".o_hera_back", run: "click", expectUnloadPage: true },
        { trigger: ".o_hera_chips a[href*=to_rate]", run: "click", expectUnloadPage: true },
        { trigger: "a.o_hera_row:contains(La cámara)", run: "click", expectUnloadPage: true },
        { trigger: "label[for=rate_5]", run: "click" },
        { trigger: "#form_rate button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".alert-success" },
        { trigger: ".o_sig_rated:contains(5)" },
    ],
});

// A new request from the app: nothing of what is known is asked.
tours.add("sig_pqrs_hera_filing", {
    steps: () => [
        { trigger: ".o_hera_tabs a[href='/my/pqrs/new']", run: "click", expectUnloadPage: true },
        { trigger: ".sig_pqrs_form:not(:has(#pqrs_name))" },
        { trigger: "#pqrs_type_queja", run: "click" },
        { trigger: "#pqrs_subject", run: "edit Luminaria fundida" },
        { trigger: "#pqrs_description", run: "edit La del parqueadero." },
        { trigger: "#pqrs_notice", run: "click" },
        { trigger: ".sig_pqrs_form button[type=submit]", run: "click", expectUnloadPage: true },
        { trigger: ".sig_pqrs_number:contains(PQRS-)" },
        { trigger: ".sig_pqrs_page a.btn[href^='/my/pqrs/']", run: "click", expectUnloadPage: true },
        { trigger: ".o_sig_case h1:contains(Luminaria fundida)" },
        { trigger: ".o_hera_back", run: "click", expectUnloadPage: true },
        { trigger: "a.o_hera_row:contains(Luminaria fundida)" },
    ],
});

tours.add("sig_pqrs_hera_install", {
    steps: () => [
        { trigger: ".o_hera_install h1:contains(HERA)" },
        {
            trigger: "link[rel=manifest]:not(:visible)",
            async run() {
                const registration = await navigator.serviceWorker.ready;
                if (!registration.active.scriptURL.endsWith("/my/pqrs/service-worker.js")) {
                    throw new Error("another service worker rules HERA");
                }
                const kept = await caches.match("/my/pqrs/offline");
                if (!kept) {
                    throw new Error("the page without connection is not kept");
                }
            },
        },
        // As the browser does where the app can be installed.
        {
            trigger: ".o_hera_install",
            run() {
                const prompt = new Event("beforeinstallprompt");
                prompt.prompt = async () => document.body.classList.add("o_prompted");
                window.dispatchEvent(prompt);
            },
        },
        { trigger: ".o_hera_install_button:visible", run: "click" },
        { trigger: "body.o_prompted .o_hera_install:not(.o_hera_installable)" },
        { trigger: ".o_hera_install a[href='/my/pqrs']" },
    ],
});
