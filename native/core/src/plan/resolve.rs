//! Names and types: unresolved relations become typed steps over columns known by position.

use super::aggregate::{resolve_aggregate, without_alias};
use super::desugar::{desugar, input_of};
use super::expressions::{Expressions, aggregates_of, has_aggregate};
use super::generators::outside_select;
use super::grouping_sets::GroupingSets;
use super::groups_with_state::GroupsNode;
use super::hidden::names_metadata;
use super::join::resolve_join;
use super::naming::{output_name, sql_text};
use super::sample::sample_operator;
use super::scope::{EventTime, Scope, ScopeColumn};
use super::set_operation::{resolve_set_operation, resolve_union};
use super::{
    Catalog, Expression, Flow, OperationKind, Operator, Origin, Relation, ResolvedPlan, SortKey, SourceSpec, Step,
};
use crate::column::{DataType, Field, schema_from_text};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Call, Expr, bind_call, check_uncollated};
use crate::session::Session;
use crate::source::source_schema;

/// A column of a relation's output, before it has its position.
#[derive(Clone)]
pub(super) struct Named {
    pub name: String,
    pub expr: Expr,
    pub event_time: EventTime,
}

/// Resolves a plan under a session's configurations. Fails with Spark's analysis errors.
pub fn resolve(relation: &Relation, session: &Session) -> Result<ResolvedPlan> {
    let mut resolver = Resolver {
        session,
        scope: Scope {
            columns: Vec::new(),
            case_sensitive: session.case_sensitive,
        },
        plan: ResolvedPlan::default(),
        flows: Vec::new(),
        head: 0,
        reads_metadata: false,
        groupings: Vec::new(),
    };
    resolver.reads_metadata = names_metadata(relation);
    resolver.apply_chain(relation)?;
    resolver.drop_hidden();
    let mut plan = resolver.plan;
    plan.output = resolver.flows;
    plan.schema = resolver.scope.schema();
    Ok(plan)
}

pub(super) struct Resolver<'a> {
    pub session: &'a Session,
    /// The columns of the relation that is being resolved.
    pub scope: Scope,
    pub plan: ResolvedPlan,
    /// The flows that bring its rows.
    pub flows: Vec<Flow>,
    /// The operation that makes them.
    pub head: usize,
    /// Whether the hidden columns of files are read: the plan names them somewhere.
    pub reads_metadata: bool,
    /// The groupings of sources' rows so far, with their stages.
    pub groupings: Vec<(Relation, usize)>,
}

