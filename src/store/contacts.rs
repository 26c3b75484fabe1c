//! Who the business knows: contacts, and what it has loaded about them.
//!
//! A contact is found by its keys: telephone numbers (E.164), mail addresses, and its ids in other systems. What is loaded here is the
//! business's; what a caller says never changes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::audit::{self, Actor};
use super::database::sql::{Conditions, Row, Sql, params};
use super::database::{Cursor, DatabaseError, List, Page};

/// What a contact is, apart from its id and its history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// The client whose contact it is; none is everybody's.
    pub client_id: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// Telephone numbers, E.164.
    pub phones: Vec<String>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// Postal addresses, as the business writes them.
    pub addresses: Vec<Value>,
    /// Its ids in other systems, by system.
    pub external_ids: BTreeMap<String, String>,
    /// Whatever else the business loads: plan, last visit.
    pub contact_data: Map<String, Value>,
    /// Labels.
    pub tags: Vec<String>,
    /// What the contact agreed to: `sms`, `email`, `recorded_at`.
    pub consent: Map<String, Value>,
}

impl Content {
    /// What the contact is found by: kind and value.
    fn keys(&self) -> Vec<(String, String)> {
        let phones = self.phones.iter().map(|p| ("phone".to_owned(), p.clone()));
        let emails = self
            .emails
            .iter()
            .map(|e| ("email".to_owned(), e.to_lowercase()));
        let ids = self
            .external_ids
            .iter()
            .map(|(system, id)| (format!("id:{system}"), id.clone()));
        let mut keys: Vec<_> = phones.chain(emails).chain(ids).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// What another load adds: its lists are joined to these, its single values replace these.
    fn absorb(&mut self, loaded: &Content) {
        fn join<T: PartialEq + Clone>(own: &mut Vec<T>, more: &[T]) {
            for item in more {
                if !own.contains(item) {
                    own.push(item.clone());
                }
            }
        }
        self.client_id = loaded.client_id.clone().or_else(|| self.client_id.take());
        self.name = loaded.name.clone().or_else(|| self.name.take());
        join(&mut self.phones, &loaded.phones);
        join(&mut self.emails, &loaded.emails);
        join(&mut self.addresses, &loaded.addresses);
        join(&mut self.tags, &loaded.tags);
        self.external_ids.extend(loaded.external_ids.clone());
        self.contact_data.extend(loaded.contact_data.clone());
        self.consent.extend(loaded.consent.clone());
    }
}

/// A contact as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// `con_...`
    pub id: String,
    /// What it is.
    pub content: Content,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// When it was changed last.
    pub updated_at_ms: i64,
}

const COLUMNS: &str = "id, version, created_at_ms, updated_at_ms, contact";

impl Contact {
    fn read(row: &Row) -> Result<Self, DatabaseError> {
        let document: String = row.get(4)?;
        Ok(Self {
            id: row.get(0)?,
            version: row.get(1)?,
            created_at_ms: row.get(2)?,
            updated_at_ms: row.get(3)?,
            // Written by `store`; one that is damaged shows as empty rather than hiding all others.
            content: serde_json::from_str(&document).unwrap_or_default(),
        })
    }

    fn document(&self) -> String {
        json!(self.content).to_string()
    }
}

/// Which contacts to list. `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Only with this telephone number.
    pub phone: Option<String>,
    /// Only whose name has this in it, whatever the case.
    pub name: Option<String>,
    /// Only of this client.
    pub client_id: Option<String>,
}

/// Contacts, the one changed last first.
///
/// # Errors
/// When the database refuses.
pub fn list(
    sql: &mut dyn Sql,
    filter: &ContactFilter,
    limit: usize,
    after: Option<&Cursor>,
) -> Result<Page<Contact>, DatabaseError> {
    let name = filter.name.as_ref().map(|name| {
        let literal = name.to_lowercase().replace(['%', '_', '\\'], "");
        format!("%{literal}%")
    });
    let mut wanted = Conditions::default();
    wanted
        .add_if("lower(name) LIKE ?", name.as_deref())
        .add_if("client_id = ?", filter.client_id.as_deref())
        .add_if(
            "id IN (SELECT contact_id FROM contact_keys WHERE kind = 'phone' AND value = ?)",
            filter.phone.as_deref(),
        );
    let list = List {
        table: "contacts",
        columns: COLUMNS,
        at: "updated_at_ms",
    };
    list.page(sql, wanted, limit, after, Contact::read, |contact| Cursor {
        at_ms: contact.updated_at_ms,
        id: contact.id.clone(),
    })
}

