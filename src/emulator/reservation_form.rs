//! What a reservation's update may hold. All but the status and the worker's activity is for
//! calls, which the emulator does not make.

use super::form::{Param, ParamKind, optional};
use super::reservation::STATUSES;

macro_rules! update {
    ($($more:expr,)*) => {
        &[
            $($more,)*
            optional("ReservationStatus", STATUSES),
            optional("WorkerActivitySid", ParamKind::Sid("WA")),
            optional("Instruction", ParamKind::Text),
            optional("DequeuePostWorkActivitySid", ParamKind::Sid("WA")),
            optional("DequeueFrom", ParamKind::Text),
            optional("DequeueRecord", ParamKind::Text),
            optional("DequeueTimeout", ParamKind::Integer),
            optional("DequeueTo", ParamKind::Text),
            optional("DequeueStatusCallbackUrl", ParamKind::Url),
            optional("CallFrom", ParamKind::Text),
            optional("CallRecord", ParamKind::Text),
            optional("CallTimeout", ParamKind::Integer),
            optional("CallTo", ParamKind::Text),
            optional("CallUrl", ParamKind::Url),
            optional("CallStatusCallbackUrl", ParamKind::Url),
            optional("CallAccept", ParamKind::Boolean),
            optional("RedirectCallSid", ParamKind::Sid("CA")),
            optional("RedirectAccept", ParamKind::Boolean),
            optional("RedirectUrl", ParamKind::Url),
            optional("To", ParamKind::Text),
            optional("From", ParamKind::Text),
            optional("StatusCallback", ParamKind::Url),
            optional("StatusCallbackMethod", ParamKind::Choice(&["GET", "POST"])),
            optional("StatusCallbackEvent", ParamKind::Texts),
            optional("Timeout", ParamKind::Integer),
            optional("Record", ParamKind::Boolean),
            optional("Muted", ParamKind::Boolean),
            optional("Beep", ParamKind::Text),
            optional("StartConferenceOnEnter", ParamKind::Boolean),
            optional("EndConferenceOnExit", ParamKind::Boolean),
            optional("WaitUrl", ParamKind::Url),
            optional("WaitMethod", ParamKind::Choice(&["GET", "POST"])),
            optional("EarlyMedia", ParamKind::Boolean),
            optional("MaxParticipants", ParamKind::Integer),
            optional("ConferenceStatusCallback", ParamKind::Url),
            optional("ConferenceStatusCallbackMethod", ParamKind::Choice(&["GET", "POST"])),
            optional("ConferenceStatusCallbackEvent", ParamKind::Texts),
            optional("ConferenceRecord", ParamKind::Text),
            optional("ConferenceTrim", ParamKind::Text),
            optional("RecordingChannels", ParamKind::Text),
            optional("RecordingStatusCallback", ParamKind::Url),
            optional("RecordingStatusCallbackMethod", ParamKind::Choice(&["GET", "POST"])),
            optional("ConferenceRecordingStatusCallback", ParamKind::Url),
            optional("ConferenceRecordingStatusCallbackMethod", ParamKind::Choice(&["GET", "POST"])),
            optional("Region", ParamKind::Text),
            optional("SipAuthUsername", ParamKind::Text),
            optional("SipAuthPassword", ParamKind::Text),
            optional("DequeueStatusCallbackEvent", ParamKind::Texts),
            optional("PostWorkActivitySid", ParamKind::Sid("WA")),
            optional("EndConferenceOnCustomerExit", ParamKind::Boolean),
            optional("BeepOnCustomerEntrance", ParamKind::Boolean),
            optional("JitterBufferSize", ParamKind::Text),
        ]
    };
}

pub(super) const OF_TASK: &[Param] = update!(
    optional("SupervisorMode", ParamKind::Choice(&["monitor", "whisper", "barge"])),
    optional("Supervisor", ParamKind::Text),
);
pub(super) const OF_WORKER: &[Param] = update!();
