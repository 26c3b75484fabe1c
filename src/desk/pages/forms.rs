//! The forms of those who are not signed in yet. They work without a script.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;

use super::page;
use crate::desk::Problem;
use crate::desk::access::{LinkQuery, SignInQuery, destination};

/// A field of a form.
struct Input<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    /// What browsers and password stores fill in.
    fill: &'static str,
    hint: &'static str,
    value: &'a str,
}

#[derive(Template)]
#[template(path = "form.html")]
struct Form<'a> {
    title: &'static str,
    lead: &'static str,
    action: &'static str,
    button: &'static str,
    hidden: (&'static str, &'a str),
    inputs: Vec<Input<'a>>,
    refusal: Option<&'a str>,
}

fn form(template: &Form<'_>, refusal: Option<&Problem>) -> Response {
    page(refusal.map_or(StatusCode::OK, Problem::status), template)
}

/// `GET /sign-in`.
pub async fn sign_in(query: Query<SignInQuery>) -> Response {
    sign_in_form("", destination(&query), None)
}

/// The sign-in form after a refusal.
pub fn sign_in_again(refusal: &Problem, login: &str, then: &str) -> Response {
    sign_in_form(login, then, Some(refusal))
}

fn sign_in_form(login: &str, then: &str, refusal: Option<&Problem>) -> Response {
    let inputs = vec![
        Input {
            name: "login",
            label: "Name",
            kind: "text",
            fill: "username",
            hint: "",
            value: login,
        },
        Input {
            name: "password",
            label: "Password",
            kind: "password",
            fill: "current-password",
            hint: "Forgotten? An admin can send you a new link.",
            value: "",
        },
    ];
    let template = Form {
        title: "Sign in",
        lead: "Calls, records and reports of this desk.",
        action: "/sign-in",
        button: "Sign in",
        hidden: ("then", then),
        inputs,
        refusal: refusal.map(Problem::detail),
    };
    form(&template, refusal)
}

/// `GET /first-run?token=`.
pub async fn first_run(query: Query<LinkQuery>) -> Response {
    first_run_form(&query.token, None)
}

/// The form of the first account after a refusal.
pub fn first_run_again(refusal: &Problem, token: &str) -> Response {
    first_run_form(token, Some(refusal))
}

fn first_run_form(token: &str, refusal: Option<&Problem>) -> Response {
    let inputs = vec![
        Input {
            name: "login",
            label: "Name to sign in with",
            kind: "text",
            fill: "username",
            hint: "A mail address, or any name without spaces.",
            value: "",
        },
        Input {
            name: "name",
            label: "Your name",
            kind: "text",
            fill: "name",
            hint: "As colleagues know you.",
            value: "",
        },
        NEW_PASSWORD,
    ];
    let template = Form {
        title: "Make the first account",
        lead: "It becomes an admin. From then on nobody gets in without an account.",
        action: "/first-run",
        button: "Make the account",
        hidden: ("token", token),
        inputs,
        refusal: refusal.map(Problem::detail),
    };
    form(&template, refusal)
}

const NEW_PASSWORD: Input<'static> = Input {
    name: "password",
    label: "Password",
    kind: "password",
    fill: "new-password",
    hint: "At least 10 characters.",
    value: "",
};

/// `GET /set-password?token=`.
pub async fn set_password(query: Query<LinkQuery>) -> Response {
    set_password_form(&query.token, None)
}

/// The form of a new password after a refusal.
pub fn set_password_again(refusal: &Problem, token: &str) -> Response {
    set_password_form(token, Some(refusal))
}

fn set_password_form(token: &str, refusal: Option<&Problem>) -> Response {
    let template = Form {
        title: "Set your password",
        lead: "The link works once; nobody else learns the password.",
        action: "/set-password",
        button: "Set the password",
        hidden: ("token", token),
        inputs: vec![NEW_PASSWORD],
        refusal: refusal.map(Problem::detail),
    };
    form(&template, refusal)
}
