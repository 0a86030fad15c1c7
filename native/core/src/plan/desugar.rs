//! SQL text inside a plan becomes the nodes that the fluent API builds.

use super::{Branch, Catalog, Expression, Relation};
use crate::error::Result;

/// The one relation that a relation reads; none for a leaf and for what reads several.
pub(super) fn input_of(relation: &Relation) -> Option<&Relation> {
    match relation {
        Relation::Read { .. }
        | Relation::OneRow {}
        | Relation::Sql { .. }
        | Relation::Join { .. }
        | Relation::Union { .. }
        | Relation::SetOperation { .. } => None,
        Relation::Sort { input, .. }
        | Relation::Limit { input, .. }
        | Relation::Sample { input, .. }
        | Relation::Observe { input, .. }
        | Relation::Generate { input, .. }
        | Relation::Distinct { input }
        | Relation::Deduplicate { input, .. }
        | Relation::GroupsWithState { input, .. }
        | Relation::SubqueryAlias { input, .. }
        | Relation::Project { input, .. }
        | Relation::WithColumns { input, .. }
        | Relation::WithColumnsRenamed { input, .. }
        | Relation::Drop { input, .. }
        | Relation::Filter { input, .. }
        | Relation::WithWatermark { input, .. }
        | Relation::Aggregate { input, .. } => Some(input),
    }
}

/// The expression with its SQL text parsed.
pub(super) fn desugar(expression: &Expression) -> Result<Expression> {
    let of = |expression: &Expression| desugar(expression);
    let boxed = |expression: &Expression| desugar(expression).map(Box::new);
    Ok(match expression {
        Expression::Sql { text, functions } => {
            super::parse_expression(text, &Catalog::new(&[], &[], functions.as_deref()))?
        }
        Expression::Column { .. } | Expression::Star { .. } | Expression::Literal { .. } => expression.clone(),
        Expression::Alias { child, name } => match desugar(child)? {
            // expr('a AS b').alias('c') is c.
            Expression::Alias { child, .. } => Expression::Alias {
                child,
                name: name.clone(),
            },
            child => Expression::Alias {
                child: Box::new(child),
                name: name.clone(),
            },
        },
        Expression::MultiAlias { child, names } => Expression::MultiAlias {
            child: boxed(child)?,
            names: names.clone(),
        },
        Expression::Cast {
            child,
            data_type,
            attempt,
        } => Expression::Cast {
            child: boxed(child)?,
            data_type: data_type.clone(),
            attempt: *attempt,
        },
        Expression::Lambda { parameters, body } => Expression::Lambda {
            parameters: parameters.clone(),
            body: boxed(body)?,
        },
        Expression::Over {
            function,
            partition_by,
            order_by,
            frame,
            lower,
            upper,
        } => Expression::Over {
            function: boxed(function)?,
            partition_by: partition_by.iter().map(of).collect::<Result<_>>()?,
            order_by: order_by.iter().map(of).collect::<Result<_>>()?,
            frame: frame.clone(),
            lower: lower.as_deref().map(boxed).transpose()?,
            upper: upper.as_deref().map(boxed).transpose()?,
        },
        Expression::SortOrder {
            child,
            descending,
            nulls_first,
        } => Expression::SortOrder {
            child: boxed(child)?,
            descending: *descending,
            nulls_first: *nulls_first,
        },
        Expression::Call {
            name,
            arguments,
            options,
            distinct,
            filter,
        } => Expression::Call {
            name: name.clone(),
            arguments: arguments.iter().map(of).collect::<Result<_>>()?,
            options: options.clone(),
            distinct: *distinct,
            filter: filter.as_deref().map(boxed).transpose()?,
        },
        Expression::CaseWhen { branches, otherwise } => Expression::CaseWhen {
            branches: branches
                .iter()
                .map(|Branch { when, then }| {
                    Ok(Branch {
                        when: of(when)?,
                        then: of(then)?,
                    })
                })
                .collect::<Result<_>>()?,
            otherwise: otherwise.as_deref().map(boxed).transpose()?,
        },
    })
}
