//! Every metric by name, with its unit and what it means: one line each, shown as `# HELP` on `/metrics`.

/// Name, help text.
pub(super) const METRICS: &[(&str, &str)] = &[
    // Frame path
    (
        "offhook_frame_to_ring_seconds",
        "message text to samples in the ring, per media frame (budget 3 us median, 10 us p99)",
    ),
    (
        "offhook_frame_to_journal_seconds",
        "message text to the frame handed to the journal, per media frame",
    ),
    ("offhook_frames_total", "media frames accepted, by track"),
    (
        "offhook_frames_rejected_total",
        "media messages that carried no usable audio, by reason",
    ),
    (
        "offhook_messages_rejected_total",
        "socket messages that could not be read, by reason",
    ),
    (
        "offhook_messages_unknown_total",
        "socket messages of a kind we do not know",
    ),
    (
        "offhook_gap_ms_total",
        "audio missing by the provider's timestamps, ms",
    ),
    (
        "offhook_gaps_total",
        "holes in the audio by the provider's timestamps",
    ),
    (
        "offhook_speech_ring_dropped_total",
        "frames the speech side did not take in time (they stay in the journal)",
    ),
    // Calls
    ("offhook_calls_open", "calls in progress"),
    ("offhook_calls_total", "calls opened"),
    ("offhook_calls_refused_total", "calls refused, by reason"),
    ("offhook_calls_ended_total", "calls ended, by reason"),
    ("offhook_streams_open", "media sockets open"),
    (
        "offhook_requests_refused_total",
        "provider requests refused, by reason",
    ),
    // Delivery
    (
        "offhook_delivery_attempts_total",
        "attempts to deliver, by channel and the state they led to",
    ),
    (
        "offhook_delivery_attempt_seconds",
        "one attempt to deliver: request to answer",
    ),
    // Journal
    (
        "offhook_journal_commit_seconds",
        "one group commit: write and fsync",
    ),
    (
        "offhook_journal_bytes_total",
        "bytes written to the node log",
    ),
    (
        "offhook_journal_entries_total",
        "entries written to the node log",
    ),
    (
        "offhook_journal_lost_frames_total",
        "frames that found no room before the disk took them",
    ),
    (
        "offhook_journal_frame_to_durable_seconds",
        "frame received to frame fsynced (promise 250 ms)",
    ),
    // Fields and record
    (
        "offhook_utterance_to_final_seconds",
        "end of an utterance to its final text, the endpoint's wait included (budget p95 1.2 s)",
    ),
    (
        "offhook_final_to_fields_seconds",
        "final text to its fields on the feed (budget 1 ms median, 50 ms p99)",
    ),
    (
        "offhook_hangup_to_draft_seconds",
        "end of the call to the draft readable (budget p95 1 s)",
    ),
    ("offhook_drafts_total", "drafts stored"),
    (
        "offhook_recovered_calls_total",
        "calls finalised from their journal after a restart",
    ),
    // Feed
    ("offhook_feed_events_total", "events put on the live feed"),
    (
        "offhook_feed_lagged_total",
        "times a slow reader lost events and got a new snapshot",
    ),
    ("offhook_feed_readers", "live feed readers"),
    (
        "offhook_budget_broken_total",
        "latency budgets broken, by stage",
    ),
];
