//! How each difference is carried over.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::overlay::Overlay;
use crate::cli::Failure;
use crate::cli::args::{Global, PromoteArgs};
use crate::cli::commands::load;
use crate::generate;
use crate::model::{Address, Kind, Model, Rule};
use crate::plan::{self, Difference, FieldChange, FilterChange, Plan, Promotion, Side};
use crate::spec::{Analysis, Edit, Field, Way};
use crate::text::page::{Page, Span};

/// One value that differs.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub(super) struct Step {
    pub(super) address: Address,
    /// The filter of a workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filter: Option<String>,
    /// As in a plan.
    pub(super) field: String,
    /// As it is live where it is to go.
    pub(super) before: Value,
    /// As it is live where it comes from.
    pub(super) after: Value,
    /// Where the spec writes it: file and line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// Whether `from` is otherwise than its spec says: somebody changed it live.
    pub(super) changed_live: bool,
    #[serde(flatten)]
    pub(super) by: By,
}

/// What carries it over.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(super) enum By {
    /// A variable of the environment gets this value.
    Variable { variable: String, value: Value },
    /// The text of the spec, which is that of every environment.
    Text,
    /// An apply: the spec says so already.
    Apply,
    /// A person.
    Hand { because: String },
}

/// Finds a way for each difference, and puts what is to be written into the overlay.
pub(super) fn carry(
    found: &Promotion,
    sink: &Global,
    from: Side<'_>,
    to: Side<'_>,
    overlay: &mut Overlay,
) -> Result<Vec<Step>, Failure> {
    let drift = plan::diff(from.desired, from.live, &plan::Options::default());
    let mut carrier = Carrier {
        sink,
        from,
        desired: to.desired,
        drift: &drift,
        overlay,
        variables: BTreeMap::new(),
    };
    let mut steps = Vec::new();
    for one in &found.differences {
        for field in &one.fields {
            steps.push(carrier.step(one, None, field)?);
        }
        for change in &one.filters {
            match change {
                FilterChange::Changed { name, fields, .. } => {
                    for field in fields {
                        steps.push(carrier.step(one, Some(name), field)?);
                    }
                }
                FilterChange::Added { filter, .. } => {
                    steps.push(listed(one, &filter.name, "it is to be added to the spec"));
                }
                FilterChange::Removed { filter, .. } => {
                    steps.push(listed(one, &filter.name, "it is to be taken out of the spec"));
                }
                FilterChange::Moved { name, .. } => {
                    steps.push(listed(one, name, "it is to be moved in the spec"));
                }
            }
        }
    }
    Ok(steps)
}

/// A filter as a whole.
fn listed(one: &Difference, filter: &str, because: &str) -> Step {
    Step {
        address: one.address.clone(),
        filter: Some(filter.to_owned()),
        field: "filters".to_owned(),
        before: Value::Null,
        after: Value::Null,
        file: None,
        line: None,
        changed_live: false,
        by: By::Hand { because: because.to_owned() },
    }
}

struct Carrier<'a> {
    sink: &'a Global,
    from: Side<'a>,
    desired: &'a Model,
    /// What the environment that values come from would have to change to be as its spec says.
    drift: &'a Plan,
    overlay: &'a mut Overlay,
    /// What each variable was set to.
    variables: BTreeMap<String, Value>,
}

impl Carrier<'_> {
    fn step(
        &mut self,
        one: &Difference,
        filter: Option<&str>,
        change: &FieldChange,
    ) -> Result<Step, Failure> {
        let address = &one.address;
        let FieldChange { field, before, after } = change;
        let (analysis, model) = load::analyze_files(self.overlay, self.sink)?;
        let place = |by: By, at: Option<(String, usize)>| {
            let (file, line) = at.unzip();
            Step {
                address: address.clone(),
                filter: filter.map(str::to_owned),
                field: field.clone(),
                before: before.clone(),
                after: after.clone(),
                file,
                line,
                changed_live: has(self.drift, address, filter, field),
                by,
            }
        };
        // As far as it goes: what an edit before has made true needs none.
        if model.is_some_and(|model| self.is_carried(&model, address, filter, field)) {
            return Ok(place(By::Apply, None));
        }
        let Some(found) = locate(&analysis, self.desired, address, filter, field) else {
            let because = "it is made by a rule; change the rule".to_owned();
            return Ok(place(By::Hand { because }, None));
        };
        let (span, way) = analysis.way(found, after);
        let at = span.map(|span| {
            let file = analysis.sources.file(span.file);
            (file.name.clone(), file.line_column(span.range.start).line)
        });
        let hand = |because: String| By::Hand { because };
        let by = match way {
            Way::Hand(because) => hand(because),
            Way::Text(edit) => match self.try_edit(&analysis, &edit, address, filter, field)? {
                true => By::Text,
                false => hand("written so, the spec would not say it".to_owned()),
            },
            Way::Variable { name, value } => {
                self.variable(&analysis, name, value, (address, filter, field))?
            }
        };
        Ok(place(by, at))
    }

    fn variable(
        &mut self,
        analysis: &Analysis,
        name: String,
        value: Value,
        (address, filter, field): (&Address, Option<&str>, &str),
    ) -> Result<By, Failure> {
        let hand = |because: String| Ok(By::Hand { because });
        if self.sink.vars.iter().any(|(var, _)| *var == name) {
            return hand(format!("--var sets the variable `{name}`"));
        }
        match self.variables.get(&name) {
            Some(other) if *other != value => {
                return hand(format!("the variable `{name}` would have to be {other} and {value}"));
            }
            _ => {}
        }
        let environment = self.sink.env.as_deref().unwrap_or_default();
        match analysis.set_variable(environment, &name, &value) {
            Err(because) => hand(because.to_owned()),
            Ok(edit) => {
                if self.try_edit(analysis, &edit, address, filter, field)? {
                    self.variables.insert(name.clone(), value.clone());
                    Ok(By::Variable { variable: name, value })
                } else {
                    hand(format!(
                        "with {value} for the variable `{name}` the spec would not say it"
                    ))
                }
            }
        }
    }

    /// Puts the edit into the overlay when the spec says afterwards what is live in `from`.
    fn try_edit(
        &mut self,
        analysis: &Analysis,
        edit: &Edit,
        address: &Address,
        filter: Option<&str>,
        field: &str,
    ) -> Result<bool, Failure> {
        let file = analysis.sources.file(edit.span.file);
        let mut with = self.overlay.clone();
        with.put(&file.name, &file.text, edit.apply(&analysis.sources));
        let (_, model) = load::analyze_files(&with, self.sink)?;
        let Some(model) = model else { return Ok(false) };
        let is_so = self.is_carried(&model, address, filter, field);
        if is_so {
            *self.overlay = with;
        }
        Ok(is_so)
    }

    /// Whether the sink's spec says of a field what is live in `from`.
    fn is_carried(
        &self,
        model: &Model,
        address: &Address,
        filter: Option<&str>,
        field: &str,
    ) -> bool {
        let plan = plan::diff(model, self.from.live, &plan::Options::default());
        !has(&plan, address, filter, field)
    }
}

