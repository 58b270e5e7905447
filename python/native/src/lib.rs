//! The library that Python loads. All of it is the module `python` of brainsweep, whose entry point `PyInit__native` it passes on.

extern crate brainsweep as _;
