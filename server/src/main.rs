//! The programme `besedka`: serves, and a few commands for its administrator.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use domain::Role;
use server::config::Settings;
use server::{api, auth, serve, store};

/// Gives memory back after a flood, which the system's own keeps.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Беседка: a self-hosted WhatsApp workplace.
#[derive(Parser)]
#[command(name = "besedka", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (what happens without a command too)
    Serve {
        #[command(flatten)]
        settings: Settings,
    },
    /// Add, list or give a new password to members of staff
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Let notifications that could not be understood be tried again, after an update
    Replay {
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the OpenAPI description of the HTTP API
    Openapi,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a member of staff; the password is asked for or read from standard input
    Add {
        /// What is typed at sign-in
        login: String,
        /// The full name; the login unless told
        #[arg(long)]
        name: Option<String>,
        /// administrator, supervisor, operator, reader or service
        #[arg(long, default_value = "operator", value_parser = role)]
        role: Role,
        #[command(flatten)]
        settings: Settings,
    },
    /// Set a new password and end all sessions
    Password {
        /// Whose
        login: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// List members of staff
    List {
        #[command(flatten)]
        settings: Settings,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "administrator, supervisor, operator, reader or service".to_owned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        None => run(cli.settings).await,
        Some(Command::Serve { settings }) => run(settings).await,
        Some(Command::User { command }) => user(command).await,
        Some(Command::Replay { settings }) => replay(settings).await,
        Some(Command::Openapi) => {
            println!("{}", api::openapi().to_pretty_json()?);
            Ok(())
        }
    }
}

async fn run(settings: Settings) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn,hyper=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().init();
    }
    let server = serve::start(settings.resolve()?).await?;
    let address = server.address;
    println!("Besedka {} listens on http://{address}", env!("CARGO_PKG_VERSION"));
    if !store::user::any(&server.state.db).await? {
        println!("Nobody can sign in yet: open http://{address}/setup to make the first administrator");
    }
    std::io::stdout().flush()?;
    wait_for_signal().await?;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

async fn wait_for_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            done = tokio::signal::ctrl_c() => done?,
            _ = terminate.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c().await?)
}

async fn user(command: UserCommand) -> anyhow::Result<()> {
    let said = |problem: server::fault::Problem| {
        anyhow::anyhow!("{}", domain::locale::fault(domain::Language::En, problem.fault))
    };
    match command {
        UserCommand::Add { login, name, role, settings } => {
            let state = serve::open(settings.resolve()?).await?;
            let name = name.unwrap_or_else(|| login.clone());
            let id = auth::create_user(&state.db, &login, &name, role, &password()?).await.map_err(said)?;
            println!("{login} is user {id}");
        }
        UserCommand::Password { login, settings } => {
            let state = existing(settings).await?;
            auth::change_password(&state.db, &login, &password()?).await.map_err(said)?;
            println!("The password of {login} is changed; its sessions end within ten seconds");
        }
        UserCommand::List { settings } => {
            let state = existing(settings).await?;
            for user in store::user::all(&state.db).await? {
                let off = if user.enabled { "" } else { "  (disabled)" };
                println!("{:>5}  {:<13}  {}  {}{off}", user.id.0, user.role.as_str(), user.login, user.name);
            }
        }
    }
    Ok(())
}

/// Asks for a password, or reads it from a pipe.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("Password: ");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("no password given");
    }
    Ok(password)
}

/// Opens the data of a server that has run before: a mistyped folder is not to become a new one.
async fn existing(settings: Settings) -> anyhow::Result<server::state::State> {
    let config = settings.resolve()?;
    if !config.data.is_dir() {
        bail!("there is no data in {}; name the server's folder with --data", config.data.display());
    }
    serve::open(config).await
}

async fn replay(settings: Settings) -> anyhow::Result<()> {
    let state = existing(settings).await?;
    let mut tx = state.db.begin().await?;
    let count = store::journal::replay(&mut tx).await?;
    tx.commit().await?;
    println!("{count} notifications will be tried again by the running server");
    Ok(())
}
