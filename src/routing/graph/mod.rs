//! Workflows, their filters, queues and groups of workers as a picture: which lead to which.
//!
//! [`Graph::of`] makes it from a model; the writers turn it into text. No writer needs anything
//! from outside: the SVG and the page hold their styles and their few lines of script.

mod build;
mod dot;
mod fold;
mod html;
mod layout;
mod marks;
mod mermaid;
mod node;
mod svg;

pub use build::Choice;
pub use dot::dot;
pub use html::html;
pub use marks::marks;
pub use mermaid::mermaid;
pub use node::{Column, Edge, Graph, Node};
pub use svg::svg;
