//! Figures for /metrics, in Prometheus's text form.

use anyhow::Context;
use prometheus::{Encoder, IntCounter, IntGauge, Registry, TextEncoder};

/// The figures.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    /// Notifications kept in the journal.
    pub accepted: IntCounter,
    /// Notifications applied.
    pub applied: IntCounter,
    /// Notifications that could not be decoded or applied.
    pub undecoded: IntCounter,
    /// Webhook calls refused.
    pub rejected: IntCounter,
    /// Messages that a provider took.
    pub sent: IntCounter,
    /// Sends that a provider refused or whose answer was lost.
    pub refused: IntCounter,
    /// Browsers listening.
    pub sockets: IntGauge,
    /// Notifications that wait.
    pub journal_backlog: IntGauge,
    /// Jobs that wait.
    pub job_backlog: IntGauge,
    /// The last number of the event log.
    pub seq: IntGauge,
}

impl Metrics {
    /// Makes and registers them.
    pub fn new() -> anyhow::Result<Self> {
        let registry = Registry::new_custom(Some("besedka".to_owned()), None).context("metrics")?;
        let counter = |name: &str, help: &str| -> anyhow::Result<IntCounter> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let gauge = |name: &str, help: &str| -> anyhow::Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        Ok(Self {
            accepted: counter("notifications_accepted_total", "Notifications kept in the journal")?,
            applied: counter("notifications_applied_total", "Notifications applied")?,
            undecoded: counter("notifications_failed_total", "Notifications that could not be decoded or applied")?,
            rejected: counter("webhooks_rejected_total", "Webhook calls refused")?,
            sent: counter("messages_sent_total", "Messages that a provider took")?,
            refused: counter("sends_refused_total", "Sends refused, or whose answer was lost")?,
            sockets: gauge("live_sockets", "Browsers listening")?,
            journal_backlog: gauge("journal_backlog", "Notifications that wait")?,
            job_backlog: gauge("job_backlog", "Jobs that wait")?,
            seq: gauge("event_seq", "The last number of the event log")?,
            registry,
        })
    }

    /// As Prometheus reads it.
    pub fn text(&self) -> anyhow::Result<String> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8(text)?)
    }
}
