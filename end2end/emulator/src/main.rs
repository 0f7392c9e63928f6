//! The emulator as a programme: for Playwright, measurements and hand work. What it does is in the
//! library.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use emulator::Emulator;
use emulator::green_api::{NewInstance, Pace};

/// Green-API on loopback, as its reference describes it.
#[derive(Parser)]
struct Flags {
    /// Loopback address; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// An instance to begin with; may be repeated.
    #[arg(long = "instance", value_name = "ID:TOKEN")]
    instances: Vec<String>,
    /// Delays and limits as the real service has them instead of short ones.
    #[arg(long)]
    real_pace: bool,
    /// Switches on every notification that an inbox wants to hear of.
    #[arg(long)]
    inbox: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let flags = Flags::parse();
    let emulator = Emulator::start_on(flags.listen).await?;
    let url = emulator.url().to_owned();
    for text in &flags.instances {
        let (id, token) = text.split_once(':').context("--instance wants ID:TOKEN")?;
        let pace = if flags.real_pace { Pace::real() } else { Pace::default() };
        emulator.green_api().add_instance(NewInstance {
            id: Some(id.parse().context("the instance's ID is a number")?),
            token: Some(token.to_owned()),
            inbox: flags.inbox,
            pace,
            ..NewInstance::default()
        });
    }
    println!("emulator: {url}");
    println!("  API and media host of every Green-API instance: {url}");
    for instance in emulator.green_api().instances() {
        println!("  instance {}, token {}", instance.id, instance.token());
    }
    let first = emulator.green_api().instances().first().map_or(7_103_000_001, |i| i.id);
    println!("  what can be asked:  curl {url}/_control");
    println!("  a new instance:     curl -d '{{\"inbox\":true}}' {url}/_control/green-api/instances");
    println!(
        "  a client writes:    curl -d '{{\"chat\":\"79990000002\",\"text\":\"Здравствуйте\"}}' \
         {url}/_control/green-api/{first}/incoming"
    );
    println!("  what was sent:      curl {url}/_control/green-api/{first}/sent");
    tokio::signal::ctrl_c().await?;
    emulator.stop().await;
    Ok(())
}
