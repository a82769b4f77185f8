//! What the SDK says of its work: written where `--debug` and `--log-file` ask for it, and kept for progress. Its spans have
//! no secrets in them.

use std::fs::OpenOptions;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::args::{Global, LogFormat};
use crate::exit::{Exit, Failure};

/// What is under way, the latest last.
static UNDER_WAY: Mutex<Vec<(u64, String)>> = Mutex::new(Vec::new());

/// Begins to write what was asked for.
pub(crate) fn begin(global: &Global) -> Result<(), Failure> {
    let shown = std::io::stderr().is_terminal();
    if !shown && !global.debug && global.log_file.is_none() {
        return Ok(());
    }
    let ours = || Targets::new().with_target("org42", tracing::Level::TRACE);
    let lines = || {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
    };
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    if shown {
        layers.push(UnderWay.with_filter(ours()).boxed());
    }
    if global.debug {
        let lines = lines().with_writer(std::io::stderr);
        layers.push(lines.with_filter(ours()).boxed());
    }
    if let Some(file) = &global.log_file {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(file).map_err(|error| {
            let message = format!("cannot write the log to {}", file.display());
            Failure::because(Exit::Usage, message, error)
        })?;
        let lines = lines().with_writer(Mutex::new(opened));
        layers.push(match global.log_format {
            LogFormat::Text => lines.with_filter(ours()).boxed(),
            LogFormat::Json => lines.json().with_filter(ours()).boxed(),
        });
    }
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layers))
        .map_err(|error| Failure::of(Exit::Failed, error))
}

/// Returns what is under way just now, for people who wait.
pub(crate) fn under_way() -> Option<String> {
    let under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    under_way.last().map(|(_, what)| what.clone())
}

/// Keeps what is under way.
struct UnderWay;

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for UnderWay {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let what = match (attributes.metadata().name(), fields) {
            ("operation", Fields { operation, .. }) => operation,
            (
                "attempt",
                Fields {
                    number: number @ 2..,
                    ..
                },
            ) => format!("attempt {number}"),
            ("wait", Fields { pause_ms, .. }) => {
                let seconds = Duration::from_millis(pause_ms).as_secs();
                format!("waiting {} s before the next attempt", seconds.max(1))
            }
            _ => return,
        };
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.push((id.into_u64(), what));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|(other, _)| *other != id.into_u64());
    }
}

/// The fields of a span that people are shown.
#[derive(Default)]
struct Fields {
    operation: String,
    number: u64,
    pause_ms: u64,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "number" => self.number = value,
            "pause_ms" => self.pause_ms = value,
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "operation" {
            value.clone_into(&mut self.operation);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
