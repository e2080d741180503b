//! The columns of logs that do not name them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::Layout;

/// What is known of them: by the flow log's id in a file name, by the log group in a message, or for all others as given.
#[derive(Debug, Clone, Default)]
pub struct Headerless {
    given: Option<Arc<Layout>>,
    by_flow_log: BTreeMap<String, Arc<Layout>>,
    /// Nothing for groups with several formats: a message does not say of which flow log it is.
    by_log_group: BTreeMap<String, Option<Arc<Layout>>>,
}

impl Headerless {
    /// `given` is for logs of which nothing else is known.
    pub fn new(given: Option<Layout>) -> Self {
        Self { given: given.map(Arc::new), ..Self::default() }
    }

    /// The flow log of this id has this format, and delivers to this log group (a name or an ARN) if to any.
    pub fn know(&mut self, flow_log_id: &str, log_group: Option<&str>, layout: Layout) {
        let layout = Arc::new(layout);
        if let Some(group) = log_group {
            let known =
                self.by_log_group.entry(group_name(group).to_owned()).or_insert_with(|| Some(Arc::clone(&layout)));
            if known.as_ref().is_some_and(|known| **known != *layout) {
                *known = None;
            }
        }
        self.by_flow_log.insert(flow_log_id.to_owned(), layout);
    }

    /// The layout given for all logs.
    pub fn given(&self) -> Option<&Arc<Layout>> {
        self.given.as_ref()
    }

    /// The layout of objects of this flow log.
    pub fn of_flow_log(&self, id: Option<&str>) -> Option<Arc<Layout>> {
        id.and_then(|id| self.by_flow_log.get(id)).or(self.given.as_ref()).cloned()
    }

    /// The layout of messages of this log group, if it is known.
    pub fn of_log_group(&self, name: &str) -> Option<&Arc<Layout>> {
        self.by_log_group.get(name)?.as_ref()
    }
}

/// `flow-logs` of `arn:aws:logs:us-east-1:111122223333:log-group:flow-logs:*`.
fn group_name(group: &str) -> &str {
    let name = group.split_once(":log-group:").map_or(group, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(names: &str) -> Layout {
        Layout::new(names.split(' ')).unwrap()
    }

    #[test]
    fn what_is_known_goes_before_what_is_given() {
        let (short, long) = (layout("srcaddr dstaddr bytes start"), layout("srcaddr dstaddr bytes start end"));
        let mut headerless = Headerless::new(Some(Layout::default_format()));
        headerless.know("fl-1", Some("arn:aws:logs:us-east-1:111122223333:log-group:/vpc/flows:*"), short.clone());
        headerless.know("fl-2", Some("mixed"), short.clone());
        headerless.know("fl-3", Some("mixed"), long.clone());
        headerless.know("fl-4", None, long.clone());
        let of = |id| headerless.of_flow_log(id).unwrap();
        assert_eq!((&*of(Some("fl-1")), &*of(Some("fl-4"))), (&short, &long));
        assert_eq!((&*of(Some("fl-9")), &*of(None)), (&Layout::default_format(), &Layout::default_format()));
        assert_eq!(headerless.of_log_group("/vpc/flows").map(|layout| &**layout), Some(&short));
        assert_eq!((headerless.of_log_group("mixed"), headerless.of_log_group("other")), (None, None));
    }
}
