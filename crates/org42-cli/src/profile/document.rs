//! Edits the file of profiles as text: comments, order and everything that is not changed stay.

use toml_edit::{Decor, DocumentMut, InlineTable, Item, Table, TableLike, Value};

const PROFILES: &str = "profiles";

/// A TOML text in which single values are changed.
#[derive(Debug, Default)]
pub(super) struct Document {
    text: DocumentMut,
    /// Whether lines end as on Windows.
    crlf: bool,
}

impl Document {
    /// Parses a text; `None` where it is no TOML.
    pub(super) fn read(text: &str) -> Option<Self> {
        let crlf = text.contains("\r\n");
        let text = text.replace("\r\n", "\n").parse().ok()?;
        Some(Self { text, crlf })
    }

    pub(super) fn text(&self) -> String {
        let text = self.text.to_string();
        match self.crlf {
            true => text.replace('\n', "\r\n"),
            false => text,
        }
    }

    pub(super) fn set_default(&mut self, name: Option<&str>) {
        match name {
            Some(name) => set(self.text.as_table_mut(), "default", name.into()),
            None => {
                let left = take(self.text.as_table_mut(), "default");
                self.put_before_the_first(left);
            }
        }
    }

    /// Sets the fields of a profile; it has no others afterwards.
    pub(super) fn put(&mut self, name: &str, fields: &toml::Table) {
        let Some(profiles) = profiles(&mut self.text) else {
            return;
        };
        if !profiles.contains_key(name) {
            let is_inline = profiles.iter().any(|(_, item)| item.is_inline_table());
            let new = match is_inline {
                true => Item::Value(InlineTable::new().into()),
                false => Item::Table(Table::new()),
            };
            profiles.insert(name, new);
        }
        let profile = profiles.get_mut(name).and_then(Item::as_table_like_mut);
        let Some(profile) = profile else { return };
        let keys = profile.iter().map(|(key, _)| key.to_owned());
        let gone: Vec<String> = keys.filter(|key| !fields.contains_key(key)).collect();
        let mut left = String::new();
        for key in gone {
            let comments = take(profile, &key);
            left.push_str(&give_next(profile, comments));
        }
        for (key, value) in fields {
            let value = match value {
                toml::Value::Boolean(value) => Value::from(*value),
                toml::Value::String(text) => Value::from(text),
                other => Value::from(other.to_string()),
            };
            set(profile, key, value);
        }
        self.put_at_the_end_of(name, left);
    }

    /// Puts comments before everything else.
    fn put_before_the_first(&mut self, comments: Comments) {
        let left = give_next(self.text.as_table_mut(), comments);
        if left.is_empty() {
            return;
        }
        let first = positions(self.text.as_table()).into_iter().min();
        match first.and_then(|first| table_at(self.text.as_table_mut(), first)) {
            Some(table) => put_before(table.decor_mut(), &left),
            None => self.put_last(&left),
        }
    }

    /// Puts comments where the next table begins, or the text ends.
    fn put_at_the_end_of(&mut self, name: &str, left: String) {
        if left.is_empty() {
            return;
        }
        let position = profiles(&mut self.text)
            .and_then(|profiles| profiles.get(name))
            .and_then(Item::as_table)
            .and_then(Table::position);
        let all = positions(self.text.as_table()).into_iter();
        let next = all.filter(|other| position.is_some_and(|own| *other > own));
        let next = next.min();
        match next.and_then(|next| table_at(self.text.as_table_mut(), next)) {
            Some(table) => put_before(table.decor_mut(), &left),
            None => self.put_last(&left),
        }
    }

    fn put_last(&mut self, comments: &str) {
        let end = self.text.trailing().as_str().unwrap_or_default();
        let end = format!("{comments}{end}");
        self.text.set_trailing(end);
    }

    /// Removes a profile and the comments that are its own.
    pub(super) fn remove(&mut self, name: &str) {
        let removed = profiles(&mut self.text).and_then(|profiles| profiles.remove(name));
        let Some(Item::Table(table)) = removed else {
            return;
        };
        let before = table.decor().prefix().and_then(|prefix| prefix.as_str());
        // What an empty line divides from it is not about this profile.
        let Some((others, _)) = before.and_then(|before| before.rsplit_once("\n\n")) else {
            return;
        };
        if others.trim().is_empty() {
            return;
        }
        let others = format!("{others}\n\n");
        let position = table.position();
        let mut rest = profiles(&mut self.text);
        let following = rest.iter_mut().flat_map(|rest| rest.iter_mut());
        let following = following.filter_map(|(_, item)| item.as_table_mut());
        let following = following.filter(|table| table.position() > position);
        match following.min_by_key(|table| table.position()) {
            Some(next) => {
                let own = next.decor().prefix().and_then(|prefix| prefix.as_str());
                let own = own.unwrap_or_default().trim_start_matches('\n').to_owned();
                next.decor_mut().set_prefix(format!("{others}{own}"));
            }
            None => {
                let end = self.text.trailing().as_str().unwrap_or_default().to_owned();
                self.text.set_trailing(format!("{others}{end}"));
            }
        }
    }