/// The contact with this id.
///
/// # Errors
/// When the database refuses.
pub fn get(sql: &mut dyn Sql, id: &str) -> Result<Option<Contact>, DatabaseError> {
    let statement = format!("SELECT {COLUMNS} FROM contacts WHERE id = ?1");
    sql.query_first(&statement, params![id])?
        .as_ref()
        .map(Contact::read)
        .transpose()
}

/// The contacts with this key.
fn by_key(sql: &mut dyn Sql, kind: &str, value: &str) -> Result<Vec<Contact>, DatabaseError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM contacts WHERE id IN (SELECT contact_id FROM contact_keys WHERE kind = ?1 AND value = ?2) ORDER BY id"
    );
    sql.query(&statement, params![kind, value])?
        .iter()
        .map(Contact::read)
        .collect()
}

/// The one contact of a client (or of everybody) with this telephone number. Where several share it, nobody can say which of them calls.
///
/// # Errors
/// When the database refuses.
pub fn by_number(
    sql: &mut dyn Sql,
    client_id: Option<&str>,
    number: &str,
) -> Result<Option<Contact>, DatabaseError> {
    let mut found = by_key(sql, "phone", number)?;
    found.retain(|contact| {
        let owner = contact.content.client_id.as_deref();
        owner.is_none() || owner == client_id
    });
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// How many stored calls came from a number at locations of the same client (`locations`; none is all).
///
/// # Errors
/// When the database refuses.
pub fn calls_from(
    sql: &mut dyn Sql,
    number: &str,
    locations: Option<&[String]>,
) -> Result<i64, DatabaseError> {
    let mut wanted = Conditions::default();
    wanted.add("from_number = ?", number);
    if let Some(locations) = locations {
        wanted.add_among("location_id", locations.iter().map(String::as_str));
    }
    let statement = format!("SELECT count(*) FROM calls{}", wanted.sql());
    sql.query_first(&statement, wanted.params())?
        .map_or(Ok(0), |row| row.get(0))
}

fn put(sql: &mut dyn Sql, contact: &Contact) -> Result<(), DatabaseError> {
    let content = &contact.content;
    sql.execute(
        "INSERT INTO contacts (id, client_id, name, version, created_at_ms, updated_at_ms, contact) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, name = excluded.name, version = excluded.version,
            updated_at_ms = excluded.updated_at_ms, contact = excluded.contact",
        params![
            &contact.id, &content.client_id, &content.name, contact.version, contact.created_at_ms, contact.updated_at_ms,
            &contact.document(),
        ],
    )?;
    sql.execute(
        "DELETE FROM contact_keys WHERE contact_id = ?1",
        params![&contact.id],
    )?;
    for (kind, value) in content.keys() {
        sql.execute(
            "INSERT INTO contact_keys (kind, value, contact_id) VALUES (?1, ?2, ?3)",
            params![&kind, &value, &contact.id],
        )?;
    }
    Ok(())
}

/// Makes a contact.
///
/// # Errors
/// When the database refuses.
pub fn create(
    sql: &mut dyn Sql,
    id: &str,
    content: &Content,
    actor: &Actor,
    at_ms: i64,
) -> Result<Contact, DatabaseError> {
    let contact = Contact {
        id: id.to_owned(),
        content: content.clone(),
        version: 1,
        created_at_ms: at_ms,
        updated_at_ms: at_ms,
    };
    put(sql, &contact)?;
    let event = audit::Event::new(at_ms, actor.clone(), "contact.create", id)
        .changing(None, Some(&contact.document()));
    audit::append(sql, &event)?;
    Ok(contact)
}

/// Gives a contact another content. With `expected`, only if that is its version.
///
/// # Errors
/// When there is none, somebody else was faster, or the database refuses.
pub fn change(
    sql: &mut dyn Sql,
    id: &str,
    expected: Option<i64>,
    content: &Content,
    actor: &Actor,
    at_ms: i64,
) -> Result<Contact, DatabaseError> {
    let before = get(sql, id)?.ok_or_else(|| DatabaseError::NotFound { id: id.to_owned() })?;
    if let Some(expected) = expected.filter(|expected| *expected != before.version) {
        return Err(DatabaseError::Conflict {
            id: id.to_owned(),
            expected,
            current: before.version,
        });
    }
    if before.content == *content {
        return Ok(before);
    }
    let after = Contact {
        content: content.clone(),
        version: before.version + 1,
        updated_at_ms: at_ms,
        ..before.clone()
    };
    put(sql, &after)?;
    let event = audit::Event::new(at_ms, actor.clone(), "contact.edit", id)
        .changing(Some(&before.document()), Some(&after.document()));
    audit::append(sql, &event)?;
    Ok(after)
}

/// Deletes a contact; returns whether there was one. What calls have taken over from it stays in their records: see erasures.
///
/// # Errors
/// When the database refuses.
pub fn delete(
    sql: &mut dyn Sql,
    id: &str,
    actor: &Actor,
    at_ms: i64,
) -> Result<bool, DatabaseError> {
    let Some(before) = get(sql, id)? else {
        return Ok(false);
    };
    sql.execute("DELETE FROM contacts WHERE id = ?1", params![id])?;
    let event = audit::Event::new(at_ms, actor.clone(), "contact.delete", id)
        .changing(Some(&before.document()), None);
    audit::append(sql, &event)?;
    Ok(true)
}

/// What loading contacts did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Loaded {
    /// Contacts that are new.
    pub created: usize,
    /// Contacts that were there and have changed.
    pub updated: usize,
    /// Contacts that were there and said the same.
    pub unchanged: usize,
    /// Rows (counted from 0) whose keys belong to several contacts: nothing was done with them.
    pub ambiguous: Vec<usize>,
}

