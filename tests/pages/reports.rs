//! Every number of every report opens what it was counted of, under the same span and filters; and what was approved is compared with what
//! became of it.

use serde_json::{Value, json};

use crate::calls::{CUT_OFF, LEAK, MORE, VISIT};
use crate::desk::Desk;
use crate::pinned::NOW_MS;
use crate::{browser, no_complaints};

/// In the page: follows each number's link to the API behind it. Of each: report, number, unit, the text that was pressed, how many are
/// listed, and how many of them the page shows that the link leads to.
const FOLLOW: &str = "Promise.all([...document.querySelectorAll('#reports [data-report] a[href^=\"/calls?\"]')].map(async (a) => {
    const query = new URLSearchParams(new URL(a.getAttribute('href'), location).search);
    const report = query.get('report');
    query.delete('report');
    const answer = await fetch(`/v1/reports/${report}/calls?${query}`);
    const list = await answer.json();
    return { status: answer.status, report, number: query.get('number'), unit: list.unit, text: a.textContent, total: list.total, rows: list.data?.length, from: query.get('from'), to: query.get('to'), location: query.get('location_id') };
}))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_of_every_report_leads_to_its_calls() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_after(false, MORE, &[LEAK, CUT_OFF, VISIT]).await;
    let visit = VISIT.id().derived("rec");
    desk.act(&visit, "approve", &json!({})).await;
    desk.act(
        &CUT_OFF.id().derived("rec"),
        "reject",
        &json!({ "reason": "unusable" }),
    )
    .await;

    let tab = browser.tab().await;
    tab.pin(NOW_MS).await;
    tab.look(1280, 800, false).await;
    let ready = "document.querySelector('#reports').getAttribute('aria-busy') === 'false'";
    let mut seen = std::collections::BTreeSet::new();
    for page in [
        "/reports",
        "/reports?by=location",
        "/reports?days=30&location_id=acme_austin",
        "/reports?by=vertical&days=90",
    ] {
        tab.go(&desk.url(page)).await;
        tab.wait(ready).await;
        let found = tab.value(FOLLOW).await;
        let found = found.as_array().unwrap();
        assert!(found.len() > 10, "{page}: {} links", found.len());
        for one in found {
            assert_eq!(one["status"], 200, "{page}: {one}");
            assert!(one["from"].is_string() && one["to"].is_string(), "{one}");
            let confined = page.contains("location_id");
            assert_eq!(one["location"].is_string(), confined, "{one}");
            assert!(
                one["total"].as_u64() > Some(0),
                "{page}: nothing is behind {one}"
            );
            assert_eq!(one["total"], one["rows"], "{one}");
            // What is counted in calls, records, tasks, values or deliveries says how many are listed.
            let counted = ["calls", "records", "tasks", "values", "deliveries"];
            if counted.contains(&one["unit"].as_str().unwrap()) {
                assert!(
                    one["text"]
                        .as_str()
                        .unwrap()
                        .contains(&one["total"].to_string()),
                    "{page}: {one}"
                );
            }
            seen.insert(one["report"].as_str().unwrap().to_owned());
        }
    }
    let all: Vec<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(
        all,
        [
            "accuracy",
            "capture",
            "coverage",
            "deliveries",
            "latency",
            "outcomes",
            "summary",
            "unresolved"
        ]
    );

    // A person presses one: the list says what it is of, and holds as many.
    tab.go(&desk.url("/reports?days=30&location_id=acme_austin"))
        .await;
    tab.wait(ready).await;
    tab.value("[...document.querySelectorAll('[data-report=summary] dd a')].find((a) => a.getAttribute('aria-label').startsWith('Calls:')).click()")
        .await;
    tab.wait("document.querySelector('#counted')?.textContent.startsWith('2 counted')")
        .await;
    assert_eq!(
        tab.value("document.querySelectorAll('#calls tbody tr').length")
            .await,
        2
    );
    let said = tab
        .value("document.querySelector('#counted').textContent")
        .await;
    assert!(
        said.as_str().unwrap().contains("Acme Plumbing, Austin"),
        "{said}"
    );
    // What is chosen stands in the address: going back finds it again.
    tab.value("history.back()").await;
    tab.wait("document.querySelector('#location_id')?.value === 'acme_austin' && document.querySelector('#days').value === '30'")
        .await;

    // The same numbers as a table for a spreadsheet.
    for name in all {
        let report = desk
            .get(&format!("/v1/reports/{name}?from=2026-01-01T00:00:00Z"))
            .await;
        let csv = tab
            .value(&format!("fetch('/v1/reports/{name}?from=2026-01-01T00:00:00Z&format=csv').then((a) => a.text())"))
            .await;
        let mut lines = csv.as_str().unwrap().lines();
        let columns = report["columns"].as_array().unwrap();
        let names: Vec<&str> = columns
            .iter()
            .map(|c| c["name"].as_str().unwrap())
            .collect();
        assert_eq!(lines.next().unwrap(), names.join(","), "{name}");
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(lines.clone().count(), rows.len(), "{name}");
        for (line, row) in lines.zip(rows) {
            for (text, column) in line.split(',').zip(columns) {
                let value = &row[column["name"].as_str().unwrap()];
                // How late something is differs between two questions.
                if column["unit"] == "ms" {
                    continue;
                }
                let wanted = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(
                    text.trim_end_matches(".0"),
                    wanted.trim_end_matches(".0"),
                    "{name}: {line}"
                );
            }
        }
    }
    no_complaints(&browser);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_reopening_the_page_says_what_is_different_from_what_was_approved() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_after(false, MORE, &[VISIT]).await;
    let record = VISIT.id().derived("rec");
    let path = format!("/v1/records/{record}");
    let nothing = desk.get(&format!("{path}/changes")).await;
    assert!(nothing["approved"].is_null());
    desk.act(&record, "approve", &json!({})).await;
    desk.act(&record, "reopen", &json!({})).await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url(&format!("/records/{record}"))).await;
    tab.wait(
        "document.querySelector('#changes-list')?.textContent.includes('Nothing is different')",
    )
    .await;
    // Changed by hand, on the page.
    tab.value("document.querySelector('#safe-box').open = true; document.querySelector('.fld[data-field=caller_name]').click()")
        .await;
    tab.press(&["Enter"]).await;
    tab.wait("document.activeElement.closest('.editor') !== null")
        .await;
    tab.type_text("Thomas Kelley").await;
    tab.press(&["Enter"]).await;
    tab.wait("document.querySelector('#changes tr[data-field=caller_name]') !== null")
        .await;
    let row = "document.querySelector('#changes tr[data-field=caller_name]')";
    assert_eq!(
        tab.value(&format!(
            "[...{row}.querySelectorAll('td')].map((c) => c.textContent)"
        ))
        .await,
        json!(["Thomas Kelly", "Thomas Kelley"])
    );
    assert_eq!(
        tab.value("document.querySelectorAll('#changes tbody tr').length")
            .await,
        1
    );
    no_complaints(&browser);
}
