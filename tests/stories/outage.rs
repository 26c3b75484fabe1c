//! A database that refuses for a while costs no call: the journal has it, and the draft is stored as soon as that is possible.

use offhook::store::DatabaseError;
use offhook::store::database::sql::Sql;
use serde_json::Value;

use crate::forget::{databases, site};
use crate::harness::{Engine, Line, call_sid, until};

async fn change(engine: &Engine, statement: &'static str) {
    let database = &engine.running.edge().store.database;
    let run = move |sql: &mut dyn Sql| sql.execute_script(statement);
    let done: Result<(), DatabaseError> = database.write(run).await;
    done.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_cannot_be_stored_is_stored_later_or_at_the_next_start() {
    for database in databases() {
        let engine = Engine::at(site(database.as_ref(), "limits.rejoin_ms = 200")).await;
        change(&engine, "ALTER TABLE records RENAME TO records_away").await;
        let mut sids = Vec::new();
        for _ in 0..2 {
            let sid = call_sid();
            let mut line = Line::open(&engine.desk, &sid).await;
            line.speak(20).await;
            line.stop().await;
            sids.push(sid);
        }
        let unstored = async |sid: &str| {
            let known = engine.running.edge().registry.knows("twilio", sid);
            let call = engine.try_get(&format!("/v1/calls/{sid}")).await;
            (!known
                && call
                    .is_some_and(|call| call["record_id"] == Value::Null || call["status"] == 404))
            .then_some(())
        };
        for sid in &sids {
            until("the call to be over", async || unstored(sid).await).await;
        }
        change(&engine, "ALTER TABLE records_away RENAME TO records").await;
        for sid in &sids {
            assert_eq!(engine.record(sid).await["state"], "draft");
        }

        // The same, but the engine stops before the database is well again.
        change(&engine, "ALTER TABLE records RENAME TO records_away").await;
        let sid = call_sid();
        let mut line = Line::open(&engine.desk, &sid).await;
        line.speak(20).await;
        line.stop().await;
        until("the call to be over", async || {
            let known = engine.running.edge().registry.knows("twilio", &sid);
            let call = engine.try_get(&format!("/v1/calls/{sid}")).await;
            (!known && call.is_some()).then_some(())
        })
        .await;
        change(&engine, "ALTER TABLE records_away RENAME TO records").await;
        let engine = Engine::at(engine.close().await).await;
        assert_eq!(engine.record(&sid).await["state"], "draft");
        engine.close().await;
    }
}
