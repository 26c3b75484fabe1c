//! `offhook dial`: the command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Announcement, Call, CallAudio, DialError, Load};
use crate::media::Secret;
use crate::media::signature::PublicUrl;

/// Play a recording to a server as a Twilio media stream.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// WAV file: mono is the caller alone, stereo the caller left and the agent right
    pub file: PathBuf,
    /// Where the stream goes: ws://HOST:PORT/twilio/media
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// WAV file of the agent (its first channel)
    #[arg(long, value_name = "FILE")]
    pub agent: Option<PathBuf>,
    /// 1 is real time, 2 twice as fast, 0 as fast as the server takes it
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// A stream parameter (customParameters); may be given several times
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub params: Vec<(String, String)>,
    /// A key the caller presses, at milliseconds of the call; may be given several times
    #[arg(long, value_name = "MS:KEY", value_parser = key)]
    pub dtmf: Vec<(u64, char)>,
    /// Place this many calls at once and report
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub calls: u64,
    /// Seconds over which the calls begin [default: a fiftieth of a second a call]
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub ramp_s: Option<f64>,
    /// CallSid [default: random]
    #[arg(long, value_name = "SID")]
    pub call_sid: Option<String>,
    /// The caller's number, sent as the parameter `from`
    #[arg(long, value_name = "NUMBER")]
    pub from: Option<String>,
    /// The number called, sent as the parameter `to`
    #[arg(long, value_name = "NUMBER")]
    pub to_number: Option<String>,
    /// The stream token, sent as the parameter `token`
    #[arg(long)]
    pub token: Option<String>,
    /// Sign the upgrade with this auth token, as Twilio does
    #[arg(
        long,
        env = "OFFHOOK_DIAL_AUTH_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub auth_token: Option<String>,
    /// The server's public address, over which signatures are made, where it is not the one called
    #[arg(long, value_name = "URL", requires = "auth_token", value_parser = public_url)]
    pub public_url: Option<PublicUrl>,
    /// Announce the call at the server's /twilio/voice first and take the stream's parameters (the token) from its answer; report the end
    /// at /twilio/status
    #[arg(long)]
    pub announce: bool,
    /// Drop the connection at the end instead of sending stop
    #[arg(long)]
    pub no_stop: bool,
    /// Hang up after so many milliseconds; longer than the recording plays it again
    #[arg(long, value_name = "MS")]
    pub hangup_after_ms: Option<u64>,
    /// Share of frames that get lost on the way, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub loss: f64,
}

/// Places the call or calls and prints what they were like.
///
/// # Errors
/// One clear line for the terminal; the command then ends with status 1.
pub async fn run(args: Args) -> Result<(), DialError> {
    let audio = Arc::new(CallAudio::from_files(&args.file, args.agent.as_deref())?);
    let call = args.call(audio)?;
    if args.calls == 1 {
        println!(
            "{} calls {} ({:.1} s)",
            call.call_sid,
            call.to,
            args.length_ms(&call) as f64 / 1_000.0
        );
        let report = call.place().await?;
        println!(
            "{} frames, {} bytes in {:.1} s; sent late: p50 {:.2} ms, p99 {:.2} ms",
            report.frames_sent,
            report.bytes_sent,
            report.duration.as_secs_f64(),
            report.lateness.quantile_us(0.5) as f64 / 1_000.0,
            report.lateness.quantile_us(0.99) as f64 / 1_000.0
        );
        return Ok(());
    }
    let ramp = Duration::from_secs_f64(args.ramp_s.unwrap_or(args.calls as f64 / 50.0));
    println!(
        "{} calls of {:.1} s to {}, begun over {:.1} s",
        args.calls,
        args.length_ms(&call) as f64 / 1_000.0,
        call.to,
        ramp.as_secs_f64()
    );
    let report = Load {
        call,
        calls: args.calls,
        ramp,
    }
    .place()
    .await?;
    println!("{report}");
    match report.first_failure.clone() {
        None => Ok(()),
        Some(first) => Err(DialError::Load {
            failed: report.failed(),
            calls: report.calls,
            first,
        }),
    }
}

impl Args {
    fn call(&self, audio: Arc<CallAudio>) -> Result<Call, DialError> {
        let mut call = Call::new(self.to.clone(), audio)?;
        if let Some(sid) = &self.call_sid {
            call.call_sid.clone_from(sid);
        }
        let named = [
            ("token", &self.token),
            ("from", &self.from),
            ("to", &self.to_number),
        ];
        call.parameters = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect();
        call.parameters.extend(self.params.iter().cloned());
        call.speed = self.speed;
        call.dtmf.clone_from(&self.dtmf);
        call.send_stop = !self.no_stop;
        call.length_ms = self.hangup_after_ms;
        call.loss = self.loss;
        call.auth_token = self.auth_token.clone().map(Secret::new);
        call.public_url.clone_from(&self.public_url);
        call.announcement = self.announce.then(|| Announcement {
            from: self.from.clone().unwrap_or_default(),
            to: self.to_number.clone().unwrap_or_default(),
        });
        Ok(call)
    }

    fn length_ms(&self, call: &Call) -> u64 {
        self.hangup_after_ms.unwrap_or(call.audio.duration_ms())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".into()),
    }
}

fn key(text: &str) -> Result<(u64, char), String> {
    let (ms, digit) = text
        .split_once(':')
        .ok_or("write MS:KEY, for instance 4000:5")?;
    let ms = ms
        .parse()
        .map_err(|_| format!("'{ms}' is not a number of milliseconds"))?;
    let mut chars = digit.chars();
    match (chars.next(), chars.next()) {
        (Some(c @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => Ok((ms, c)),
        _ => Err(format!("'{digit}' is not a key: 0 to 9, *, #, A to D")),
    }
}

fn public_url(text: &str) -> Result<PublicUrl, String> {
    PublicUrl::parse(text).map_err(|error| error.to_string())
}

fn number_in(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| format!("'{text}' is not a number"))?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(format!("must be {} to {}", range.start(), range.end()))
    }
}

fn speed(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=1_000.0)
}

fn seconds(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=86_400.0)
}

fn share(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &str) -> Result<Args, String> {
        Command::try_parse_from(line.split_whitespace())
            .map(|command| command.args)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_full_line_becomes_a_call() {
        let args = parse("dial a.wav --to ws://h/m --speed 4 --param vertical=clinic --dtmf 4000:5 --from +15125550142 --token t --no-stop --hangup-after-ms 900").unwrap();
        let call = args
            .call(Arc::new(CallAudio::from_mulaw(&[0xff; 160], None)))
            .unwrap();
        let parameters: Vec<_> = call
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            parameters,
            ["token=t", "from=+15125550142", "vertical=clinic"]
        );
        assert_eq!(
            (call.speed, call.dtmf, call.send_stop, call.length_ms),
            (4.0, vec![(4_000, '5')], false, Some(900))
        );
        assert_eq!((call.call_sid.len(), &call.call_sid[..2]), (34, "CA"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_reason() {
        for (line, says) in [
            ("dial a.wav", "--to"),
            ("dial a.wav --to x --speed fast", "not a number"),
            ("dial a.wav --to x --loss 2", "must be 0 to 1"),
            ("dial a.wav --to x --dtmf 5", "MS:KEY"),
            ("dial a.wav --to x --dtmf 5:x", "not a key"),
            ("dial a.wav --to x --param y", "NAME=VALUE"),
            ("dial a.wav --to x --calls 0", "0"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
