{
    "name": "What a company adds to sig_pqrs",
    "summary": "The five extensions of docs/extending.md, which dev/life tries",
    "author": "sig_pqrs",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "depends": ["sig_pqrs"],
    "data": ["data/pqrs_type.xml", "data/indicator.xml", "views/two_approvals.xml"],
}
