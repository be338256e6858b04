//! One test binary: a module a word of the road, the two servants, and properties over random problems.

mod answers;
mod data;
mod evidence;
mod files;
mod general;
mod least_squares;
mod model;
mod path;
mod prior;
mod properties;
mod readers;
mod reference;
mod result;
mod run;
mod scenario;
mod score;
mod solve;
mod spatial;
mod support;
mod tables;
mod unit_values;
