//! What people do to a call while it lasts.

use serde_json::json;

use super::{Act, Action, Call, PersonAct};

impl Call {
    pub(super) fn on_person(&mut self, person: &PersonAct, now_us: i64, actions: &mut Vec<Action>) {
        match &person.act {
            Act::Field(action) => match self.extractor.person(action) {
                Ok(changes) => self.publish_changes(actions, now_us, &changes),
                // The edge checks an act before it journals it; one that no longer fits (the field was declined meanwhile) changes nothing.
                Err(_) => self.mark(now_us, "act_refused", json!({ "by": person.who })),
            },
            Act::PauseRecording { at_ms, note } | Act::ResumeRecording { at_ms, note } => {
                let pauses = matches!(person.act, Act::PauseRecording { .. });
                match self.changes_recording(&person.act) {
                    Ok(true) if pauses => {
                        self.pause_recording(&person.who, *at_ms, note, now_us, actions);
                    }
                    Ok(true) => self.resume_recording(&person.who, *at_ms, note, now_us, actions),
                    Ok(false) => {}
                    Err(_) => self.mark(now_us, "act_refused", json!({ "by": person.who })),
                }
            }
            Act::Flag { note } => {
                let data = json!({ "by": person.who, "note": note });
                self.mark(now_us, "flag", data.clone());
                self.publish(actions, now_us, "call.flagged", data);
            }
        }
        self.publish_derived(actions, now_us);
    }
}