    pub(super) fn rename(&mut self, name: &str, new: &str) {
        if let Some(profiles) = profiles(&mut self.text)
            && let Some(item) = profiles.remove(name)
        {
            profiles.insert(new, item);
        }
    }
}

fn profiles(text: &mut DocumentMut) -> Option<&mut dyn TableLike> {
    let implicit = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    let item = text.entry(PROFILES).or_insert_with(implicit);
    item.as_table_like_mut()
}

/// The comments of a removed value, and the key that followed it.
struct Comments {
    text: String,
    next: Option<String>,
}

/// Removes a value, and returns the comments above and behind it, which may be about more than it.
fn take(table: &mut dyn TableLike, key: &str) -> Comments {
    let mut text = String::new();
    if let Some(key) = table.key(key) {
        let above = key.leaf_decor().prefix().and_then(|above| above.as_str());
        text.push_str(comments(above).as_str());
        let above = key.dotted_decor().prefix().and_then(|above| above.as_str());
        text.push_str(comments(above).as_str());
    }
    if let Some(value) = table.get(key).and_then(Item::as_value) {
        let behind = value.decor().suffix().and_then(|behind| behind.as_str());
        text.push_str(comments(behind).as_str());
    }
    let keys = table.iter().skip_while(|(other, _)| *other != key).skip(1);
    let next = keys
        .filter(|(_, item)| item.is_value())
        .map(|(key, _)| key.to_owned())
        .next();
    table.remove(key);
    Comments { text, next }
}

/// Returns whole lines of comments, as they stand, or nothing.
fn comments(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    match text.contains('#') {
        true => format!(
            "{}\n",
            text.trim_matches([' ', '\t']).trim_end_matches('\n')
        ),
        false => String::new(),
    }
}

/// Puts comments above the value that followed; returns them where there is none.
fn give_next(table: &mut dyn TableLike, comments: Comments) -> String {
    let Comments { text, next } = comments;
    let key = next.as_deref().filter(|_| !text.is_empty());
    let Some(mut key) = key.and_then(|key| table.key_mut(key)) else {
        return text;
    };
    put_before(key.leaf_decor_mut(), &text);
    String::new()
}

fn put_before(decor: &mut Decor, comments: &str) {
    let own = decor
        .prefix()
        .and_then(|own| own.as_str())
        .unwrap_or_default();
    let whole = format!("{comments}{own}");
    decor.set_prefix(whole);
}

/// Returns where in the text every table stands that has a head of its own, however deep it is.
fn positions(table: &Table) -> Vec<isize> {
    let mut found = Vec::new();
    for (_, item) in table {
        let Some(inner) = item.as_table() else {
            continue;
        };
        found.extend(inner.position().filter(|_| has_head(inner)));
        found.extend(positions(inner));
    }
    found
}

fn table_at(table: &mut Table, position: isize) -> Option<&mut Table> {
    for (_, item) in table.iter_mut() {
        let Some(inner) = item.as_table_mut() else {
            continue;
        };
        if has_head(inner) && inner.position() == Some(position) {
            return Some(inner);
        }
        if let Some(found) = table_at(inner, position) {
            return Some(found);
        }
    }
    None
}

fn has_head(table: &Table) -> bool {
    !table.is_implicit() && !table.is_dotted()
}

/// Sets a value, and keeps the comment behind it.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) else {
        table.insert(key, Item::Value(value));
        return;
    };
    let is_same = match (&*old, &value) {
        (Value::String(old), Value::String(new)) => old.value() == new.value(),
        (Value::Boolean(old), Value::Boolean(new)) => old.value() == new.value(),
        _ => false,
    };
    if !is_same {
        *value.decor_mut() = old.decor().clone();
        *old = value;
    }
}

