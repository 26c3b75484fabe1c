//! Who gets in: the first account, a colleague's, a program's key, and out again.

use serde_json::json;

use crate::browser::Tab;
use crate::desk::Desk;
use crate::{browser, no_complaints};

/// Fills a form's inputs by their ids and presses its button.
async fn submit(tab: &Tab<'_>, form: &str, given: &[(&str, &str)]) {
    tab.wait(&format!("document.querySelector('{form}') !== null"))
        .await;
    for (id, text) in given {
        tab.value(&format!("document.querySelector('#{id}').focus()"))
            .await;
        tab.type_text(text).await;
    }
    tab.value(&format!(
        "document.querySelector('{form} button:not([type=button])').click()"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_admin_lets_a_colleague_in_and_a_program() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, "[access]\nopen_until_first_account = false\n").await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    // Without an account every page leads to the door.
    tab.go(&desk.url("/settings")).await;
    tab.wait("location.pathname === '/sign-in'").await;

    let token = desk.running.edge().access.new_first_link().unwrap();
    tab.go(&desk.url(&format!("/first-run?token={token}")))
        .await;
    let dana = [
        ("login", "dana@example.com"),
        ("name", "Dana"),
        ("password", "correct horse"),
    ];
    submit(&tab, r#"form[action="/first-run"]"#, &dana).await;
    tab.wait("location.pathname === '/' && document.querySelector('.who summary').textContent === 'Dana'")
        .await;

    // A colleague gets a link, good once.
    tab.go(&desk.url("/settings")).await;
    tab.wait("document.querySelectorAll('#users tbody tr').length === 1")
        .await;
    submit(
        &tab,
        "#new-user",
        &[("user-login", "olga"), ("user-name", "Olga")],
    )
    .await;
    let link = tab
        .wait("document.querySelector('#users .secret b')?.textContent")
        .await;
    let link = link.as_str().unwrap().to_owned();
    tab.wait("document.querySelectorAll('#users tbody tr').length === 2")
        .await;
    tab.value("(() => { const role = document.querySelector('[aria-label=\"Role of Olga\"]'); role.value = 'operator'; role.dispatchEvent(new Event('change')); })()")
        .await;
    tab.wait("document.querySelector('#toasts').textContent.includes('Changed.')")
        .await;

    // A program gets a key, shown once, and loses it.
    tab.value("document.querySelector('#new-key [value=\"calls:read\"]').click()")
        .await;
    submit(&tab, "#new-key", &[("key-name", "wallboard")]).await;
    let key = tab
        .wait("document.querySelector('#keys-panel .secret b')?.textContent")
        .await;
    assert_eq!(ask(&desk, &key).await, 200);
    tab.value("document.querySelector('#keys-panel tbody button').click()")
        .await;
    tab.wait("document.querySelector('#keys-panel tbody').textContent.includes('revoked')")
        .await;
    assert_eq!(ask(&desk, &key).await, 401);

    // Out; a wrong password says so, and what was typed as the name stays.
    tab.value("document.querySelector('form[action=\"/sign-out\"] button').click()")
        .await;
    tab.wait("location.pathname === '/sign-in'").await;
    submit(
        &tab,
        r#"form[action="/sign-in"]"#,
        &[("login", "olga"), ("password", "no horse at all")],
    )
    .await;
    tab.wait("document.querySelector('.alert') !== null").await;
    assert_eq!(
        tab.value("document.querySelector('#login').value").await,
        "olga"
    );

    // The colleague comes by the link, and sees what an operator sees.
    tab.go(&link).await;
    submit(
        &tab,
        r#"form[action="/set-password"]"#,
        &[("password", "a staple and a battery")],
    )
    .await;
    tab.wait("location.pathname === '/' && document.querySelector('.who summary').textContent === 'Olga'")
        .await;
    tab.go(&desk.url("/settings")).await;
    assert_eq!(
        tab.value("[document.querySelector('#users'), document.querySelector('#keys-panel'), document.querySelector('.menu p').textContent]")
            .await,
        json!([null, null, "operator"])
    );
    tab.go(&link).await;
    submit(
        &tab,
        r#"form[action="/set-password"]"#,
        &[("password", "another battery")],
    )
    .await;
    tab.wait("document.querySelector('.alert') !== null").await;
    // A refused sign-in and a used link answer with an error's status, and the browser notes that.
    browser
        .complaints
        .lock()
        .unwrap()
        .retain(|complaint| !complaint.contains("401") && !complaint.contains("403"));
    no_complaints(&browser);
}

/// How the API answers to a key.
async fn ask(desk: &Desk, key: &serde_json::Value) -> u16 {
    reqwest::Client::new()
        .get(desk.url("/v1/calls"))
        .bearer_auth(key.as_str().unwrap())
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}
