//! `/openapi.json`: what the API takes and answers, for programs and for those who write them.
//!
//! Made of the tables in `operations`. Tests hold them to the routes there are: a route that is in none, and one in them that
//! nobody answers, is a failure.

mod operations;
mod schemas;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::{Map, Value, json};

use operations::{Answer, Kind, Operation, Param};

/// The route of the description. Anybody may read it: it says nothing of any business.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/openapi.json", get(show))
}

async fn show() -> Response {
    static ONCE: LazyLock<Value> = LazyLock::new(document);
    Json(&*ONCE).into_response()
}

/// The whole description, OpenAPI 3.1.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
        let path = paths
            .entry(operation.path.to_owned())
            .or_insert_with(|| json!({}));
        path[operation.method.to_ascii_lowercase()] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Offhook", "version": env!("CARGO_PKG_VERSION"),
            "description": "Calls become finished work while they go on. Times are RFC 3339 (UTC); positions in a call are milliseconds from its first media sample; lists are {data, next_cursor}; errors are application/problem+json.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "key": [] }, { "session": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "A key made at /v1/api-keys" },
                "session": { "type": "apiKey", "in": "cookie", "name": "offhook_session" },
            },
            "schemas": schemas::all(),
        },
    })
}

/// An operation's name for generated clients: `get_v1_records_id_fields_name`.
fn operation_id(operation: &Operation) -> String {
    let words = operation
        .path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty());
    std::iter::once(operation.method.to_ascii_lowercase())
        .chain(words.map(str::to_owned))
        .collect::<Vec<_>>()
        .join("_")
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let known = operation.path_values.iter().find(|(n, _)| *n == name);
            let schema = known.map_or_else(
                || json!({ "type": "string" }),
                |(_, values)| json!({ "type": "string", "enum": values }),
            );
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(operation.query.iter().map(query_parameter));
    if operation.versioned {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string", "examples": ["\"3\""] },
            "description": "The ETag that the change is made from",
        }));
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
            "description": "The same key with the same request is done once",
        }));
    }
    let mut out = json!({
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses(operation),
    });
    if let Some(needs) = operation.needs {
        out["description"] = json!(format!("Needs {needs}."));
    } else {
        out["security"] = json!([]);
    }
    if let Some((kind, body)) = operation.body {
        out["requestBody"] = json!({
            "required": operation.body_required,
            "content": { kind: { "schema": { "$ref": format!("#/components/schemas/{body}") } } },
        });
    }
    out
}

fn query_parameter(param: &Param) -> Value {
    let schema = match param.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::Limit => json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::OneOf(values) => json!({ "type": "string", "enum": values }),
    };
    json!({ "name": param.name, "in": "query", "required": param.required, "schema": schema })
}

fn responses(operation: &Operation) -> Value {
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    };
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let content = match operation.answer {
        Answer::Nothing => json!({ "description": "Done" }),
        Answer::One(name) => {
            json!({ "description": "It", "content": { "application/json": { "schema": schema(name) } } })
        }
        Answer::List(name) => json!({
            "description": "A page of them",
            "content": { "application/json": { "schema": {
                "type": "object", "required": ["data", "next_cursor"],
                "properties": { "data": { "type": "array", "items": schema(name) }, "next_cursor": { "type": ["string", "null"] } },
            } } },
        }),
        Answer::Bytes(kind) => json!({ "description": "The bytes", "content": { kind: {} } }),
    };
    let mut all = json!({ operation.status: content });
    all["default"] = problem("What is wrong, and what to do");
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The paths that stand in `.route("...")` anywhere under this folder, but for pages and what serves them.
    fn routed(folder: &Path, into: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                routed(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text: String = std::fs::read_to_string(&path)
                    .unwrap()
                    .split_whitespace()
                    .collect();
                for piece in text.split(".route(\"").skip(1) {
                    let path = piece.split('"').next().unwrap();
                    if path.starts_with("/v1/")
                        || matches!(path, "/healthz" | "/readyz" | "/metrics")
                    {
                        into.insert(path.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        let mut routes = BTreeSet::new();
        routed(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/desk"),
            &mut routes,
        );
        let described: BTreeSet<String> = operations::all().map(|o| o.path.to_owned()).collect();
        assert_eq!(described, routes);
    }

    #[test]
    fn the_description_keeps_its_form() {
        insta::assert_json_snapshot!(document());
    }

    #[test]
    fn names_are_told_apart_and_every_schema_that_is_named_is_there() {
        let document = document();
        let ids: BTreeSet<String> = operations::all().map(operation_id).collect();
        assert_eq!(ids.len(), operations::all().count());
        let text = document.to_string();
        for piece in text.split("#/components/schemas/").skip(1) {
            let name = piece.split('"').next().unwrap();
            assert!(
                document["components"]["schemas"][name].is_object(),
                "{name}"
            );
        }
    }
}
