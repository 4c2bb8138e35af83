//! What settings say to the questions of a deployment.
