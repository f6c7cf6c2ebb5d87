import {registry} from "@web/core/registry";

const BACK = ".o_breadcrumb .o_back_button, .breadcrumb-item.o_back_button a, .breadcrumb-item a";
const STEP = (key, done) => `.o_sig_setup li[data-step=${key}]${done ? "[data-done]" : ":not([data-done])"}`;

registry.category("web_tour.tours").add("sig_pqrs_setup", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        {trigger: `${STEP("processes", true)} .fa-check-circle`},
        {trigger: `${STEP("company", false)} button`, run: "click"},
        {trigger: ".o_form_view div[name=vat]"},
        {trigger: BACK, run: "click"},
        {trigger: `${STEP("processes", true)} button`, run: "click"},
        {trigger: ".o_list_button_add", run: "click"},
        {trigger: "div[name=name] input", run: "edit Seguridad y salud"},
        {trigger: "div[name=code] input", run: "edit SST"},
        {trigger: "div[name=leader_id] input", run: "edit Líder de Operaciones"},
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) > a:contains(Líder de Operaciones)",
            run: "click",
        },
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_form_saved"},
        {trigger: BACK, run: "click"},
        {trigger: ".o_sig_setup_hide", run: "click"},
        {trigger: ".o_sig_my_day:not(:has(.o_sig_setup))"},
    ],
});
