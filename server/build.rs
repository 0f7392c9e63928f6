//! Makes sure that the folder of the built client exists, so that the server compiles before the client is built.

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=../dist");
    std::fs::create_dir_all("../dist")
}
