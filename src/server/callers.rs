//! Who calls: what the business has loaded about a number.

use std::time::Duration;

use crate::call::Caller;
use crate::server::edge::Edge;
use crate::store::DatabaseError;
use crate::store::contacts;

/// Longest a call waits to learn who calls.
const PATIENCE: Duration = Duration::from_millis(300);

/// Why a caller could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// The database refuses.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database is too slow at the moment.
    #[error("the database did not answer within {} ms", PATIENCE.as_millis())]
    Slow,
}

/// What is known about `number` at a client.
///
/// # Errors
/// When the database refuses or takes too long: no call waits for it.
pub async fn look_up(
    edge: &Edge,
    client_id: Option<String>,
    number: String,
) -> Result<Caller, LookUpError> {
    // Calls to another client's locations are none of this one's business.
    let locations: Option<Vec<String>> = client_id.is_some().then(|| {
        let own = edge
            .config
            .locations
            .iter()
            .filter(|l| l.client == client_id);
        own.map(|location| location.id.clone()).collect()
    });
    let asked = edge.store.database.read(move |sql| {
        let contact = contacts::by_number(sql, client_id.as_deref(), &number)?;
        let previous_calls = contacts::calls_from(sql, &number, locations.as_deref())?;
        let contact_id = contact.as_ref().map(|contact| contact.id.clone());
        let content = contact.map(|contact| contact.content).unwrap_or_default();
        Ok::<_, DatabaseError>(Caller {
            number: number.clone(),
            known: contact_id.is_some(),
            contact_id,
            contact_name: content.name,
            external_ids: content.external_ids,
            previous_calls: u64::try_from(previous_calls).unwrap_or(0),
            contact_data: content.contact_data,
        })
    });
    Ok(tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| LookUpError::Slow)??)
}
