//! What the README and the pages of `docs` say is what happens.

use std::path::{Path, PathBuf};

use crate::support::desk::{Desk, code, err, out};
use crate::support::served::{Served, get, until};
use crate::support::world;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("the file is checked in")
}

/// The fenced blocks of a page that begin with this info string.
fn blocks(page: &str, info: &str) -> Vec<String> {
    let fence = format!("```{info}\n");
    page.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0.into())).collect()
}

/// The text with the visible ends of sids made equal.
fn without_sids(text: &str) -> String {
    let mut parts = text.split("WQ…");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let end = part.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(part.len());
        format!("{all}WQ…{}", &part[end..])
    })
}

#[test]
fn the_plan_in_the_readme_is_what_the_edits_it_names_show() {
    let spec = read("flex.yaml");
    let desk = Desk::new(&spec);
    let applied = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&applied), 0, "{}", err(&applied));
    let again = desk.emulated(&["apply", "--auto-approve"]);
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert!(out(&again).contains("No changes."), "{}", out(&again));

    let edit = |spec: &str, from: &str, to: &str| {
        assert!(spec.contains(from), "flex.yaml no longer holds {from}");
        spec.replace(from, to)
    };
    let english = "routing.skills HAS 'sales' AND languages HAS 'en'\n    task_order";
    let spec = edit(&spec, "routing.skills HAS 'sales'\n    task_order", english);
    let spec = edit(&spec, "Survey", "Feedback");
    let spec = edit(&spec, "  Feedback:\n", "  Feedback:\n    renamed_from: Survey\n");
    let spec = edit(&spec, "pulled-chat: { capacity: 1,", "pulled-chat: { capacity: 2,");
    desk.write("flex.yaml", &spec);
    let plan = out(&desk.emulated(&["plan"]));

    if std::env::var_os("UPDATE_DOCS").is_some() {
        let readme = read("README.md");
        let shown = blocks(&readme, "text").remove(0);
        std::fs::write(root().join("README.md"), readme.replace(&shown, plan.trim_end()))
            .expect("the README can be written");
    }
    let shown = blocks(&read("README.md"), "text").remove(0);
    assert_eq!(
        without_sids(&shown),
        without_sids(plan.trim_end()),
        "stale: run UPDATE_DOCS=1 cargo test --test it"
    );
}

#[test]
fn the_way_in_the_readme_is_what_route_shows() {
    let desk = Desk::new(&read("flex.yaml"));
    let args = ["route", "Chat Transfer", "transferTargetType=queue", "transferQueueName=Fraud"];
    let way = out(&desk.run(&args));
    let shown = |readme: &str| {
        let from = readme.find("transferQueueName=Fraud").expect("the README names the task");
        readme[from..].split("```").nth(1).expect("a block follows").to_owned()
    };
    let block = format!("text\n{way}");
    let readme = read("README.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let old = format!("```{}```", shown(&readme));
        std::fs::write(root().join("README.md"), readme.replace(&old, &format!("```{block}```")))
            .expect("the README can be written");
    }
    let shown = shown(&read("README.md"));
    assert!(shown == block, "stale: run UPDATE_DOCS=1 cargo test --test it\n{way}");
}

#[test]
fn the_spec_in_the_readme_is_valid() {
    for block in blocks(&read("README.md"), "yaml") {
        assert!(!world::analyze(&block).has_errors());
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages =
        vec!["README.md".to_owned(), "ARCHITECTURE.md".into(), "CONTRIBUTING.md".into()];
    for entry in std::fs::read_dir(root().join("docs")).expect("docs can be listed") {
        let name = entry.expect("an entry can be read").file_name();
        pages.push(format!("docs/{}", name.to_string_lossy()));
    }
    for page in pages {
        let folder = PathBuf::from(&page).parent().map(Path::to_path_buf).unwrap_or_default();
        for link in read(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || link.contains("://") || link.contains(char::is_whitespace) {
                continue;
            }
            assert!(root().join(&folder).join(file).exists(), "{page} links to {link}");
        }
    }
}

/// The commands of a page: lines of a block that begin with the program's name.
fn commands(page: &str) -> Vec<Vec<String>> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("    flexctl "));
    lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn the_commands_on_the_pages_about_drift_and_formats_work() {
    let mut ran = 0;
    for page in ["docs/drift.md", "docs/formats.md"] {
        let desk = Desk::new(&read("flex.yaml"));
        assert_eq!(code(&desk.emulated(&["apply", "-y"])), 0);
        for mut args in commands(&read(page)) {
            ran += 1;
            if let Some(listen) = args.iter_mut().find(|arg| arg.starts_with("127.0.0.1:")) {
                // The port on the page may be taken.
                *listen = "127.0.0.1:0".to_owned();
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                let watch = Served::start(desk.command(&args));
                let ready = until(|| (get(&watch.url, "/readyz").0 == 200).then_some(()));
                assert!(ready.is_some(), "{args:?}: {}", watch.said());
                assert_eq!(watch.terminate().0, 0);
                continue;
            }
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let done = desk.run(&args);
            assert_eq!(code(&done), 0, "{args:?}: {}", err(&done));
        }
    }
    assert!(ran >= 7, "{ran} commands were found");
}