impl Resolver<'_> {
    /// Applies a chain from its leaf up; only a leaf of SQL text leads to a further chain.
    pub(super) fn apply_chain(&mut self, relation: &Relation) -> Result<()> {
        let mut chain = vec![relation];
        while let Some(input) = input_of(chain[chain.len() - 1]) {
            chain.push(input);
        }
        chain.into_iter().rev().try_for_each(|relation| self.apply(relation))
    }

    fn apply(&mut self, relation: &Relation) -> Result<()> {
        match relation {
            Relation::Read {
                source,
                format,
                streaming,
                schema,
                options,
            } => {
                let schema = schema.as_deref().map(schema_from_text).transpose()?;
                let options = options
                    .iter()
                    .map(|(name, value)| (name.to_lowercase(), value.clone()))
                    .collect();
                let mut schema = source_schema(format, schema, &options)?;
                self.scope.columns = schema
                    .fields
                    .iter()
                    .map(|field| ScopeColumn {
                        field: field.clone(),
                        event_time: EventTime::default(),
                        qualifier: None,
                    })
                    .collect();
                let has_metadata = self.add_metadata(format, &mut schema);
                self.plan.is_streaming |= streaming;
                // A view that is read twice is one source with two flows.
                if self.plan.sources.iter().all(|known| known.number != *source) {
                    self.plan.sources.push(SourceSpec {
                        number: *source,
                        format: format.clone(),
                        options,
                        schema,
                        has_metadata,
                    });
                }
                self.start_flow(Origin::Source(*source));
                self.push_operation(OperationKind::Source, *streaming, Vec::new());
                Ok(())
            }
            // Aggregates without a grouping are over all rows.
            Relation::Project { expressions, .. } if has_aggregate_in(expressions)? => {
                resolve_aggregate(self, &[], expressions, None)
            }
            Relation::Project { expressions, .. } => {
                let columns = self.named_all(expressions)?;
                self.project(columns);
                Ok(())
            }
            Relation::WithColumns { columns, .. } => self.with_columns(columns),
            Relation::WithColumnsRenamed { renames, .. } => {
                for column in &mut self.scope.columns {
                    let case_sensitive = self.session.case_sensitive;
                    let same = |name: &str| {
                        if case_sensitive {
                            name == column.field.name
                        } else {
                            name.eq_ignore_ascii_case(&column.field.name)
                        }
                    };
                    if let Some((_, renamed)) = renames.iter().find(|(name, _)| same(name)) {
                        column.field.name = renamed.clone();
                    }
                }
                Ok(())
            }
            Relation::Drop { columns, .. } => {
                let hidden = self.hidden_names();
                let kept = (0..self.scope.columns.len())
                    .filter(|&position| {
                        let name = &self.scope.columns[position].field.name;
                        !columns.iter().any(|dropped| self.scope.same_name(dropped, name))
                    })
                    .map(|position| self.column_at(position))
                    .collect();
                self.project(kept);
                self.hide(&hidden);
                Ok(())
            }
            Relation::Filter { condition, .. } => {
                let condition = self.condition(condition)?;
                self.push_filter(condition);
                Ok(())
            }
            Relation::Generate {
                generator,
                outer,
                qualifier,
                names,
                ..
            } => self.lateral_view(generator, *outer, qualifier.as_ref(), names),
            Relation::WithWatermark {
                event_time,
                delay_threshold,
                ..
            } => self.with_watermark(event_time, delay_threshold),
            Relation::Aggregate {
                keys,
                aggregates,
                grouping_sets,
                ..
            } => {
                let sets = grouping_sets.as_ref().map(|sets| GroupingSets::read(sets, keys.len()));
                let stage = self.plan.stages.len();
                resolve_aggregate(self, keys, aggregates, sets.transpose()?.as_ref())?;
                self.find_same(relation, stage);
                Ok(())
            }
            Relation::OneRow {} => {
                self.scope.columns = Vec::new();
                self.start_flow(Origin::OneRow);
                self.push_operation(OperationKind::Source, false, Vec::new());
                Ok(())
            }
            Relation::SubqueryAlias { alias, .. } => {
                for column in &mut self.scope.columns {
                    if !column.is_hidden() {
                        column.qualifier = Some(alias.clone());
                    }
                }
                Ok(())
            }
            Relation::Sort { orders, .. } => {
                let keys = orders
                    .iter()
                    .map(|order| self.sort_key(order))
                    .collect::<Result<Vec<_>>>()?;
                self.push_stage(Operator::Sort(keys));
                self.note(OperationKind::Sort);
                Ok(())
            }
            Relation::Limit { count, offset, .. } => {
                let count = count.as_i64().and_then(|count| usize::try_from(count).ok());
                self.push_stage(Operator::Limit {
                    count,
                    offset: *offset as usize,
                });
                // offset(0) is an offset too.
                if *offset > 0 || count.is_none() {
                    self.note(OperationKind::Offset);
                }
                if count.is_some() {
                    self.note(OperationKind::Limit);
                }
                Ok(())
            }
            Relation::Sample {
                fraction,
                with_replacement,
                seed,
                ..
            } => {
                self.push_stage(sample_operator(fraction, *with_replacement, seed)?);
                self.note(OperationKind::Sample);
                Ok(())
            }
            Relation::Observe { name, metrics, .. } => self.observe(name, metrics),
            Relation::Distinct { .. } => {
                self.drop_hidden();
                let keys: Vec<Expression> = self
                    .scope
                    .columns
                    .iter()
                    .map(|column| Expression::Column {
                        name: format!("`{}`", column.field.name.replace('`', "``")),
                    })
                    .collect();
                resolve_aggregate(self, &keys, &[], None)
            }
            Relation::Deduplicate {
                columns,
                within_watermark: within,
                ..
            } => {
                if columns.is_none() {
                    self.drop_hidden();
                }
                self.deduplicate(columns.as_deref(), *within)
            }
            Relation::GroupsWithState {
                program,
                api,
                keys,
                computes_keys,
                variables,
                output,
                output_mode,
                time_mode,
                initial_state,
                initial_keys,
                ..
            } => {
                self.drop_hidden();
                self.groups_with_state(&GroupsNode {
                    program: *program,
                    api,
                    keys,
                    computes_keys: computes_keys.unwrap_or(false),
                    variables,
                    output,
                    output_mode: output_mode.as_deref(),
                    time_mode,
                    initial: initial_state.as_deref().zip(initial_keys.as_deref()),
                })
            }
            Relation::Join {
                left,
                right,
                condition,
                using,
                how,
            } => resolve_join(self, (left, right), condition.as_deref(), using, how),
            Relation::Union {
                left,
                right,
                by_name,
                allow_missing_columns,
            } => resolve_union(self, (left, right), *by_name, *allow_missing_columns),
            Relation::SetOperation { left, right, kind, all } => resolve_set_operation(self, (left, right), kind, *all),
            Relation::Sql {
                text,
                names,
                views,
                functions,
            } => {
                let catalog = Catalog::new(names, views, functions.as_deref());
                self.apply_chain(&super::parse_query(text, &catalog)?)
            }
        }
    }

    /// Resolves a condition on rows. Fails with DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN, INVALID_WHERE_CONDITION.
    pub(super) fn condition(&self, condition: &Expression) -> Result<Expr> {
        let condition = &desugar(condition)?;
        let text = format!("\"{}\"", sql_text(condition));
        let aggregates = aggregates_of(condition);
        if !aggregates.is_empty() {
            let texts: Vec<String> = aggregates.into_iter().map(sql_text).collect();
            return Err(Error::new(ErrorCode::InvalidWhereCondition)
                .with("condition", text)
                .with("expressionList", texts.join(", ")));
        }
        let expr = self
            .expression(condition)
            .map_err(|error| outside_select(error, "Filter"))
            .map_err(|error| match error.code() {
                ErrorCode::LegacyErrorTemp1034 => error.with("clauseName", "WHERE"),
                _ => error,
            })?;
        if expr.data_type != DataType::Boolean {
            return Err(Error::new(ErrorCode::DatatypeMismatchFilterNotBoolean)
                .with("sqlExpr", text.clone())
                .with("filter", text)
                .with("type", expr.data_type.quoted_sql()));
        }
        Ok(expr)
    }

    /// A call of a function on expressions that are resolved.
    pub(super) fn call(&self, name: &str, arguments: Vec<Expr>) -> Result<Expr> {
        let texts: Vec<String> = arguments.iter().map(|argument| format!("{argument:?}")).collect();
        bind_call(Call {
            name,
            sql: format!("{name}({})", texts.join(", ")),
            argument_names: texts.clone(),
            argument_sql: texts,
            arguments,
            options: &Default::default(),
            lambdas: Vec::new(),
            session: self.session,
        })
    }

    pub(super) fn sort_key(&self, order: &Expression) -> Result<SortKey> {
        let order = desugar(order)?;
        let (child, descending, nulls_first) = match &order {
            Expression::SortOrder {
                child,
                descending,
                nulls_first,
            } => (child.as_ref(), *descending, *nulls_first),
            other => (other, false, true),
        };
        let expr = self.expression(child).map_err(|error| outside_select(error, "Sort"))?;
        let is_ordered = expr.data_type.is_orderable();
        if !is_ordered {
            return Err(Error::new(ErrorCode::DatatypeMismatchInvalidOrderingType)
                .with("sqlExpr", format!("\"{}\"", sql_text(&order)))
                .with("functionName", "`sortorder`")
                .with("dataType", expr.data_type.quoted_sql()));
        }
        Ok(SortKey {
            expr,
            descending,
            nulls_first,
        })
    }

    fn with_columns(&mut self, added: &[Expression]) -> Result<()> {
        let width = self.scope.columns.len();
        let mut columns: Vec<Named> = (0..width).map(|position| self.column_at(position)).collect();
        let hidden = self.hidden_names();
        let added = self.named_all(added)?;
        for column in added {
            let mut is_new = true;
            for existing in &mut columns[..width] {
                if self.scope.same_name(&existing.name, &column.name) {
                    *existing = column.clone();
                    is_new = false;
                }
            }
            if is_new {
                columns.push(column);
            }
        }
        self.project(columns);
        self.hide(&hidden);
        Ok(())
    }

    pub(super) fn all_columns(&self) -> Vec<Named> {
        let positions = 0..self.scope.columns.len();
        positions.map(|position| self.column_at(position)).collect()
    }

    pub(super) fn column_at(&self, position: usize) -> Named {
        let ScopeColumn { field, event_time, .. } = &self.scope.columns[position];
        Named {
            name: field.name.clone(),
            expr: self.scope.column(position),
            event_time: *event_time,
        }
    }

    pub(super) fn project(&mut self, columns: Vec<Named>) {
        self.scope.columns = columns
            .iter()
            .map(|column| ScopeColumn {
                field: Field::new(&column.name, column.expr.data_type.clone(), column.expr.nullable),
                event_time: column.event_time,
                qualifier: None,
            })
            .collect();
        self.push(Step::Project(columns.into_iter().map(|column| column.expr).collect()));
    }

    /// Resolves a select list: stars become columns, windows and generators become steps that expand rows.
    pub(super) fn named_all(&mut self, expressions: &[Expression]) -> Result<Vec<Named>> {
        let mut columns = Vec::with_capacity(expressions.len());
        // What was called window or session_window, and the column that it made: the same call makes it once.
        let mut windows: Vec<(Expression, Named)> = Vec::new();
        let expressions = expressions.iter().map(desugar).collect::<Result<Vec<_>>>()?;
        for expression in &self.take_windows(expressions)? {
            match expression {
                Expression::Star { target: None } => {
                    let shown =
                        (0..self.scope.columns.len()).filter(|&position| !self.scope.columns[position].is_hidden());
                    columns.extend(shown.map(|position| self.column_at(position)));
                }
                Expression::Star { target: Some(target) } => {
                    let (base, _) = self.scope.lookup(target)?;
                    let DataType::Struct(fields) = base.data_type.clone() else {
                        return Err(Error::new(ErrorCode::InvalidExtractBaseFieldType)
                            .with("base", format!("\"{target}\""))
                            .with("other", base.data_type.quoted_sql()));
                    };
                    for (position, field) in fields.fields.into_iter().enumerate() {
                        let expr = crate::expr::get_field(base.clone(), position)?;
                        columns.push(Named {
                            name: field.name,
                            expr,
                            event_time: EventTime::default(),
                        });
                    }
                }
                other if windows.iter().any(|(made, _)| made == without_alias(other)) => {
                    let name = output_name(other);
                    columns.extend(windows.first().map(|(_, window)| Named { name, ..window.clone() }));
                }
                other => match self.window_call(other)? {
                    Some(_) if !windows.is_empty() => return Err(Error::new(ErrorCode::LegacyErrorTemp1039)),
                    Some((key, event_time)) => {
                        let (window_type, nullable) = (key.data_type(), key.is_nullable());
                        let column = ScopeColumn {
                            field: Field::new("", window_type.clone(), nullable),
                            event_time,
                            qualifier: None,
                        };
                        self.push(Step::ExpandWindows {
                            key,
                            width: self.scope.columns.len(),
                        });
                        self.scope.columns.push(column);
                        let expr = Expr::column(self.scope.columns.len() - 1, window_type, nullable);
                        let window = Named {
                            name: output_name(other),
                            expr,
                            event_time,
                        };
                        columns.push(window.clone());
                        windows.push((without_alias(other).clone(), window));
                    }
                    None => match self.session_call(other)? {
                        Some(_) if !windows.is_empty() => return Err(Error::new(ErrorCode::LegacyErrorTemp1039)),
                        Some(session) => {
                            columns.push(session.clone());
                            windows.push((without_alias(other).clone(), session));
                        }
                        None => match self.generated(other)? {
                            Some(made) => columns.extend(made),
                            None => columns.push(self.named(other)?),
                        },
                    },
                },
            }
        }
        Ok(columns)
    }

    pub(super) fn named(&self, expression: &Expression) -> Result<Named> {
        let name = output_name(expression);
        let mut inner = expression;
        while let Expression::Alias { child, .. } = inner {
            inner = child;
        }
        if let Expression::Column { name: reference } = inner {
            let (expr, event_time) = self.scope.lookup(reference)?;
            return Ok(Named { name, expr, event_time });
        }
        // The time of a window is event time where the window is.
        let event_time = match inner {
            Expression::Call { name, arguments, .. } if name == "window_time" && arguments.len() == 1 => EventTime {
                window: None,
                window_size_micros: None,
                ..self.named(&arguments[0])?.event_time
            },
            _ => EventTime::default(),
        };
        Ok(Named {
            name,
            expr: self.expression(inner)?,
            event_time,
        })
    }

    /// Resolves an expression over the columns in scope.
    pub(super) fn expression(&self, expression: &Expression) -> Result<Expr> {
        let resolved = Expressions {
            session: self.session,
            scope: &self.scope,
        }
        .resolve(expression)?;
        check_uncollated(&resolved)?;
        Ok(resolved)
    }
}

fn has_aggregate_in(expressions: &[Expression]) -> Result<bool> {
    for expression in expressions {
        if has_aggregate(&desugar(expression)?) {
            return Ok(true);
        }
    }
    Ok(false)
}