/// Loads contacts: each is joined to the one it is already known as (by an id in another system, else by a number or address), or made.
/// `new_id` gives the id of the nth.
///
/// # Errors
/// When the database refuses; nothing was loaded then.
pub fn load(
    sql: &mut dyn Sql,
    rows: &[Content],
    new_id: impl Fn(usize) -> String,
    actor: &Actor,
    at_ms: i64,
) -> Result<Loaded, DatabaseError> {
    let mut done = Loaded::default();
    for (number, row) in rows.iter().enumerate() {
        let mut known = known_as(sql, row)?;
        match (known.pop(), known.is_empty()) {
            (None, _) => {
                create(sql, &new_id(number), row, actor, at_ms)?;
                done.created += 1;
            }
            (Some(contact), true) => {
                let mut content = contact.content.clone();
                content.absorb(row);
                let after = change(sql, &contact.id, None, &content, actor, at_ms)?;
                let counter = if after.version == contact.version {
                    &mut done.unchanged
                } else {
                    &mut done.updated
                };
                *counter += 1;
            }
            (Some(_), false) => done.ambiguous.push(number),
        }
    }
    Ok(done)
}

/// The contacts that a row may be about: those with its ids if there are any, else those with its numbers or addresses.
fn known_as(sql: &mut dyn Sql, row: &Content) -> Result<Vec<Contact>, DatabaseError> {
    let (ids, others): (Vec<_>, Vec<_>) = row
        .keys()
        .into_iter()
        .partition(|(kind, _)| kind.starts_with("id:"));
    for keys in [ids, others] {
        let mut found: Vec<Contact> = Vec::new();
        for (kind, value) in keys {
            for contact in by_key(sql, &kind, &value)? {
                let same_owner = contact.content.client_id == row.client_id
                    || contact.content.client_id.is_none()
                    || row.client_id.is_none();
                // Somebody with another id in the same system is somebody else, whatever number they share.
                let other_id = row.external_ids.iter().any(|(system, id)| {
                    contact
                        .content
                        .external_ids
                        .get(system)
                        .is_some_and(|own| own != id)
                });
                if same_owner && !other_id && !found.iter().any(|known| known.id == contact.id) {
                    found.push(contact);
                }
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::database::Database;
    use super::super::database::testing::on_both;
    use super::*;

    fn maria() -> Content {
        Content {
            name: Some("Maria Alvarez".into()),
            phones: vec!["+15125550142".into()],
            emails: vec!["Maria@example.com".into()],
            external_ids: BTreeMap::from([("crm".into(), "0035".into())]),
            contact_data: json!({ "plan": "Gold" })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            ..Content::default()
        }
    }

    async fn loaded(database: &Database, rows: Vec<Content>) -> Loaded {
        let load = move |sql: &mut dyn Sql| {
            let before = sql.query("SELECT id FROM contacts", params![])?.len();
            let id = |number| format!("con_{:03}", before + number);
            load(sql, &rows, id, &Actor::engine(), 5_000)
        };
        database.write(load).await.unwrap()
    }

    async fn found(database: &Database, client: Option<&str>, number: &str) -> Option<String> {
        let (client, number) = (client.map(str::to_owned), number.to_owned());
        database
            .read(move |sql| by_number(sql, client.as_deref(), &number))
            .await
            .unwrap()
            .map(|contact| contact.id)
    }

    async fn a_contact_is_loaded_once_and_found_by_its_number(database: Database) {
        let first = loaded(&database, vec![maria()]).await;
        assert_eq!((first.created, first.updated), (1, 0));
        let again = loaded(&database, vec![maria()]).await;
        assert_eq!((again.created, again.unchanged), (0, 1));
        let more = Content {
            phones: vec!["+15125550143".into()],
            contact_data: json!({ "plan": "Silver", "visits": 2 })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            ..maria()
        };
        assert_eq!(loaded(&database, vec![more]).await.updated, 1);
        for number in ["+15125550142", "+15125550143"] {
            assert_eq!(
                found(&database, None, number).await.as_deref(),
                Some("con_000")
            );
        }
        let contact = database
            .read(|sql| get(sql, "con_000"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (
                contact.version,
                contact.content.contact_data["plan"].as_str()
            ),
            (2, Some("Silver"))
        );
        assert!(database.verify_audit(None).await.unwrap().ok);
    }

    async fn a_number_that_several_share_finds_nobody(database: Database) {
        let paul = Content {
            name: Some("Paul Alvarez".into()),
            external_ids: BTreeMap::from([("crm".into(), "0036".into())]),
            emails: Vec::new(),
            ..maria()
        };
        assert_eq!(loaded(&database, vec![maria(), paul]).await.created, 2);
        assert_eq!(found(&database, None, "+15125550142").await, None);
        let nobody = Content {
            phones: vec!["+15125550142".into()],
            ..Content::default()
        };
        assert_eq!(loaded(&database, vec![nobody]).await.ambiguous, [0]);
    }

    async fn a_clients_contact_is_nobody_elses(database: Database) {
        let owned = Content {
            client_id: Some("acme".into()),
            ..maria()
        };
        loaded(&database, vec![owned]).await;
        assert!(
            found(&database, Some("acme"), "+15125550142")
                .await
                .is_some()
        );
        assert_eq!(found(&database, Some("other"), "+15125550142").await, None);
        assert_eq!(found(&database, None, "+15125550142").await, None);
    }

    async fn a_change_needs_the_version_it_was_made_on(database: Database) {
        loaded(&database, vec![maria()]).await;
        let rename = |expected| {
            database.write(move |sql| {
                let content = Content {
                    name: Some("M. Alvarez".into()),
                    phones: Vec::new(),
                    ..maria()
                };
                change(
                    sql,
                    "con_000",
                    Some(expected),
                    &content,
                    &Actor::engine(),
                    6_000,
                )
            })
        };
        assert_eq!(rename(1).await.unwrap().version, 2);
        let late = rename(1).await.unwrap_err();
        assert!(
            matches!(late, DatabaseError::Conflict { current: 2, .. }),
            "{late}"
        );
        assert_eq!(
            found(&database, None, "+15125550142").await,
            None,
            "an old key is gone"
        );
        let named = ContactFilter {
            name: Some("ALVAR".into()),
            ..ContactFilter::default()
        };
        let page = database.read(move |sql| list(sql, &named, 10, None)).await;
        assert_eq!(page.unwrap().rows.len(), 1);
        let gone = database.write(|sql| delete(sql, "con_000", &Actor::engine(), 7_000));
        assert!(gone.await.unwrap());
        let keys = database.read(|sql| sql.query("SELECT kind FROM contact_keys", params![]));
        assert_eq!(keys.await.unwrap(), []);
    }

    on_both!(
        a_contact_is_loaded_once_and_found_by_its_number,
        a_number_that_several_share_finds_nobody,
        a_clients_contact_is_nobody_elses,
        a_change_needs_the_version_it_was_made_on,
    );
}
