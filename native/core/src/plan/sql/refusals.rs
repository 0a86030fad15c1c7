//! Clauses that the grammar knows and millrace does not: refused by name, because a query without them has other rows.

use sqlparser::ast::{
    Function, FunctionArguments, OrderBy, Query, Select, TableAlias, TableFactor, WildcardAdditionalOptions,
};

use super::unsupported;
use crate::error::Result;

/// Fails where any clause is there.
fn refuse(clauses: &[(bool, &str)]) -> Result<()> {
    match clauses.iter().find(|(is_there, _)| *is_there) {
        Some((_, clause)) => Err(unsupported(clause)),
        None => Ok(()),
    }
}

/// What may stand around a SELECT.
pub(super) fn check_query(query: &Query) -> Result<()> {
    let interpolates = |order_by: &OrderBy| order_by.interpolate.is_some();
    refuse(&[
        (query.with.is_some(), "WITH"),
        (query.fetch.is_some(), "FETCH"),
        (!query.locks.is_empty(), "FOR UPDATE"),
        (query.for_clause.is_some(), "FOR"),
        (query.settings.is_some(), "SETTINGS"),
        (query.format_clause.is_some(), "FORMAT"),
        (!query.pipe_operators.is_empty(), "|>"),
        (query.order_by.as_ref().is_some_and(interpolates), "INTERPOLATE"),
    ])
}

/// What may stand in a SELECT.
pub(super) fn check_select(select: &Select) -> Result<()> {
    refuse(&[
        (select.select_modifiers.is_some(), "SELECT with modifiers"),
        (select.top.is_some(), "TOP"),
        (select.exclude.is_some(), "EXCLUDE"),
        (select.into.is_some(), "INTO"),
        (select.prewhere.is_some(), "PREWHERE"),
        (!select.connect_by.is_empty(), "CONNECT BY"),
        (!select.cluster_by.is_empty(), "CLUSTER BY"),
        (!select.distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!select.sort_by.is_empty(), "SORT BY"),
        (!select.named_window.is_empty(), "WINDOW"),
        (select.qualify.is_some(), "QUALIFY"),
        (select.value_table_mode.is_some(), "SELECT AS"),
    ])
}

/// What may stand behind a table or a subquery.
pub(super) fn check_table(factor: &TableFactor) -> Result<()> {
    match factor {
        TableFactor::Table {
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            index_hints,
            ..
        } => refuse(&[
            (!with_hints.is_empty() || !index_hints.is_empty(), "hints of a table"),
            (version.is_some(), "VERSION AS OF"),
            (*with_ordinality, "WITH ORDINALITY"),
            (!partitions.is_empty(), "PARTITION"),
            (json_path.is_some(), "a path behind a table"),
        ]),
        TableFactor::Derived { lateral, .. } => refuse(&[(*lateral, "LATERAL")]),
        _ => Ok(()),
    }
}

/// What may stand in an alias besides the name.
pub(super) fn check_alias(alias: Option<&TableAlias>) -> Result<()> {
    refuse(&[
        (
            alias.is_some_and(|alias| !alias.columns.is_empty()),
            "names of columns in an alias",
        ),
        (alias.is_some_and(|alias| alias.at.is_some()), "AT"),
    ])
}

/// What may stand behind a star.
pub(super) fn check_star(options: &WildcardAdditionalOptions) -> Result<()> {
    refuse(&[
        (options.opt_except.is_some(), "* EXCEPT"),
        (options.opt_exclude.is_some(), "* EXCLUDE"),
        (options.opt_ilike.is_some(), "* ILIKE"),
        (options.opt_replace.is_some(), "* REPLACE"),
        (options.opt_rename.is_some(), "* RENAME"),
        (options.opt_alias.is_some(), "an alias of *"),
    ])
}

/// What may stand in and behind a call.
pub(super) fn check_call(function: &Function) -> Result<()> {
    refuse(&[
        (
            matches!(function.args, FunctionArguments::Subquery(_)),
            "a query as an argument",
        ),
        (
            !matches!(function.parameters, FunctionArguments::None),
            "parameters of a function",
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::{Catalog, parse_expression, parse_query};
    use crate::error::ErrorCode;
    use crate::plan::Relation;

    #[test]
    fn a_clause_that_is_not_known_is_never_passed_over() {
        let catalog = Catalog::new(&["t".to_string()], &[Relation::OneRow {}], None);
        for sql in [
            "SELECT * FROM t TABLESAMPLE (BUCKET 1 OUT OF 2)",
            "SELECT rank() OVER w FROM t",
            "SELECT a FROM t QUALIFY a = 1",
            "SELECT a FROM t SORT BY a",
            "SELECT a FROM t DISTRIBUTE BY a",
            "SELECT a FROM t CLUSTER BY a",
            "SELECT a FROM t WINDOW w AS (ORDER BY a)",
            "SELECT * EXCEPT (a) FROM t",
            "SELECT t.* EXCEPT (a) FROM t",
            "SELECT * FROM t AS u(a, b)",
            "SELECT * FROM (SELECT 1 AS a) AS u(b)",
            "SELECT a FROM t FETCH FIRST 1 ROW ONLY",
            "SELECT a FROM t FOR UPDATE",
            "WITH u AS (SELECT 1 AS a) SELECT a FROM u",
            "SELECT a FROM t NATURAL JOIN t AS u",
            "SELECT a FROM t LIMIT 1 BY a",
        ] {
            match parse_query(sql, &catalog) {
                Err(error) => assert_eq!(error.code(), ErrorCode::ParseSyntaxError, "{sql}"),
                Ok(relation) => panic!("{sql}: {relation:?}"),
            }
        }
        assert!(parse_expression("abs(SELECT 1)", &catalog).is_err());
    }
}