/// Whether a plan changes a field.
fn has(plan: &Plan, address: &Address, filter: Option<&str>, field: &str) -> bool {
    let changes = plan.changes.iter().filter(|change| change.address == *address);
    let here = |fields: &[FieldChange]| fields.iter().any(|one| one.field == field);
    changes.into_iter().any(|change| match filter {
        None => here(&change.fields),
        Some(filter) => change.filters.iter().any(|one| match one {
            FilterChange::Changed { name, fields, .. } => name == filter && here(fields),
            _ => false,
        }),
    })
}

/// The field in the spec; none for what a rule makes.
fn locate<'a>(
    analysis: &'a Analysis,
    desired: &'a Model,
    address: &'a Address,
    filter: Option<&str>,
    field: &'a str,
) -> Option<Field<'a>> {
    let name = address.name.as_str();
    let Some(filter) = filter else {
        return Some(match field.strip_prefix("default_filter.") {
            Some(field) if address.kind == Kind::Workflow => Field::DefaultFilter(name, field),
            _ => Field::Of(address, field),
        });
    };
    let place = desired.workflows.get(name)?.filters.as_ref()?;
    let at = place.iter().position(|one| one.name == filter)?;
    let rules = analysis.model()?.workflows.get(name)?.filters.as_ref()?;
    let queues: Vec<&str> = desired.queues.keys().map(String::as_str).collect();
    let source = *generate::sources(rules, &queues).get(at)?;
    if !matches!(rules.get(source.rule), Some(Rule::Filter(_))) {
        return None;
    }
    // A transfer's own rule stands before those that are written in the list.
    let own = rules.iter().take(source.rule).filter(|rule| matches!(rule, Rule::Transfer(_)));
    let at = source.rule - own.count();
    match field.strip_prefix("targets[").and_then(|rest| rest.split_once("].")) {
        Some((target, field)) => {
            let target = target.parse::<usize>().ok()?.checked_sub(1)?;
            Some(Field::Target(name, at, target, field))
        }
        None => Some(Field::Filter(name, at, field)),
    }
}

impl Step {
    /// A line below its object.
    pub(super) fn show(&self, page: &mut Page, args: &PromoteArgs) {
        let what = match &self.filter {
            Some(filter) if self.field == "filters" => format!("filter {filter}"),
            Some(filter) => format!("{} of filter {filter}", self.field),
            None => self.field.clone(),
        };
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!(" ({file}:{line})"),
            _ => String::new(),
        };
        let (how, text) = match &self.by {
            By::Variable { variable, value } => {
                (Span::added("variable  "), format!("`{variable}` of {} becomes {value}", args.to))
            }
            By::Text => {
                (Span::added("text  "), "the spec itself changes, for every environment".to_owned())
            }
            By::Apply => (Span::added("apply  "), "the spec says so already".to_owned()),
            By::Hand { because } => (Span::changed("by hand  "), because.clone()),
        };
        let live = if self.changed_live {
            format!("; changed live in {}", args.from)
        } else {
            String::new()
        };
        page.line(6, 8, &[how, Span::plain(format!("{what}: {text}{place}{live}"))]);
    }
}

/// `3 differences: 2 by variables, 1 by hand`.
pub(super) fn sums(steps: &[Step]) -> String {
    let count = |of: fn(&By) -> bool| steps.iter().filter(|step| of(&step.by)).count();
    let parts = [
        (count(|by| matches!(by, By::Variable { .. })), "by variables"),
        (count(|by| matches!(by, By::Text)), "by the text of the spec"),
        (count(|by| matches!(by, By::Apply)), "by an apply alone"),
        (count(|by| matches!(by, By::Hand { .. })), "by hand"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{count} {how}"))
        .collect();
    let word = if steps.len() == 1 { "difference" } else { "differences" };
    format!("{} {word}: {}", steps.len(), parts.join(", "))
}
