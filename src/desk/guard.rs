//! Who may see the desk. There is no sign-in yet, so only this machine may.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::desk::Problem;

/// Lets requests through that come from this machine and call it by a name of its own.
///
/// The name matters as much as the address: a tunnel or proxy that makes `/twilio` public connects from this machine too, but under its
/// public name; and a page elsewhere that points its own name here (DNS rebinding) is not let in either.
pub(super) async fn this_machine_only(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .and_then(|v| v.to_str().ok());
    let same_origin = origin.is_none_or(|o| {
        o.split_once("://")
            .is_some_and(|(_, authority)| authority == host)
    });
    if peer.ip().to_canonical().is_loopback() && is_loopback_name(host) && same_origin {
        return next.run(request).await;
    }
    Problem::new(
        StatusCode::FORBIDDEN,
        "this_machine_only",
        "until sign-in exists, pages and API answer only to this machine under the name localhost or 127.0.0.1",
    )
    .into_response()
}

/// Whether a `Host` header names the loopback interface, with or without a port.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback_name;

    #[test]
    fn only_names_of_this_machine_pass() {
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "LocalHost",
        ] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in [
            "",
            "offhook.example",
            "localhost.example:80",
            "127.0.0.1.example",
            "10.0.0.1:8080",
            "[::2]",
        ] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
