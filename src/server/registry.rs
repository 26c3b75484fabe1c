//! The calls that are going on, by our id and by the provider's.

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::call::CallId;
use crate::server::mailbox::Mailbox;

/// Provider and the provider's call id.
type ProviderCall = (&'static str, String);

/// The calls that are going on. A call leaves it when its draft is stored.
#[derive(Default)]
pub struct Registry {
    by_provider: DashMap<ProviderCall, (CallId, Mailbox)>,
    by_id: DashMap<CallId, Mailbox>,
}

impl Registry {
    /// The mailbox of the provider's call, opening the call with `open` if it is not going on. Two events that arrive at once open it once.
    ///
    /// # Errors
    /// Whatever `open` fails with; nothing is registered then.
    pub fn find_or_open<E>(
        &self,
        provider: &'static str,
        provider_call_id: &str,
        open: impl FnOnce() -> Result<(CallId, Mailbox), E>,
    ) -> Result<(CallId, Mailbox), E> {
        match self
            .by_provider
            .entry((provider, provider_call_id.to_owned()))
        {
            Entry::Occupied(found) => Ok(found.get().clone()),
            Entry::Vacant(free) => {
                let (id, mailbox) = open()?;
                self.by_id.insert(id, mailbox.clone());
                metrics::gauge!("offhook_calls_open").increment(1.0);
                metrics::counter!("offhook_calls_total").increment(1);
                Ok(free.insert((id, mailbox)).clone())
            }
        }
    }

    /// The mailbox of a call by our id.
    pub fn get(&self, id: CallId) -> Option<Mailbox> {
        self.by_id.get(&id).map(|m| m.clone())
    }

    /// The mailbox of a provider's call.
    pub fn find(&self, provider: &'static str, provider_call_id: &str) -> Option<Mailbox> {
        self.by_provider
            .get(&(provider, provider_call_id.to_owned()))
            .map(|found| found.1.clone())
    }

    /// Whether a provider's call is going on.
    pub fn knows(&self, provider: &'static str, provider_call_id: &str) -> bool {
        self.by_provider
            .contains_key(&(provider, provider_call_id.to_owned()))
    }

    /// Our id of a call by the provider's, whoever the provider is: what a person may have typed.
    pub fn by_provider_id(&self, provider_call_id: &str) -> Option<CallId> {
        self.by_provider
            .iter()
            .find(|e| e.key().1 == provider_call_id)
            .map(|e| e.value().0)
    }

    /// Takes a call out.
    pub fn remove(&self, id: CallId) {
        if self.by_id.remove(&id).is_some() {
            self.by_provider.retain(|_, (other, _)| *other != id);
            metrics::gauge!("offhook_calls_open").decrement(1.0);
        }
    }

    /// How many calls are going on.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// No call is going on.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All mailboxes.
    pub fn mailboxes(&self) -> Vec<Mailbox> {
        self.by_id.iter().map(|m| m.clone()).collect()
    }
}
