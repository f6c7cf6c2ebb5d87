import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Where people click on the way; a step only opens things: nothing is saved, sent or approved. */
const at = (trigger, content, tooltipPosition = "bottom") => ({trigger, content, tooltipPosition, run: "click"});

const menu = (section, entry, content) => [
    at(`.o_menu_sections [data-menu-xmlid='sig_pqrs.${section}']`, content),
    at(`.o-dropdown--menu [data-menu-xmlid='sig_pqrs.${entry}']`, _t("Open it."), "right"),
];

const back = (content) => at(".o_breadcrumb .o_back_button, .o_breadcrumb .breadcrumb-item a", content);

const row = (tiles, content) =>
    at(tiles.map((key) => `.o_sig_tile[data-key=${key}] .o_sig_row`).join(", "), content, "top");

const tab = (name, content) => at(`.o_notebook .nav-link[name=${name}]`, content);

/** A record that is there: not one of the samples. */
const record = (trigger, content) => at(`.o_action_manager .o_content:not(.o_view_sample_data) ${trigger}`, content);

/** The first row of a list, by a column that no list opened before has. */
const firstRow = (column, content) => record(`.o_data_row:first .o_data_cell[name=${column}]`, content);

const theCase = () => [
    ...menu(
        "menu_pqrs",
        "menu_pqrs_all",
        _t("The PQRS that are open, with their term. Without the filter, the closed ones too.")
    ),
    firstRow("subject", _t("The list can be searched by any word, with or without accents. Open one.")),
    tab("communications", _t("All that was told to the petitioner, and how it is known that they got it.")),
    tab("acts", _t("Every step is an act that nobody can change; above them, how the term was counted.")),
];

const aDraft = (tiles, content) => [
    row(tiles, content),
    at(
        ".o_widget_sig_assignment_brief",
        _t("What is asked, by whom, and what this client was answered before: beside the text."),
        "left"
    ),
    tab("commitments", _t("What the answer promises, with who does it and by when: the letter lists it.")),
    tab("response", _t("The answer of the process, as the client will read it. A template begins it.")),
];

/**
 * The tours that My day offers, by the role that has each, of `ROLES` of `sig.my.day`. Those that begin with something
 * that waits are offered when one of their `tiles` shows.
 */
export const TOURS = [
    {
        name: "sig_pqrs_tour_administrator",
        role: "administrator",
        title: _t("Administrator"),
        steps: () => [
            ...menu("menu_configuration", "menu_setup", _t("What the company needs before it receives PQRS.")),
            at(
                ".o_sig_setup_screen .o_sig_setup_step:enabled",
                _t("Each step says what is missing and leads to where it is filled in. Begin with the first.")
            ),
            back(_t("Come back: what is done gets its mark by itself.")),
            ...menu("menu_configuration", "menu_pqrs_type", _t("Types of PQRS have the terms of the law.")),
            firstRow("term_days", _t("Its term, who may be anonymous, and the rule that sets it. Open one.")),
        ],
    },
    {
        name: "sig_pqrs_tour_director",
        role: "sig_director",
        title: _t("SIG direction"),
        steps: () => [
            at(".o_sig_register", _t("What comes by phone, letter or visit is registered here.")),
            at(
                ".o_form_view .o_field_widget[name=subject]",
                _t(
                    "While you type, similar cases and the petitioner's others appear. Nothing is saved until “Register”."
                )
            ),
            back(_t("Come back to your day.")),
            at(
                ".o_sig_tile .o_sig_tile_all, .o_sig_calm",
                _t("What waits for you, the most urgent first: danger, duties of the law, what is overdue."),
                "right"
            ),
            ...menu(
                "menu_indicators",
                "menu_indicator_month",
                _t("The month is measured, analysed and confirmed here.")
            ),
            ...theCase(),
        ],
    },
    {
        name: "sig_pqrs_tour_leader",
        role: "process_leader",
        title: _t("Process leader"),
        tiles: ["to_approve", "process_drafts"],
        steps: (tiles) => [
            ...aDraft(tiles, _t("Drafts of your processes: those to approve, and those that are late. Open one.")),
            at(
                ".o_statusbar_status",
                _t("Once submitted, you approve it or return it saying why, with the buttons at the left.")
            ),
            ...menu("menu_pqrs", "menu_workload", _t("How much each person has, and what is late.")),
        ],
    },
    {
        name: "sig_pqrs_tour_collaborator",
        role: "collaborator",
        title: _t("Collaborator"),
        tiles: ["returned", "mine"],
        steps: (tiles) => [
            ...aDraft(tiles, _t("The drafts that wait for you, with the day they are due. Open one.")),
            at(
                ".o_statusbar_status",
                _t("When it is ready, submit it: its leader approves it or says what to change.")
            ),
            back(_t("Come back to your day.")),
        ],
    },
    {
        name: "sig_pqrs_tour_management",
        role: "top_management",
        title: _t("Top management"),
        steps: () => [
            ...menu("menu_indicators", "menu_indicator", _t("Each indicator with its goal, its trend and its alerts.")),
            record(".o_kanban_record:first", _t("What it measures, its months and its analysis. Open one.")),
            ...menu(
                "menu_reports",
                "menu_management_review",
                _t("The management review is prepared, held and printed here.")
            ),
        ],
    },
    {
        name: "sig_pqrs_tour_interviewer",
        role: "interviewer",
        title: _t("Interviewer"),
        tiles: ["surveys"],
        steps: (tiles) => [
            row(tiles, _t("The clients that you visit or call. Open one.")),
            at(
                ".o_statusbar_status",
                _t("The button at the left opens the questions. What was answered is kept, also half done.")
            ),
            back(_t("Come back to your day.")),
        ],
    },
    {
        name: "sig_pqrs_tour_auditor",
        role: "auditor",
        title: _t("Auditor"),
        steps: () => [
            ...menu("menu_reports", "menu_evidence_pack", _t("All that proves a set of cases, in one file.")),
            ...theCase(),
            at("button[name=action_verify_acts]", _t("Check that nothing was changed since it was recorded.")),
        ],
    },
];

for (const {name, steps, tiles} of TOURS) {
    registry.category("web_tour.tours").add(name, {url: "/odoo/pqrs-my-day", steps: () => steps(tiles)});
}
