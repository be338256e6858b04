//! Questions that the finished road is asked: how well would it have known?

pub mod score;