/// Returns a document of names and secrets with one set, or removed.
pub(super) fn with_entry(text: &str, name: &str, secret: Option<&str>) -> Option<String> {
    let mut document = Document::read(text)?;
    match secret {
        Some(secret) => set(document.text.as_table_mut(), name, secret.into()),
        None => drop(document.text.remove(name)),
    }
    Some(document.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Ours. Ask Ann.
default = \"prod\" # the real one

# The one that counts.
[profiles.prod]
username = \"root@prod\" # not Ann
url = \"prod.example.com\"

# Section of tests.

# Only at night.
[profiles.test]
url = 'test.example.com'
read_only = true
";

    fn fields(text: &str) -> toml::Table {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_not_changed_stays() {
        let mut document = Document::read(TEXT).unwrap();
        let same = "username = 'root@prod'\nurl = 'prod.example.com'";
        document.put("prod", &fields(same));
        assert_eq!(document.text(), TEXT);
        document.put(
            "prod",
            &fields("username = 'ann@prod'\nurl = 'prod.example.com'"),
        );
        assert_eq!(document.text(), TEXT.replace("root@prod", "ann@prod"));
        document.rename("test", "lab");
        document.set_default(Some("lab"));
        let renamed = TEXT.replace("profiles.test", "profiles.lab");
        let renamed = renamed.replace("root@prod", "ann@prod");
        assert_eq!(document.text(), renamed.replace("= \"prod\"", "= \"lab\""));
    }

    #[test]
    fn a_profile_takes_its_own_comments_along_and_no_others() {
        let mut document = Document::read(TEXT).unwrap();
        document.remove("test");
        let text = document.text();
        assert!(text.contains("# Section of tests."), "{text}");
        assert!(!text.contains("at night"), "{text}");
        document.put("new", &fields("url = 'h'"));
        document.remove("prod");
        let text = document.text();
        assert!(text.contains("[profiles.new]\nurl = \"h\""), "{text}");
        assert!(!text.contains("counts"), "{text}");
        assert!(text.contains("# Ours"), "{text}");
    }

    #[test]
    fn comments_of_a_value_that_goes_stay() {
        let all = [
            "# Ours. Ask Ann.",
            "# the real one",
            "# The one that counts.",
            "# not Ann",
        ];
        let mut document = Document::read(TEXT).unwrap();
        document.set_default(None);
        let text = document.text();
        for comment in all {
            assert!(text.contains(comment), "{comment}: {text}");
        }
        assert!(
            text.starts_with("# Ours. Ask Ann.\n# the real one\n"),
            "{text}"
        );
        toml::from_str::<toml::Table>(&text).unwrap();
        for text in [
            "# top\ndefault = 'a' # behind\n",
            "# top\ndefault = 'a' # behind\nprofiles.a.url = 'h'\n",
            "[profiles.a]\nurl = 'h'\n# top\nproxy = 'p' # behind\n",
            "[profiles.a]\n# top\nproxy = 'p' # behind\nurl = 'h'\n",
            "[profiles.a]\nurl = 'h'\n# top\nproxy = 'p' # behind\n\n[profiles.b]\nurl = 'i'\n",
            "profiles.a.url = 'h'\n# top\nprofiles.a.proxy = 'p' # behind\nprofiles.b.url = 'i'\n",
        ] {
            let mut document = Document::read(text).unwrap();
            document.set_default(None);
            if text.contains("profiles") {
                document.put("a", &fields("url = 'h'"));
            }
            let changed = document.text();
            for comment in ["# top", "# behind"] {
                assert!(changed.contains(comment), "{text}: {changed}");
            }
            assert!(
                !changed.contains("proxy") && !changed.contains("default"),
                "{changed}"
            );
            toml::from_str::<toml::Table>(&changed).unwrap();
        }
    }

    #[test]
    fn comments_stay_with_their_profile_where_the_table_of_profiles_has_a_head() {
        let text = "[profiles]\n\n[profiles.a]\nurl = 'h'\n# about a\nproxy = 'p'\n\n[profiles.b]\nurl = 'i'\n";
        let mut document = Document::read(text).unwrap();
        document.put("a", &fields("url = 'h'"));
        let changed = document.text();
        let (comment, next) = (changed.find("# about a"), changed.find("[profiles.b]"));
        assert!(comment.is_some() && comment < next, "{changed}");
        let text = "# top\ndefault = 'a'\n[profiles]\n[profiles.a]\nurl = 'h'\n";
        let mut document = Document::read(text).unwrap();
        document.set_default(None);
        assert!(
            document.text().starts_with("# top\n[profiles]\n"),
            "{}",
            document.text()
        );
    }

    #[test]
    fn lines_end_as_they_did_and_tables_of_any_form_are_changed() {
        let text = TEXT.replace('\n', "\r\n");
        let mut document = Document::read(&text).unwrap();
        document.put("test", &fields("url = 'h'"));
        let changed = document.text();
        assert!(changed.contains("url = \"h\"\r\n"), "{changed:?}");
        assert!(!changed.contains("read_only"), "{changed:?}");
        assert_eq!(
            changed.matches('\n').count(),
            changed.matches("\r\n").count()
        );
        for text in [
            "profiles = { a = { url = 'h', username = 'u' } } # one\n",
            "profiles.a.url = 'h' # one\n",
            "[profiles]\na = { url = 'h' } # one\n",
        ] {
            let mut document = Document::read(text).unwrap();
            document.put("a", &fields("url = 'i'"));
            document.put("b", &fields("url = 'j'"));
            let changed = document.text();
            let read: toml::Table = toml::from_str(&changed).unwrap();
            assert_eq!(
                read["profiles"]["a"]["url"].as_str(),
                Some("i"),
                "{changed}"
            );
            assert_eq!(
                read["profiles"]["b"]["url"].as_str(),
                Some("j"),
                "{changed}"
            );
            assert!(changed.contains("# one"), "{changed}");
        }
    }
}
