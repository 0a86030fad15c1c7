//! Expressions of SQL text to plan nodes.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CastKind, CeilFloorKind, DateTimeField, DuplicateTreatment, Expr, Function,
    FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, Ident, LambdaFunction, NullTreatment,
    ObjectName, OneOrManyWithParens, Subscript, TrimWhereField, UnaryOperator,
};

use super::super::{Branch, Expression, WINDOW_FUNCTION_NAMES};
use super::dialect::UNSIGNED_SHIFT;
use super::interval::interval;
use super::literal::{number_word, text, typed_text, value};
use super::over::over;
use super::refusals::check_call;
use super::{Catalog, unsupported};
use crate::error::Result;

/// A call of a function or operator.
pub(super) fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call {
        name: name.to_string(),
        arguments,
        options: None,
        distinct: None,
        filter: None,
    }
}

fn negated(is_negated: bool, expression: Expression) -> Expression {
    if is_negated {
        call("not", vec![expression])
    } else {
        expression
    }
}

/// The node of an expression.
pub(super) fn expression(expr: &Expr, catalog: &Catalog) -> Result<Expression> {
    let of = |expr: &Expr| expression(expr, catalog);
    let all = |exprs: &[Expr]| exprs.iter().map(of).collect::<Result<Vec<_>>>();
    Ok(match expr {
        Expr::Identifier(name) => identifier(name)?,
        Expr::CompoundIdentifier(parts) => Expression::Column { name: dotted(parts) },
        Expr::CompoundFieldAccess { root, access_chain } => access(of(root)?, access_chain, catalog)?,
        Expr::Nested(inner) => of(inner)?,
        Expr::Value(constant) => value(&constant.value)?,
        Expr::TypedString(constant) => typed_text(constant)?,
        Expr::Prefixed { prefix, value } => return Err(unsupported(format!("{prefix}{value}"))),
        Expr::Interval(constant) => interval(constant)?,
        Expr::Collate { expr, collation } => call("collate", vec![of(expr)?, text(&collation.to_string())]),
        Expr::IsNull(inner) => call("isnull", vec![of(inner)?]),
        Expr::IsNotNull(inner) => call("isnotnull", vec![of(inner)?]),
        Expr::IsTrue(inner) => call("<=>", vec![of(inner)?, truth(true)]),
        Expr::IsNotTrue(inner) => negated(true, call("<=>", vec![of(inner)?, truth(true)])),
        Expr::IsFalse(inner) => call("<=>", vec![of(inner)?, truth(false)]),
        Expr::IsNotFalse(inner) => negated(true, call("<=>", vec![of(inner)?, truth(false)])),
        Expr::IsUnknown(inner) => call("isnull", vec![of(inner)?]),
        Expr::IsNotUnknown(inner) => call("isnotnull", vec![of(inner)?]),
        Expr::IsDistinctFrom(left, right) => negated(true, call("<=>", vec![of(left)?, of(right)?])),
        Expr::IsNotDistinctFrom(left, right) => call("<=>", vec![of(left)?, of(right)?]),
        Expr::InList {
            expr,
            list,
            negated: is_negated,
        } => {
            let mut arguments = vec![of(expr)?];
            arguments.extend(all(list)?);
            negated(*is_negated, call("in", arguments))
        }
        Expr::Between {
            expr,
            negated: is_negated,
            low,
            high,
        } => negated(*is_negated, call("between", vec![of(expr)?, of(low)?, of(high)?])),
        Expr::BinaryOp { left, op, right } => binary(of(left)?, op, of(right)?)?,
        Expr::UnaryOp { op, expr } => unary(op, expr, catalog)?,
        Expr::Like {
            negated: is_negated,
            any,
            expr: operand,
            pattern,
            escape_char,
        }
        | Expr::ILike {
            negated: is_negated,
            any,
            expr: operand,
            pattern,
            escape_char,
        } => {
            let name = if matches!(expr, Expr::Like { .. }) {
                "like"
            } else {
                "ilike"
            };
            let pattern = (pattern.as_ref(), escape_char.as_deref());
            like(name, (*is_negated, *any), of(operand)?, pattern, catalog)?
        }
        Expr::RLike {
            negated: is_negated,
            expr,
            pattern,
            ..
        } => negated(*is_negated, call("rlike", vec![of(expr)?, of(pattern)?])),
        Expr::Cast {
            kind, expr, data_type, ..
        } => Expression::Cast {
            child: Box::new(of(expr)?),
            data_type: data_type.to_string(),
            attempt: matches!(kind, CastKind::TryCast | CastKind::SafeCast),
        },
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let operand = operand.as_deref().map(of).transpose()?;
            let branches = conditions
                .iter()
                .map(|branch| {
                    let condition = of(&branch.condition)?;
                    let when = match &operand {
                        Some(operand) => call("=", vec![operand.clone(), condition]),
                        None => condition,
                    };
                    Ok(Branch {
                        when,
                        then: of(&branch.result)?,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            let otherwise = else_result.as_deref().map(of).transpose()?.map(Box::new);
            Expression::CaseWhen { branches, otherwise }
        }
        Expr::Function(function) => function_call(function, catalog)?,
        Expr::Lambda(function) => lambda(function, catalog)?,
        Expr::Extract { field, expr, .. } => call("extract", vec![text(&field.to_string()), of(expr)?]),
        Expr::Ceil { expr, field } => rounded("ceil", (expr, field), catalog)?,
        Expr::Floor { expr, field } => rounded("floor", (expr, field), catalog)?,
        Expr::Position { expr, r#in } => call("locate", vec![of(expr)?, of(r#in)?]),
        Expr::Substring {
            expr,
            substring_from,
            substring_for,
            shorthand,
            ..
        } => {
            let mut arguments = vec![of(expr)?];
            for part in [substring_from, substring_for].into_iter().flatten() {
                arguments.push(of(part)?);
            }
            call(if *shorthand { "substr" } else { "substring" }, arguments)
        }
        Expr::Trim {
            expr,
            trim_where,
            trim_what,
            trim_characters,
        } => {
            let name = match trim_where {
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
                Some(TrimWhereField::Both) | None => "trim",
            };
            // Spark's trim(BOTH what FROM text) and trim(what, text) both end as trim(text, what).
            match (trim_what, trim_characters) {
                (Some(what), _) => call(name, vec![of(expr)?, of(what)?]),
                (None, Some(characters)) => {
                    let mut arguments = all(characters)?;
                    arguments.push(of(expr)?);
                    call(name, arguments)
                }
                (None, None) => call(name, vec![of(expr)?]),
            }
        }
        Expr::Overlay {
            expr,
            overlay_what,
            overlay_from,
            overlay_for,
        } => {
            let mut arguments = vec![of(expr)?, of(overlay_what)?, of(overlay_from)?];
            if let Some(length) = overlay_for {
                arguments.push(of(length)?);
            }
            call("overlay", arguments)
        }
        Expr::Tuple(parts) => call("struct", all(parts)?),
        Expr::Struct { values, .. } => call("struct", all(values)?),
        Expr::Named { expr, name } => Expression::Alias {
            child: Box::new(of(expr)?),
            name: name.value.clone(),
        },
        Expr::Array(Array { elem, .. }) => call("array", all(elem)?),
        Expr::Wildcard(_) => Expression::Star { target: None },
        Expr::QualifiedWildcard(name, _) => Expression::Star {
            target: Some(object_name(name)),
        },
        other => return Err(unsupported(other)),
    })
}

fn truth(value: bool) -> Expression {
    Expression::Literal {
        value: Json::Bool(value),
        data_type: "boolean".to_string(),
    }
}

/// A name as the resolver splits it: parts that hold more than letters, digits and `_` are backquoted.
pub(super) fn dotted(parts: &[Ident]) -> String {
    parts
        .iter()
        .map(|part| quoted(&part.value))
        .collect::<Vec<_>>()
        .join(".")
}

pub(super) fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
    if is_plain {
        name.to_string()
    } else {
        format!("`{}`", name.replace('`', "``"))
    }
}

/// The parts of an object name, joined.
pub(super) fn object_name(name: &ObjectName) -> String {
    name.0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|ident| quoted(&ident.value))
        .collect::<Vec<_>>()
        .join(".")
}

fn identifier(name: &Ident) -> Result<Expression> {
    if name.quote_style.is_none() {
        if let Some(number) = number_word(&name.value) {
            return number;
        }
        let keyword = name.value.to_ascii_lowercase();
        if matches!(
            keyword.as_str(),
            "current_date" | "current_timestamp" | "localtimestamp"
        ) {
            return Ok(call(&keyword, Vec::new()));
        }
    }
    Ok(Expression::Column {
        name: quoted(&name.value),
    })
}

fn access(root: Expression, chain: &[AccessExpr], catalog: &Catalog) -> Result<Expression> {
    chain.iter().try_fold(root, |base, step| {
        Ok(match step {
            AccessExpr::Dot(Expr::Identifier(field)) => call("getfield", vec![base, text(&field.value)]),
            AccessExpr::Dot(other) => return Err(unsupported(other)),
            AccessExpr::Subscript(Subscript::Index { index }) => {
                call("getitem", vec![base, expression(index, catalog)?])
            }
            AccessExpr::Subscript(other) => return Err(unsupported(other)),
        })
    })
}

fn binary(left: Expression, op: &BinaryOperator, right: Expression) -> Result<Expression> {
    let name = match op {
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::MyIntegerDivide => "div",
        BinaryOperator::Eq => "=",
        BinaryOperator::Spaceship => "<=>",
        BinaryOperator::NotEq => return Ok(call("not", vec![call("=", vec![left, right])])),
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::And => "and",
        BinaryOperator::Or => "or",
        BinaryOperator::BitwiseAnd => "&",
        BinaryOperator::BitwiseOr => "|",
        BinaryOperator::BitwiseXor => "^",
        BinaryOperator::PGBitwiseShiftLeft => "<<",
        BinaryOperator::PGBitwiseShiftRight => ">>",
        BinaryOperator::Custom(shift) if shift == UNSIGNED_SHIFT => UNSIGNED_SHIFT,
        BinaryOperator::StringConcat => "concat",
        other => return Err(unsupported(other)),
    };
    Ok(call(name, vec![left, right]))
}

fn unary(op: &UnaryOperator, expr: &Expr, catalog: &Catalog) -> Result<Expression> {
    let inner = expression(expr, catalog)?;
    Ok(match op {
        UnaryOperator::Plus => call("positive", vec![inner]),
        UnaryOperator::Minus => match inner {
            // The least integer can only be read with its sign.
            Expression::Literal { .. } if matches!(expr, Expr::Value(_) | Expr::Identifier(_)) => {
                super::literal::negative(inner)
            }
            other => call("negative", vec![other]),
        },
        UnaryOperator::Not | UnaryOperator::BangNot => call("not", vec![inner]),
        UnaryOperator::BitwiseNot => call("~", vec![inner]),
        other => return Err(unsupported(other)),
    })
}

/// `text [NOT] LIKE pattern`, or `LIKE ANY (pattern, ...)`: true where it holds for one of the patterns.
fn like(
    name: &str,
    (is_negated, any): (bool, bool),
    expr: Expression,
    (pattern, escape): (&Expr, Option<&Expr>),
    catalog: &Catalog,
) -> Result<Expression> {
    let patterns = match pattern {
        Expr::Tuple(patterns) if any => patterns.as_slice(),
        Expr::Nested(pattern) if any => std::slice::from_ref(&**pattern),
        pattern => std::slice::from_ref(pattern),
    };
    let mut whole: Option<Expression> = None;
    for pattern in patterns {
        let mut arguments = vec![expr.clone(), expression(pattern, catalog)?];
        if let Some(escape) = escape {
            arguments.push(expression(escape, catalog)?);
        }
        let one = negated(is_negated, call(name, arguments));
        whole = Some(match whole {
            Some(whole) => call("or", vec![whole, one]),
            None => one,
        });
    }
    whole.ok_or_else(|| unsupported("LIKE ANY without patterns"))
}

fn rounded(name: &str, (expr, field): (&Expr, &CeilFloorKind), catalog: &Catalog) -> Result<Expression> {
    let mut arguments = vec![expression(expr, catalog)?];
    match field {
        CeilFloorKind::Scale(scale) => arguments.push(value(&scale.value)?),
        CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {}
        CeilFloorKind::DateTimeField(field) => return Err(unsupported(field)),
    }
    Ok(call(name, arguments))
}

fn lambda(function: &LambdaFunction, catalog: &Catalog) -> Result<Expression> {
    let parameters = match &function.params {
        OneOrManyWithParens::One(parameter) => vec![parameter.name.value.clone()],
        OneOrManyWithParens::Many(parameters) => parameters
            .iter()
            .map(|parameter| parameter.name.value.clone())
            .collect(),
    };
    Ok(Expression::Lambda {
        parameters,
        body: Box::new(expression(&function.body, catalog)?),
    })
}

fn function_call(function: &Function, catalog: &Catalog) -> Result<Expression> {
    check_call(function)?;
    let name = object_name(&function.name).to_lowercase();
    let mut arguments = Vec::new();
    let mut distinct = None;
    let mut ignore_nulls = matches!(function.null_treatment, Some(NullTreatment::IgnoreNulls));
    if let FunctionArguments::List(list) = &function.args {
        if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) {
            distinct = Some(true);
        }
        for argument in &list.args {
            let argument = match argument {
                FunctionArg::Unnamed(argument) => argument,
                FunctionArg::Named { name, .. } => return Err(unsupported(name)),
                FunctionArg::ExprNamed { name, .. } => return Err(unsupported(name)),
            };
            arguments.push(match argument {
                FunctionArgExpr::Expr(expr) => expression(expr, catalog)?,
                FunctionArgExpr::Wildcard => Expression::Star { target: None },
                FunctionArgExpr::QualifiedWildcard(name) => Expression::Star {
                    target: Some(object_name(name)),
                },
                other => return Err(unsupported(other)),
            });
        }
        for clause in &list.clauses {
            match clause {
                FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::IgnoreNulls) => ignore_nulls = true,
                FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::RespectNulls) => {}
                other => return Err(unsupported(other)),
            }
        }
    }
    let takes_nulls = WINDOW_FUNCTION_NAMES.contains(&name.as_str());
    if ignore_nulls && !takes_nulls {
        arguments.push(truth(true));
    }
    for order in &function.within_group {
        // Entries of WITHIN GROUP stand among the arguments as what they are: orders.
        let descending = matches!(order.options.sort, Some(sqlparser::ast::OrderBySort::Desc));
        arguments.push(Expression::SortOrder {
            child: Box::new(expression(&order.expr, catalog)?),
            descending,
            nulls_first: order.options.nulls_first.unwrap_or(!descending),
        });
    }
    let (name, options) = match catalog.function(&name) {
        Some(_) if ignore_nulls => return Err(unsupported("IGNORE NULLS behind a registered function")),
        Some((own, options)) => (own.clone(), Some(options.clone())),
        None if ignore_nulls && takes_nulls => {
            let options = BTreeMap::from([("ignoreNulls".to_string(), "true".to_string())]);
            (name, Some(options))
        }
        None => {
            let options = as_typed(&name, &mut arguments);
            (name, options)
        }
    };
    let filter = function
        .filter
        .as_deref()
        .map(|condition| expression(condition, catalog));
    let filter = filter.transpose()?.map(Box::new);
    // Constructors and conditionals that are plain functions elsewhere.
    let called = match (name.as_str(), filter.is_none() && distinct.is_none()) {
        ("!", true) => call("not", arguments),
        _ => Expression::Call {
            name,
            arguments,
            options,
            distinct,
            filter,
        },
    };
    match &function.over {
        None => Ok(called),
        Some(window) => over(called, window, catalog),
    }
}

