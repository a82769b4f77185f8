# The checks of CI under short names: each recipe is a step of `.ci/run`, where what it does is written.

# Lists the recipes.
default:
    @just --list

# Everything that CI runs, from a clean clone of what is committed.
ci:
    .ci/run

# What a change needs before it is sent: format, lints, documentation, dependencies.
check:
    .ci/run format lints documentation dependencies

# One or more steps of CI, as `just step packages clients`.
step +STEPS:
    .ci/run {{STEPS}}

# The tests, as CI runs them.
test:
    .ci/run tests

# The tests whose name contains NAME.
test-one NAME:
    cargo test --workspace {{NAME}}
