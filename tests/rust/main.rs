//! One test binary: a module a word of the road, the two servants, and properties over random problems.

mod answers;
mod data;
mod files;
mod model;
mod properties;
mod readers;
mod reference;
mod result;
mod run;
mod scenario;
mod solve;
mod spatial;
mod support;
