//! The document itself. Its JSON is a contract: `schemas/saved-plan.schema.json`.

use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Ground, Meaning};
use crate::plan::Plan;

/// The version of this format.
const VERSION: u32 = 1;
/// What stands for the digest while it is worked out.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A plan, what it was made of, and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SavedPlan {
    /// The version of this format: 1.
    pub version: u32,
    /// The version of flexctl that made it.
    pub tool: String,
    /// When, as in RFC 3339.
    pub created: String,
    /// The spec's file, as it was given.
    pub file: String,
    /// The environment of the spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Which TaskRouter: `live`, `emulator`, or a URL. The account and the workspace are the
    /// plan's.
    pub target: String,
    /// What the command line said.
    pub choices: Choices,
    /// What the spec meant.
    pub spec: Meaning,
    /// As it was shown.
    pub plan: Plan,
    /// The live objects that it rests on.
    pub ground: Ground,
    /// SHA-256 of this document as it stands in its file, with zeros for these 64 digits.
    pub digest: String,
}

/// What the command line said of the plan; the patterns as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Choices {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_replace: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    #[serde(default)]
    pub prune: bool,
    #[serde(default)]
    pub exact: bool,
}

/// Why a text is no saved plan that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanError {
    /// It is something else.
    #[error("it is no saved plan: {0}")]
    Other(String),
    /// What `plan --format json` prints.
    #[error("it is a plan as `flexctl plan --format json` prints it, not one that was saved")]
    Printed,
    /// A format that this version does not know.
    #[error("it has the format version {0}, and this flexctl knows version {VERSION} only")]
    Version(String),
    /// The same plan may mean something else to it.
    #[error("it was made by flexctl {by}, and this is flexctl {}", SavedPlan::TOOL)]
    Tool { by: String },
    /// A digit of it is another than when it was saved.
    #[error("it was changed after it was saved")]
    Damaged,
}

impl SavedPlan {
    /// The version of flexctl that this is.
    pub const TOOL: &str = env!("CARGO_PKG_VERSION");

    /// A document of this version, without its digest.
    pub fn new(plan: Plan, ground: Ground, spec: Meaning) -> Self {
        Self {
            version: VERSION,
            tool: Self::TOOL.to_owned(),
            created: String::new(),
            file: String::new(),
            environment: None,
            target: String::new(),
            choices: Choices::default(),
            spec,
            plan,
            ground,
            digest: NO_DIGEST.to_owned(),
        }
    }

    /// The text of its file, sealed with its digest.
    pub fn seal(&self) -> String {
        let unsealed = Self { digest: NO_DIGEST.to_owned(), ..self.clone() };
        let text = serde_json::to_string_pretty(&unsealed).expect("a plan has string keys") + "\n";
        // It is the last thing in the file.
        match text.rfind(NO_DIGEST) {
            Some(at) => format!("{}{}{}", &text[..at], digest(&text), &text[at + 64..]),
            None => text,
        }
    }

    /// Reads what [`SavedPlan::seal`] gave.
    ///
    /// # Errors
    /// It is something else, of another version, or was changed.
    pub fn read(text: &str) -> Result<Self, SavedPlanError> {
        let other = |error: serde_json::Error| SavedPlanError::Other(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(other)?;
        let version = &value["version"];
        if value.get("plan").is_none() && value.get("changes").is_some() {
            return Err(SavedPlanError::Printed);
        }
        if value.get("plan").is_none() || version.is_null() {
            return Err(SavedPlanError::Other("it has no `plan` and no `version`".to_owned()));
        }
        if version != VERSION {
            return Err(SavedPlanError::Version(version.to_string()));
        }
        let sealed = value["digest"].as_str().filter(|digest| digest.len() == NO_DIGEST.len());
        let at = sealed.and_then(|sealed| text.rfind(sealed));
        let (Some(sealed), Some(at)) = (sealed, at) else { return Err(SavedPlanError::Damaged) };
        let unsealed = format!("{}{NO_DIGEST}{}", &text[..at], &text[at + sealed.len()..]);
        if digest(&unsealed) != sealed {
            return Err(SavedPlanError::Damaged);
        }
        let tool = value["tool"].as_str().unwrap_or_default();
        if tool != Self::TOOL {
            return Err(SavedPlanError::Tool { by: tool.to_owned() });
        }
        let saved: Self = serde_json::from_value(value).map_err(other)?;
        // Whoever made the digest need not have made a plan.
        if !saved.plan.is_sound() {
            return Err(SavedPlanError::Damaged);
        }
        Ok(saved)
    }
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The schema of a saved plan's JSON, draft-07, as checked in at `schemas/saved-plan.schema.json`.
pub fn saved_plan_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<SavedPlan>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Kind, Live, Model, Queue, Resource, Snapshot, Workspace};
    use crate::plan::{Action, Change, Options, Stage, diff};

    fn saved() -> SavedPlan {
        let workspace = Live {
            sid: "WS1".to_owned(),
            name: "Flex".to_owned(),
            value: Workspace::default(),
            untouched: true,
        };
        let live = Snapshot { account_sid: "AC1".to_owned(), ..Snapshot::of(workspace) };
        let plan = diff(&Model::default(), &live, &Options::default());
        let ground = Ground::of(&plan, &live);
        SavedPlan::new(plan, ground, Meaning::of(&Model::default(), "5a17"))
    }

    #[test]
    fn what_was_sealed_is_read_and_one_other_character_is_noticed() {
        let text = saved().seal();
        let read = SavedPlan::read(&text).expect("it is as it was sealed");
        assert_eq!(read.seal(), text);
        let digits = text.rfind("\"digest\"").expect("it has one");
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'1' { b'2' } else { b'1' };
            let other = String::from_utf8(other).expect("ASCII");
            assert!(SavedPlan::read(&other).is_err(), "{at} of {digits}: {other}");
        }
    }

    #[test]
    fn a_plan_that_nobody_could_carry_out_is_not_taken_whatever_its_digest() {
        let mut sound = saved();
        let change = Change {
            address: Address::new(Kind::Queue, "Sales"),
            action: Action::Create,
            stage: Stage::Main,
            sid: None,
            renamed_from: None,
            fields: Vec::new(),
            filters: Vec::new(),
            reasons: Vec::new(),
            write: Some(Resource::Queue(Queue::default())),
            after: Vec::new(),
        };
        sound.plan.changes = vec![change];
        assert!(SavedPlan::read(&sound.seal()).is_ok());
        let spoils: [fn(&mut Change); 3] = [
            |change| change.after.push(0),
            |change| change.write = None,
            |change| change.action = Action::Update,
        ];
        for spoil in spoils {
            let mut other = sound.clone();
            spoil(&mut other.plan.changes[0]);
            assert_eq!(SavedPlan::read(&other.seal()), Err(SavedPlanError::Damaged));
        }
    }

    #[test]
    fn a_plan_of_another_flexctl_is_not_taken() {
        let other = SavedPlan { tool: "0.0.1".to_owned(), ..saved() }.seal();
        assert_eq!(SavedPlan::read(&other), Err(SavedPlanError::Tool { by: "0.0.1".to_owned() }));
    }
}
