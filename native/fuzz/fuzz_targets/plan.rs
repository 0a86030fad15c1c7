//! Plans as JSON and as SQL text: refused or resolved, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millrace_core::plan::{Catalog, parse_expression, parse_query, relation_from_json, resolve};
use millrace_core::session::Session;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(session) = Session::from_json("{}") else { return };
    if text.starts_with('{') {
        if let Ok(relation) = relation_from_json(text) {
            let _ = resolve(&relation, &session);
        }
        return;
    }
    let catalog = Catalog::default();
    let _ = parse_expression(text, &catalog);
    if let Ok(relation) = parse_query(text, &catalog) {
        let _ = resolve(&relation, &session);
    }
});
