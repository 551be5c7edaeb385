//! `flexctl promote`: what is live in one environment and not in another, and what would carry it
//! over.

mod document;
mod overlay;
mod steps;

use futures_util::future::join;
use similar::TextDiff;

pub(super) use self::document::schema;

use self::document::Document;
use self::overlay::Overlay;
use self::steps::{Step, carry};
use super::load;
use crate::cli::accounts::Accounts;
use crate::cli::args::{Global, PromoteArgs, TextOrJson};
use crate::cli::files::replace_file;
use crate::cli::streams::Streams;
use crate::cli::{Exit, Failure, target};
use crate::live::{self, Scope};
use crate::model::{Model, Snapshot};
use crate::plan::render::promotion as render;
use crate::plan::{self, Promotion, Side};
use crate::spec::Analysis;
use crate::text::page::{Options, Page, Span};

pub(in crate::cli) async fn run(
    global: &Global,
    args: &PromoteArgs,
    streams: &Streams,
) -> Result<Exit, Failure> {
    if !global.envs.is_empty() {
        let failure = Failure::new(Exit::Usage, "--env has no meaning here");
        return Err(failure.with_help("--from and --to name the two environments"));
    }
    if args.from == args.to {
        return Err(Failure::new(Exit::Usage, "--from and --to name the same environment"));
    }
    let accounts = Accounts::new();
    let of = |name: &str| Global { env: Some(name.to_owned()), ..global.clone() };
    let (source, sink) = (of(&args.from), of(&args.to));
    // Both are checked before anything is read.
    let (from, to) = (
        Opened::new(&accounts, &source, args, streams)?,
        Opened::new(&accounts, &sink, args, streams)?,
    );
    let (there, here) = join(from.read(), to.read()).await;
    let (there, here) = (there?, here?);
    let from = Side { desired: &from.desired, live: &there };
    let side = Side { desired: &to.desired, live: &here };
    let found = plan::promotion(from, side);
    let mut overlay = Overlay::default();
    let steps = carry(&found, &sink, from, side, &mut overlay)?;
    let diff = diff(&overlay);
    let written = if args.write { write(&overlay)? } else { Vec::new() };
    let document = Document::new(&found, [&args.from, &args.to], &steps, &overlay, &diff, &written);
    match args.format {
        TextOrJson::Json => streams.json(&document),
        TextOrJson::Text => {
            let options = Options { color: streams.color_data(), width: streams.width() };
            let mut text = text(global, args, &found, &steps, &options);
            if !diff.is_empty() && written.is_empty() {
                text.push_str(&format!("\n{diff}"));
            }
            streams.data(&text);
        }
    }
    for file in &written {
        streams.talk(&format!("wrote {file}; `flexctl plan --env {}` shows the plan", args.to));
    }
    Ok(Exit::Done)
}

/// An environment, and the way to it.
struct Opened {
    analysis: Analysis,
    desired: Model,
    looking: target::Looking,
}

impl Opened {
    fn new(
        accounts: &Accounts,
        global: &Global,
        args: &PromoteArgs,
        streams: &Streams,
    ) -> Result<Self, Failure> {
        let streams = streams.of_one(global.env.as_deref().unwrap_or_default());
        let (analysis, desired) = load::desired(global, &streams)?;
        let looking = target::look_beside(accounts, global, &args.target, &analysis.environment)?;
        Ok(Self { analysis, desired, looking })
    }

    async fn read(&self) -> Result<Snapshot, Failure> {
        // Nobody asks for people: they are others elsewhere.
        let desired =
            Model { workers: Default::default(), capacities: Vec::new(), ..self.desired.clone() };
        let scope = Scope::of(&desired);
        let read = live::read(&self.looking.reader, &scope).await;
        let snapshot = read.map_err(target::failure)?;
        self.looking.check_account(&self.analysis.environment, &snapshot.account_sid)?;
        Ok(snapshot)
    }
}

/// What the files would become.
fn diff(overlay: &Overlay) -> String {
    let changed = overlay.changed().map(|(file, before, after)| {
        let diff = TextDiff::from_lines(before, after);
        diff.unified_diff().header(file, file).to_string()
    });
    changed.collect()
}

fn write(overlay: &Overlay) -> Result<Vec<String>, Failure> {
    let mut written = Vec::new();
    for (file, _, after) in overlay.changed() {
        replace_file(file.into(), after.as_bytes())
            .map_err(|error| Failure::new(Exit::Failed, format!("cannot write {file}: {error}")))?;
        written.push(file.to_owned());
    }
    Ok(written)
}

fn text(
    global: &Global,
    args: &PromoteArgs,
    found: &Promotion,
    steps: &[Step],
    options: &Options,
) -> String {
    let mut page = Page::new(options);
    let heading = format!("{}: what is live in {} and not in {}", global.file, args.from, args.to);
    page.line(0, 4, &[Span::plain(heading)]);
    page.blank();
    for one in &found.differences {
        render::object(&mut page, one);
        for step in steps.iter().filter(|step| step.address == one.address) {
            step.show(&mut page, args);
        }
    }
    render::rest(&mut page, found, [&args.from, &args.to]);
    if found.differences.is_empty() {
        let what = "What the spec owns is the same in both.";
        page.blank();
        page.line(0, 0, &[Span::strong(what)]);
    } else {
        page.blank();
        page.line(0, 4, &[Span::plain(steps::sums(steps))]);
    }
    page.finish()
}
