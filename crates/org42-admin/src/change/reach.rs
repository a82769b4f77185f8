//! What a change of state reaches.

use std::fmt;

/// What a change of state reaches; part of a [`Preview`](super::Preview). [`Display`](fmt::Display) says it in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reach {
    /// The organization's number, or its guid where there is none.
    pub key: String,
    /// The path of the organization.
    pub path: String,
    /// How many organizations are below it.
    pub organizations_below: usize,
    /// How many active users are in it and below it, if the server counted.
    pub users: Option<u64>,
    /// How many active devices are in it and below it, if the server counted.
    pub devices: Option<u64>,
}

/// `2 organizations below it, 3 active users, 4 active devices`
impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = self.organizations_below;
        let noun = if below == 1 {
            "organization"
        } else {
            "organizations"
        };
        let count = |number: Option<u64>| match number {
            Some(number) => number.to_string(),
            None => "an unknown number of".to_owned(),
        };
        let (users, devices) = (count(self.users), count(self.devices));
        write!(
            f,
            "{below} {noun} below it, {users} active users, {devices} active devices"
        )
    }
}
