//! How much TaskRouter takes, where a schema cannot count it.

use super::checker::Checker;
use super::names::BUILT_IN_CHANNELS;
use crate::diag::Diagnostic;
use crate::model::{
    Address, Dialect, Expression, Filter, FilterTemplate, Hole, Kind, Model, Part, Rule, Target,
    TargetTemplate, Template, Text, Transfer, TransferTarget,
};

/// Task channels of a workspace, the built-in ones included.
const MAX_CHANNELS: usize = 15;
/// Workflows of a workspace.
const MAX_WORKFLOWS: usize = 1000;
/// Bytes of a workflow's configuration.
const MAX_CONFIGURATION: usize = 1_038_576;

/// Checks the limits of the workspace, and the size of each workflow.
pub(super) fn check(checker: &mut Checker, model: &Model<Rule>) {
    let declared = checker.names.iter(Kind::TaskChannel);
    // Beyond the limit without any built-in one the schema has spoken.
    let countable = declared.clone().count() <= MAX_CHANNELS;
    let custom: Vec<&str> = declared.filter(|name| !BUILT_IN_CHANNELS.contains(name)).collect();
    if let Some(&first) = custom.get(MAX_CHANNELS - BUILT_IN_CHANNELS.len())
        && countable
    {
        let span = checker.declaration(Kind::TaskChannel, first).unwrap_or_default();
        let count = custom.len() + BUILT_IN_CHANNELS.len();
        let address = Address::new(Kind::TaskChannel, first);
        let message = format!("{address} is one too many of {count} task channels");
        checker.report(Diagnostic::error("too-many", span, message).with_help(format!(
            "a workspace holds {MAX_CHANNELS}, the built-in {} among them",
            BUILT_IN_CHANNELS.join(", ")
        )));
    }
    let workflows = checker.names.iter(Kind::Workflow).count();
    if workflows > MAX_WORKFLOWS {
        let last = checker.names.iter(Kind::Workflow).last().unwrap_or_default();
        let span = checker.declaration(Kind::Workflow, last).unwrap_or_default();
        let message = format!("the spec declares {workflows} workflows, transfers included");
        checker.report(
            Diagnostic::error("too-many", span, message)
                .with_help(format!("a workspace holds {MAX_WORKFLOWS} workflows")),
        );
    }
    let queues: Vec<&str> = model.queues.keys().map(String::as_str).collect();
    for (name, workflow) in &model.workflows {
        let rules = workflow.filters.iter().flatten();
        let size: usize = rules.map(|rule| rule_size(rule, &queues)).sum();
        if size > MAX_CONFIGURATION {
            let address = Address::new(Kind::Workflow, name);
            let message = format!("the configuration of {address} has {size} bytes or more");
            let span = checker.declaration(Kind::Workflow, name).unwrap_or_default();
            checker.report(Diagnostic::error("configuration-too-large", span, message).with_help(
                format!(
                    "TaskRouter takes {MAX_CONFIGURATION} bytes: choose fewer queues, or share the \
                     work between two workflows"
                ),
            ));
        }
    }
}

// The sizes are those of TaskRouter's JSON without white space, escapes not counted: never more
// than what is sent.

/// `{"filter_friendly_name":"","expression":"","targets":[]},`
const FILTER: usize = 58;
/// `{"queue":""},`
const TARGET: usize = 13;
/// `,"expression":""`
const FIELD: usize = 16;
const SID: usize = 34;

fn rule_size(rule: &Rule, queues: &[&str]) -> usize {
    match rule {
        Rule::Filter(filter) => filter_size(filter),
        Rule::ForEachQueue(for_each) => for_each
            .queues
            .of(queues.iter().copied())
            .into_iter()
            .map(|queue| -> usize {
                for_each.filters.iter().map(|filter| template_size(filter, queue)).sum()
            })
            .sum(),
        Rule::Transfer(transfer) => {
            let chosen = transfer.queues.of(queues.iter().copied());
            chosen.into_iter().map(|queue| transfer_size(transfer, queue)).sum()
        }
    }
}

fn filter_size(filter: &Filter) -> usize {
    let Filter { name, expression, targets, .. } = filter;
    let expression = expression.as_ref().map_or(0, |e| text_size(&e.text));
    FILTER + name.len() + expression + targets.iter().map(target_size).sum::<usize>()
}

fn target_size(target: &Target) -> usize {
    let Target { expression, skip_if, order_by, .. } = target;
    let expressions = expression.iter().chain(skip_if).map(|e| FIELD + text_size(&e.text));
    TARGET + SID + expressions.sum::<usize>() + order_by.as_ref().map_or(0, String::len)
}

fn template_size(filter: &FilterTemplate, queue: &str) -> usize {
    let FilterTemplate { name, expression, targets } = filter;
    let target = |target: &TargetTemplate| {
        let TargetTemplate { expression, skip_if, order_by, .. } = target;
        let fields = expression.iter().chain(skip_if).chain(order_by);
        TARGET + SID + fields.map(|field| FIELD + filled_size(field, queue)).sum::<usize>()
    };
    let expression = expression.as_ref().map_or(0, |expression| filled_size(expression, queue));
    FILTER + filled_size(name, queue) + expression + targets.iter().map(target).sum::<usize>()
}

fn transfer_size(transfer: &Transfer, queue: &str) -> usize {
    let Transfer { dialect, target, .. } = transfer;
    let TransferTarget { expression, skip_if, order_by, .. } = target;
    let (filter, workers) = match dialect {
        Dialect::Conversation => (
            "transferQueueName == ''".len() + queue.len(),
            "worker.sid NOT IN task.workerSidsInConversation",
        ),
        Dialect::ProgrammableChat => (
            "transferQueueName == ''".len() + queue.len(),
            "worker.contact_uri != task.ignoreWorkerContactUri",
        ),
        Dialect::QueueSid => (
            "transferTargetType == 'queue' AND targetSid == ''".len() + SID,
            "worker.sid != task.ignoreAgent",
        ),
    };
    let size = |expression: &Expression| text_size(&expression.text);
    let workers = expression.as_ref().map_or(workers.len(), size);
    let skip_if = skip_if.as_ref().map_or(0, |skip_if| FIELD + size(skip_if));
    let name = "Transfer to queue - ".len() + queue.len();
    let order_by = order_by.as_ref().map_or(0, String::len);
    FILTER + name + filter + TARGET + SID + FIELD + workers + skip_if + order_by
}

fn text_size(text: &Text) -> usize {
    text.parts().iter().map(part_size).sum()
}

fn filled_size(template: &Template, queue: &str) -> usize {
    template
        .holes
        .iter()
        .map(|hole| match hole {
            Hole::Part(part) => part_size(part),
            Hole::QueueName => queue.len(),
            Hole::QueueSid => SID,
        })
        .sum()
}

fn part_size(part: &Part) -> usize {
    match part {
        Part::Str(text) => text.len(),
        Part::Sid(_) => SID,
    }
}
