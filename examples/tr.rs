use clap::Parser;
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: offhook::speech::transcribe::Args,
    #[arg(long)]
    endpoint: Option<u32>,
}
fn main() {
    let cli = Cli::parse();
    let mut s = offhook::speech::Settings::default();
    if let Some(e) = cli.endpoint {
        s.endpoint_ms = e;
        s.number_endpoint_ms = s.number_endpoint_ms.max(e);
    }
    let r = offhook::speech::transcribe::run(
        &cli.args,
        &s,
        &mut std::io::stdout().lock(),
        &mut std::io::stderr(),
    );
    match r {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    }
}
