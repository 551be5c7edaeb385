//! What has to be so in every manifest, whoever edits them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_yaml::Value as Yaml;

use super::manifests::{
    Object, action, container, folder, list, number, object, objects, text, variables,
};
use crate::support::desk::{Desk, out};

fn page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("the page is checked in")
}

/// Everything that makes pods, with the template of these.
fn workloads() -> Vec<(Object, Yaml)> {
    let all = objects().into_iter();
    let all: Vec<_> =
        all.filter_map(|object| object.template().cloned().map(|pod| (object, pod))).collect();
    assert!(all.len() >= 4);
    all
}

fn jobs() -> Vec<(Object, Yaml)> {
    let all = objects().into_iter();
    all.filter_map(|object| object.job().cloned().map(|job| (object, job))).collect()
}

#[test]
fn every_variable_is_one_that_the_command_reads() {
    let desk = Desk::new("");
    for (object, template) in workloads() {
        let container = container(&template);
        let command = text(&list(&container["args"])[0]);
        let help = out(&desk.run(&[command, "--help"]));
        let mut seen = BTreeSet::new();
        for (name, value) in variables(container) {
            assert!(help.contains(&format!("[env: {name}]")), "{} {name}", object.file);
            assert!(seen.insert(name), "{} sets {name} twice", object.file);
            assert!(!value.is_empty(), "{} {name}", object.file);
        }
    }
}

#[test]
fn secrets_come_by_reference_and_have_the_prefixes_of_the_spec() {
    let spec: Yaml = serde_yaml::from_str(&page("examples/kubernetes/flex.yaml")).expect("YAML");
    let environments = spec["environments"].as_mapping().expect("the spec has environments");
    for (object, template) in workloads() {
        for source in list(&container(&template)["envFrom"]) {
            let name = text(&source["secretRef"]["name"]);
            let writes = object.name() == "flexctl-apply";
            assert_eq!(name.ends_with("-apply"), writes, "{}: {name} of two keys", object.file);
            let Some(prefix) = source["prefix"].as_str() else { continue };
            let of = |one: &&Yaml| one["env_prefix"] == prefix;
            assert!(environments.values().any(|one| of(&one)), "{} {prefix}", object.file);
            let (site, _) = name.rsplit_once('-').expect("SITE-KEY");
            assert_eq!(environments[site]["env_prefix"], prefix, "{}", object.file);
        }
        for (name, _) in variables(container(&template)) {
            assert!(name.starts_with("FLEXCTL_"), "{} has {name} in clear", object.file);
        }
    }
}

#[test]
fn pods_may_do_no_more_than_they_have_to() {
    for (object, template) in workloads() {
        let (place, pod, one) = (&object.file, &template["spec"], container(&template));
        assert_eq!(pod["automountServiceAccountToken"], false, "{place}");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{place}");
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{place}");
        let user = format!("USER {0}:{0}\n", number(&pod["securityContext"]["runAsUser"]));
        assert!(page("Containerfile").contains(&user), "{place} runs as the image's user");
        let context = &one["securityContext"];
        assert_eq!(context["readOnlyRootFilesystem"], true, "{place}");
        assert_eq!(context["allowPrivilegeEscalation"], false, "{place}");
        assert_eq!(list(&context["capabilities"]["drop"]), ["ALL"], "{place}");
        for bound in ["requests", "limits"] {
            assert!(one["resources"][bound]["memory"].is_string(), "{place} {bound}");
        }
        let image = format!("flexctl:{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(one["image"], image.as_str(), "{place}");
        for mount in list(&one["volumeMounts"]) {
            let is_spec = mount["mountPath"] == "/spec";
            assert_eq!(mount["readOnly"] == true, is_spec, "{place}: {mount:?}");
        }
    }
}

#[test]
fn every_exit_code_is_tried_again_or_not_on_purpose() {
    let page = page("docs/cli.md");
    let (_, rows) = page.split_once("\n## Exit codes\n").expect("the page has exit codes");
    let rows = rows.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let codes: Vec<i32> = rows.filter_map(|code| code.parse().ok()).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 64, 130]);
    for (object, job) in jobs() {
        let told: Vec<(i32, &str)> =
            codes[1..].iter().map(|code| (*code, action(&job, *code))).collect();
        let drift = if object.kind() == "CronJob" { "FailIndex" } else { "Count" };
        let expected = [
            (1, "Count"),
            // Of a plan and an apply there is none: they are not asked for it.
            (2, drift),
            (3, "FailIndex"),
            (4, "Count"),
            (5, "FailIndex"),
            (64, "FailIndex"),
            (130, "Count"),
        ];
        assert_eq!(told, expected, "{}", object.file);
        let args = list(&container(&job["template"])["args"]);
        assert!(!args.contains(&Yaml::from("--detailed-exitcode")), "{}", object.file);
    }
}

