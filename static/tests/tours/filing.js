import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sig_pqrs_filing", {
    url: "/",
    steps: () => [
        {trigger: "a.sig_pqrs_button", run: "click", expectUnloadPage: true},
        {trigger: ".sig_pqrs_page a[href='/pqrs/new?type=queja']", run: "click", expectUnloadPage: true},
        {trigger: "#pqrs_type_queja:checked"},
        {trigger: "#pqrs_subject", run: "edit Ronda nocturna sin realizar"},
        {trigger: "#pqrs_description", run: "edit El guarda no hizo la ronda de las dos."},
        {trigger: "#pqrs_name", run: "edit Ana Ruiz"},
        {trigger: "#pqrs_email", run: "edit ana@example.com"},
        // The notice is forgotten: what was typed stays.
        {trigger: ".sig_pqrs_form button[type=submit]", run: "click", expectUnloadPage: true},
        {trigger: "#pqrs_errors a[href='#pqrs_notice']"},
        {trigger: "#pqrs_name:value(Ana Ruiz)"},
        {trigger: "#pqrs_notice", run: "click"},
        {trigger: ".sig_pqrs_form button[type=submit]", run: "click", expectUnloadPage: true},
        {trigger: ".sig_pqrs_number:contains(PQRS-)"},
        {trigger: ".sig_pqrs_code"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_filing_anonymous", {
    url: "/pqrs/new",
    steps: () => [
        {trigger: "#pqrs_type_reclamo", run: "click"},
        {trigger: "#pqrs_subject", run: "edit Maltrato en la portería"},
        {trigger: "#pqrs_description", run: "edit Prefiero no decir quién soy."},
        {trigger: "#pqrs_name", run: "edit Ana Ruiz"},
        {trigger: "#pqrs_anonymous", run: "click"},
        {trigger: ".sig_pqrs_form:not(:has(#pqrs_name:visible))"},
        {trigger: ".sig_pqrs_form button[type=submit]", run: "click", expectUnloadPage: true},
        {trigger: ".sig_pqrs_code"},
    ],
});
