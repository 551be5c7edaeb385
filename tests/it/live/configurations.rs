//! Workflow configurations found in public repositories.

use super::*;

#[tokio::test]
async fn real_configurations_are_read_and_written_back_alike() {
    let Some(folder) = std::env::var_os("FLEXCTL_FIXTURES_DIR") else {
        eprintln!("skipped: FLEXCTL_FIXTURES_DIR is not set");
        return;
    };
    let folder = std::path::Path::new(&folder).join("workflows");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    assert!(!files.is_empty());
    let mut unknown = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let first = read_configuration(text).await;
        assert_eq!(first.unreadable, None, "{}", file.display());
        let filters = first.filters.iter().flatten().map(|filter| &filter.extra);
        let extras = filters.chain(first.targets().map(|target| &target.extra));
        unknown.extend(extras.chain([&first.extra]).flat_map(|extra| extra.keys().cloned()));

        let canned = Canned::new(|line, _| made(line, json!({"sid": "WW1"})));
        let address = Address::new(Kind::Workflow, "W");
        let resource = Resource::Workflow(first.clone());
        canned
            .client()
            .writer()
            .create("WS1", &address, &resource, &Sids::default())
            .await
            .unwrap();
        // The name was looked up before.
        let sent = canned.log.lock().unwrap().sent[1].body().clone();
        let form = form_urlencoded::parse(&sent);
        let written = form.into_owned().find(|(key, _)| key == "Configuration").unwrap().1;
        assert_eq!(read_configuration(written).await, first, "{}", file.display());
    }
    // One of them gives a filter a timeout, which is a target's field.
    assert_eq!(Vec::from_iter(unknown), ["timeout"]);
}

/// A workflow with this configuration, as it is read.
pub(super) async fn read_configuration(text: String) -> Workflow {
    let canned = Canned::new(move |line, _| {
        if line.contains("/Workflows?") {
            let workflow = json!({"sid": "WW1", "friendly_name": "W", "configuration": text});
            return page("workflows", json!([workflow]));
        }
        workspace(line)
    });
    let scope = Scope { workers: false, roles: false, ..SCOPE };
    read(&canned, &scope).await.unwrap().workflows.remove(0).value
}
