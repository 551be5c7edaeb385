//! What an object will look like once it has been written.

use serde_json::Value;

use super::form;
use super::request::Form;
use super::{LowerError, Sids, lower};
use crate::model::{Address, Fingerprint, Kind, Resource, written_fields};

/// The digests of the fields that a form sets, as an object will show them.
fn wanted(kind: Kind, form: &Form) -> Fingerprint {
    let set = written_fields(kind).iter().filter_map(|field| {
        let mut values = form.iter().filter(|(key, _)| form::shown_as(key) == *field);
        let value = match *field {
            "permissions" => Value::from_iter(values.map(|(_, value)| value.as_str())),
            _ => values.next()?.1.as_str().into(),
        };
        Some(Fingerprint::digest(field, Some(&value)))
    });
    Fingerprint::new(set)
}

/// The digests of what creating a resource sets.
///
/// # Errors
/// It cannot be put into a request.
pub fn wanted_by_create(
    address: &Address,
    resource: &Resource,
    sids: &Sids,
) -> Result<Fingerprint, LowerError> {
    Ok(wanted(address.kind, &lower::create(address, resource, sids)?))
}

/// The digests of what updating a resource sets, with a new name when there is one.
///
/// # Errors
/// It cannot be put into a request.
pub fn wanted_by_update(
    address: &Address,
    resource: &Resource,
    new_name: Option<&str>,
    sids: &Sids,
) -> Result<Fingerprint, LowerError> {
    Ok(wanted(address.kind, &lower::update(address, resource, new_name, sids)?))
}