/// What Kubernetes asks of a Job beyond the schema.
#[test]
fn jobs_are_what_kubernetes_takes() {
    for (object, job) in jobs() {
        let place = &object.file;
        assert_eq!(job["completionMode"], "Indexed", "{place}");
        assert_eq!(job["podReplacementPolicy"], "Failed", "{place}: the only one with a policy");
        assert!(job["backoffLimit"].is_null(), "{place} has a limit for each index");
        assert_eq!(job["template"]["spec"]["restartPolicy"], "Never", "{place}");
        let rules = list(&job["podFailurePolicy"]["rules"]);
        assert_eq!(rules[0]["action"], "Ignore", "{place}: a drained node comes first");
        for rule in rules {
            let (codes, conditions) = (&rule["onExitCodes"], &rule["onPodConditions"]);
            assert_ne!(codes.is_null(), conditions.is_null(), "{place}: one or the other");
            let values: Vec<u64> = list(&codes["values"]).iter().map(number).collect();
            assert!(values.is_sorted_by(|a, b| a < b) && !values.contains(&0), "{place}");
            if !codes.is_null() {
                assert_eq!(codes["containerName"], container(&job["template"])["name"]);
            }
        }
    }
    let drift = object("CronJob", "flexctl-drift").yaml;
    assert_eq!(drift["spec"]["concurrencyPolicy"], "Forbid");
}

#[test]
fn shares_and_times_of_a_job_fit_each_other() {
    for (object, job) in jobs() {
        let (place, template) = (&object.file, &job["template"]);
        let variable = |wanted: &str| {
            let found = variables(container(template)).find(|(name, _)| *name == wanted);
            found.unwrap_or_else(|| panic!("{place} sets {wanted}")).1
        };
        assert_eq!(variable("FLEXCTL_SHARD"), format!("/{}", number(&job["completions"])));
        let deadline: jiff::SignedDuration = variable("FLEXCTL_DEADLINE").parse().expect("a time");
        let deadline = Duration::try_from(deadline).expect("a time to come");
        let pod = Duration::from_secs(number(&template["spec"]["activeDeadlineSeconds"]));
        assert!(deadline + Duration::from_secs(240) < pod, "{place} has time for its report");
        // The whole of a Job is waited for by the next one only.
        let all = job["activeDeadlineSeconds"].as_u64().map(Duration::from_secs);
        assert!(all.is_none_or(|all| all > pod), "{place}");
        assert_eq!(all.is_some(), object.kind() == "CronJob", "{place}");
    }
}

#[test]
fn what_the_objects_name_is_there() {
    let readme = page("examples/kubernetes/README.md");
    for object in objects() {
        assert!(readme.contains(&format!("| `{}` |", object.file)), "{}", object.file);
        let head = page(&format!("examples/kubernetes/{}", object.file));
        assert!(head.starts_with("# "), "{} says what it is for", object.file);
    }
    for (workload, template) in workloads() {
        for volume in list(&template["spec"]["volumes"]) {
            if let Some(claim) = volume["persistentVolumeClaim"]["claimName"].as_str() {
                object("PersistentVolumeClaim", claim);
            }
            if let Some(map) = volume["configMap"]["name"].as_str() {
                let made = format!("kubectl create configmap {map} --from-file=flex.yaml");
                assert!(readme.contains(&made), "{}: {map}", workload.file);
            }
        }
        let labels = &template["metadata"]["labels"];
        let selector = &workload.yaml["spec"]["selector"];
        assert!(selector.is_null() || selector["matchLabels"] == *labels, "{}", workload.file);
    }
    for word in readme.split(|c: char| !c.is_ascii_alphanumeric() && !"-.".contains(c)) {
        let is_file = word.ends_with(".yaml") && word.len() > ".yaml".len();
        assert!(!is_file || folder().join(word).exists(), "the page names {word}");
    }
}
