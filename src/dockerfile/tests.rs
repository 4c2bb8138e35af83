//! Unit tests of the Dockerfile syntax.
