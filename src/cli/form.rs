//! The forms of stdout that commands can be asked for.

use clap::{Args, ValueEnum};

use super::args::{Command, DriftArgs};

/// The form of what a plan, an apply or a comparison prints.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct PlanForm {
    /// The form of stdout; `markdown` is a comment on a pull request.
    #[arg(long, default_value = "text", env = "FLEXCTL_FORMAT", hide_env_values = true)]
    pub(super) format: PlanFormat,
    /// The most characters of the markdown; whole objects are left out, and counted, to keep it.
    #[arg(long, default_value_t = 60_000, env = "FLEXCTL_MAX_CHARS", hide_env_values = true, value_name = "N",
          value_parser = clap::value_parser!(u32).range(2_000..))]
    pub(super) max_chars: u32,
}

impl PlanForm {
    /// As a number of characters.
    pub(super) fn max_chars(&self) -> usize {
        usize::try_from(self.max_chars).unwrap_or(usize::MAX)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    Text,
    Json,
    /// A comment on a pull request.
    #[value(alias = "md")]
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ValidateFormat {
    Text,
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum YamlOrJson {
    #[value(alias = "text")]
    Yaml,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TraceFormat {
    Text,
    Json,
    Mermaid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    Mermaid,
    Dot,
    Svg,
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    Text,
    Json,
    Junit,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

impl Command {
    /// The form of stdout, which a failure takes too.
    pub(super) fn form(&self) -> Form {
        match self {
            Self::Route { route, .. } if route.format == TraceFormat::Json => Form::Json,
            Self::Promote(promote) if promote.format == TextOrJson::Json => Form::Json,
            Self::Validate { format, .. } => match format {
                ValidateFormat::Text => Form::Text,
                ValidateFormat::Json => Form::Json,
                ValidateFormat::Sarif => Form::Sarif,
                ValidateFormat::Github => Form::Github,
            },
            Self::Drift { drift: DriftArgs { form, .. }, .. }
            | Self::DiffRouting { form, .. }
            | Self::Plan { form, .. }
            | Self::Apply { form, .. } => match form.format {
                PlanFormat::Text => Form::Text,
                PlanFormat::Json => Form::Json,
                PlanFormat::Markdown => Form::Markdown { max_chars: form.max_chars() },
            },
            Self::Show { format, .. } if *format == YamlOrJson::Json => Form::Json,
            Self::Test(test) if test.out.is_none() => match test.format {
                None | Some(TestFormat::Text) => Form::Text,
                Some(TestFormat::Json) => Form::Json,
                Some(TestFormat::Junit) => Form::Junit,
                Some(TestFormat::Sarif) => Form::Sarif,
                Some(TestFormat::Github) => Form::Github,
            },
            Self::Route { .. }
            | Self::Promote(_)
            | Self::Show { .. }
            | Self::Test(_)
            | Self::Explain { .. }
            | Self::Schema { .. }
            | Self::Graph { .. }
            | Self::Import(_)
            | Self::Emulator { .. }
            | Self::Completions { .. } => Form::Text,
        }
    }
}

/// The form of stdout, of whatever command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people, or of a form that has no place for a failure.
    Text,
    Json,
    Markdown {
        max_chars: usize,
    },
    Sarif,
    Github,
    Junit,
}
