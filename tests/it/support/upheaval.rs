//! A change of everything at once, for runs that something happens to.

use flexctl::plan::Options;

/// What is live.
pub(crate) const BEFORE: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment, timeout_activity: Lunch }
activities:
  Available: { available: true }
  Lunch: { available: false }
queues:
  Everyone: {}
  Sales: { target_workers: routing.skills HAS 'sales', reservation_activity: Lunch }
  Old: { target_workers: 1==0 }
  Support: { target_workers: routing.skills HAS 'support' }
workflows:
  Inbound: { default_filter: { queue: Everyone } }
workers:
  alice: { activity: Lunch, attributes: { team: red } }
";

/// A replace with everything that refers to it, a rename, updates, a creation, deletions.
pub(crate) const AFTER: &str = "
version: 1
workspace: { friendly_name: Flex Task Assignment, timeout_activity: Lunch }
activities:
  Available: { available: true }
  Lunch: { available: true }
queues:
  Everyone: {}
  Sales: { target_workers: routing.skills HAS 'selling', reservation_activity: Lunch }
  Helpdesk: { renamed_from: Support, target_workers: routing.skills HAS 'help' }
  New: { target_workers: 1==0 }
workflows:
  Inbound: { default_filter: { queue: New } }
workers:
  alice: { activity: Lunch, attributes: { team: blue } }
unmanaged: { queues: prune }
";

/// What the change takes.
pub(crate) fn allowed() -> Options {
    let pattern = "activity.Lunch".parse().expect("a pattern");
    Options { allow_replace: vec![pattern], ..Options::default() }
}
