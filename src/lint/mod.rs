//! What may be a mistake although it can be sent: expressions that see nothing, filters that
//! nothing reaches. Findings of `routing` and `expr`, at their places in the spec.
