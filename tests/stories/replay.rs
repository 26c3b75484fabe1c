//! The law: a record is a function of its journal and its configuration, to the byte.

use futures_util::future::join_all;
use offhook::commands::replay_file;
use serde_json::json;

use crate::harness::{Engine, Line, bundled_calls, call_sid, run};

/// Every bundled call, in a quarter of a second a second, with keys pressed and (the last) without a stop: journalled, then replayed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bundled_call_s_journal_gives_the_byte_identical_record() {
    let engine = Engine::start(
        "limits.rejoin_ms = 200\ndefaults.business_name = \"Reynolds Heating\"\ndefaults.area_code = \"303\"",
    )
    .await;
    let bundled = bundled_calls();
    assert_eq!(bundled.len(), 10);
    let calls = bundled.iter().zip(0..).map(|(known, n)| {
        let mut call = known.dial(&engine);
        call.speed = 10.0;
        call.loss = if n % 2 == 0 { 0.0 } else { 0.02 };
        call.seed = n + 1;
        call.send_stop = n + 1 != 10;
        call.dtmf = vec![(500, '5'), (800, '1'), (1_000, '#')];
        call.parameters = ["from", "to"]
            .into_iter()
            .filter_map(|name| Some((name.into(), known.about[name].as_str()?.into())))
            .chain([(
                "vertical".into(),
                known.about["vertical"].as_str().unwrap_or("clinic").into(),
            )])
            .collect();
        call.place()
    });
    let mut ids = Vec::new();
    for report in join_all(calls).await {
        let record = engine.record(&report.unwrap().call_sid).await;
        ids.push((record["call_id"].as_str().unwrap().to_owned(), record));
    }
    let site = engine.close().await;
    for ((id, record), known) in ids.iter().zip(&bundled) {
        let journal = site.journal_of(id);
        let replayed = replay_file(&journal, &site.config()).unwrap();
        assert_eq!(replayed.damage, Vec::<String>::new());
        assert_eq!(replayed.other_config, None);
        assert_eq!(
            replayed.expected.as_ref(),
            Some(&replayed.digest),
            "{}",
            known.name
        );
        // And that record is the one that was read over the API.
        assert_eq!(&replayed.record, record, "{}", known.name);
    }
    // The same through the command, and the journals are whole.
    let (file, config) = (site.journal_of(&ids[0].0), site.file());
    let (journal, config) = (file.to_str().unwrap(), config.to_str().unwrap());
    let same = run(&["replay", "--diff", "--config", config, journal]);
    let said = String::from_utf8_lossy(&same.stdout);
    assert!(
        same.status.success() && said.starts_with("the same record, byte for byte"),
        "{said}"
    );
    for (id, _) in &ids {
        let verified = run(&["journal", "verify", site.journal_of(id).to_str().unwrap()]);
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stdout)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_journal_or_another_configuration_is_noticed() {
    let engine = Engine::start("defaults.timezone = \"America/Denver\"").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(20).await;
    line.key('7').await;
    line.stop().await;
    let record = engine.record(&call).await;
    let site = engine.close().await;
    let file = site.journal_of(record["call_id"].as_str().unwrap());
    let journal = file.to_str().unwrap();
    // Another configuration: said, whatever the record.
    let other = run(&["replay", "--diff", journal]);
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(said.contains("the call ran under configuration"), "{said}");
    // Without --diff the record itself comes out.
    let config = site.file();
    let printed = run(&["replay", "--config", config.to_str().unwrap(), journal]);
    let shown: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(
        (&shown["id"], &shown["state"]),
        (&record["id"], &json!("draft"))
    );
    // One flipped bit in the middle: verify says so and fails.
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let verified = run(&["journal", "verify", journal]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("NOT sound"));
}
