//! The commands of `docs/import.md`, in their order.

use crate::support::console::Page;
use crate::support::desk::{Desk, code, err};

#[test]
fn every_command_of_the_page_on_imports_runs_and_prints_what_it_says() {
    let desk = Desk::new(include_str!("clicked.yaml"));
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    std::fs::remove_file(desk.path("flex.yaml")).expect("it was written");

    let page = Page::open("import.md");
    let ran = page.run(&desk, "");
    assert!(ran > 15, "{ran}");
    let spec = desk.read("flex.yaml");
    for shown in page.blocks("yaml") {
        assert!(spec.contains(shown), "the page shows\n{shown}\nand the spec is\n{spec}");
    }
    let assign = desk.read("assign.yaml");
    assert!(assign.contains("queues:\n  Billing: {}\n  Everyone: {}\n"), "{assign}");
}
