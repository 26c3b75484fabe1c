//! Who a request comes from, for the audit trail.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::store::audit::Actor;

/// Who a request comes from: whoever signed in (an [`Actor`] among the request's extensions), else this machine.
pub struct Acting(pub Actor);

impl<S: Sync> FromRequestParts<S> for Acting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Actor>().cloned();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(known.unwrap_or_else(|| Actor {
            kind: "local".to_owned(),
            id: None,
            ip: peer.map(|ConnectInfo(peer)| peer.ip().to_canonical().to_string()),
        })))
    }
}