/// Makes the arguments of one of Spark's functions those that the typed API gives it, and takes its options out of them.
fn as_typed(name: &str, arguments: &mut Vec<Expression>) -> Option<BTreeMap<String, String>> {
    // `timestampadd(MINUTE, 1, t)`: the unit is a word, not a column.
    let takes_unit = matches!(
        name,
        "timestampadd" | "timestampdiff" | "date_add" | "dateadd" | "date_diff" | "datediff"
    );
    if let (true, [Expression::Column { name: unit }, _, _]) = (takes_unit, arguments.as_slice()) {
        arguments[0] = text(&unit.clone());
    }
    // What to trim comes first, other than in btrim() and in the typed API.
    if let ("ltrim" | "rtrim", [_, _]) = (name, arguments.as_slice()) {
        arguments.reverse();
    }
    take_options(name, arguments)
}

/// The options of a JSON function, which SQL gives as a last argument `map('name', 'value', ...)` of constants.
fn take_options(name: &str, arguments: &mut Vec<Expression>) -> Option<BTreeMap<String, String>> {
    if !matches!(name, "from_json" | "to_json" | "schema_of_json") || arguments.len() < 2 {
        return None;
    }
    let Some(Expression::Call {
        name: constructor,
        arguments: entries,
        ..
    }) = arguments.last()
    else {
        return None;
    };
    if constructor != "map" || entries.len() % 2 == 1 {
        return None;
    }
    let texts = entries
        .iter()
        .map(|entry| match entry {
            Expression::Literal {
                value: Json::String(text),
                data_type,
            } if data_type == "string" => Some(text.clone()),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()?;
    arguments.pop();
    Some(
        texts
            .chunks_exact(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect(),
    )
}
