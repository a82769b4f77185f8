//! What stands below the help of the whole command.

use crate::{env, exit};

const NAMES: &str = "\
An ORG is an id (up to 10 digits), a uid (18 to 20 digits), a guid, a path (/Europe/Paris, or with the top organization \
first; \\/ for a slash in a name, \\\\ for a backslash before a slash or at the end), the word my, or a name. id:, \
uid:, guid:, name: and ext: force a kind.";

const TENANTS: &str = "\
The tenant is the one of --profile or --url, else of ORG42_PROFILE or ORG42_URL, else of the default profile, else an \
embedded one, filled with a sample at first use; its profile is called embedded.\n\n\
Certificates are checked against --ca-bundle, else the profile's bundle, else SSL_CERT_FILE and SSL_CERT_DIR (either or \
both), else REQUESTS_CA_BUNDLE, else CURL_CA_BUNDLE, else the system's authorities: the first of these counts alone. The \
proxy is the profile's, else that of HTTPS_PROXY or HTTP_PROXY, else of ALL_PROXY, in capitals or not; NO_PROXY names \
exceptions, and this machine is one. A bundle that counts, or a proxy that is named, but cannot be used ends the command.\n\n\
Credentials belong together: a profile's name and another one beside it, by an option or a variable, are refused. What a \
profile keeps goes before ORG42_PASSWORD and ORG42_API_CLIENT_SECRET. With --url no profile is used; the one \
that ORG42_PROFILE names is read where a secret of the environment stands beside it, to compare its tenant.\n\n\
Commands that only read do so with --dry-run too; what else has no dry run refuses it.";

/// Returns the text below the help: how organizations are named, exit codes, tenants, credentials, the environment.
pub(super) fn after_help() -> String {
    let code = |(code, meaning): (u8, &str)| format!("\n  {code:3}  {meaning}");
    let codes: String = exit::rows().map(code).collect();
    let width = env::rows().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    let variable = |(name, meaning): (&str, &str)| format!("\n  {name:width$}  {meaning}");
    let variables: String = env::rows().map(variable).collect();
    format!(
        "{NAMES}\n\nExit codes:{codes}\n\n{TENANTS}\n\nEnvironment; an option goes before its variable unless that would \
         mix credentials, and one that is set to nothing counts as unset:{variables}"
    )
}

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use super::*;

    fn table(
        header: [&str; 2],
        rows: impl Iterator<Item = (impl Display, &'static str)>,
    ) -> String {
        let [left, right] = header;
        let rows: String = rows
            .map(|(left, right)| format!("| {left} | {right} |\n"))
            .collect();
        format!("\n| {left} | {right} |\n|---|---|\n{rows}\n")
    }

    #[test]
    fn the_documentation_has_every_code_and_every_variable() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/COMMAND.md");
        let documentation = std::fs::read_to_string(file).unwrap();
        let variables = env::rows().map(|(name, meaning)| (format!("`{name}`"), meaning));
        for table in [
            table(["code", "meaning"], exit::rows()),
            table(["variable", "what it is"], variables),
        ] {
            assert!(
                documentation.contains(&table),
                "docs/COMMAND.md needs this:{table}"
            );
        }
    }

    #[test]
    fn every_code_and_every_variable_has_one_line_in_the_help() {
        let help = after_help();
        for (code, _) in exit::rows() {
            assert_eq!(
                help.matches(&format!("\n  {code:3}  ")).count(),
                1,
                "{code}"
            );
        }
        for (name, _) in env::rows() {
            assert_eq!(help.matches(&format!("\n  {name} ")).count(), 1, "{name}");
        }
    }
}
