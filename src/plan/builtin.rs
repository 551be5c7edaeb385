//! What every Flex workspace has without anybody's doing. It is never deleted or replaced.

use crate::model::{Address, Kind};

/// Whether this is one of Flex's own objects.
pub fn is_built_in(address: &Address) -> bool {
    let names: &[&str] = match address.kind {
        Kind::Workspace => return true,
        Kind::Activity => &["Available", "Unavailable", "Break", "Offline"],
        Kind::TaskChannel => &["default", "voice", "chat", "sms", "video", "email"],
        Kind::Queue => &["Everyone"],
        Kind::Workflow => &["Assign to Anyone"],
        Kind::Worker | Kind::Capacity | Kind::Role => &[],
    };
    names.contains(&address.name.as_str())
}
