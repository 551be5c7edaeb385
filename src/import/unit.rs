//! Pieces of a spec that can be left out by themselves.

use crate::model::Address;

/// A piece of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) address: Address,
    pub(super) piece: Piece,
}

/// Which piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece {
    /// The object itself.
    Whole,
    /// One field.
    Field(String),
    /// The filter with this index in the live list.
    Filter(usize),
    /// What the live filters from this index on are folded into.
    Fold(usize),
}

impl Unit {
    pub(super) fn whole(address: &Address) -> Self {
        Self { address: address.clone(), piece: Piece::Whole }
    }

    pub(super) fn field(address: &Address, field: &str) -> Self {
        Self { address: address.clone(), piece: Piece::Field(field.to_owned()) }
    }

    pub(super) fn filter(address: &Address, index: usize) -> Self {
        Self { address: address.clone(), piece: Piece::Filter(index) }
    }

    pub(super) fn fold(address: &Address, index: usize) -> Self {
        Self { address: address.clone(), piece: Piece::Fold(index) }
    }
}
