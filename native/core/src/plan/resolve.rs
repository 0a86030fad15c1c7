//! Names and types: unresolved relations become typed steps over columns known by position.

use super::aggregate::resolve_aggregate;
use super::desugar::{desugar, input_of};
use super::naming::{field_name, output_name, sql_text};
use super::scope::{EventTime, Scope, ScopeColumn};
use super::{
    Branch, Expression, Flow, Operator, Origin, Relation, ResolvedPlan, SortKey, SourceSpec, Stage, Step, WatermarkSpec,
};
use crate::column::{DataType, Field, StructType, parse_data_type, parse_schema};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Call, Expr, LambdaArgument, bind_call, case_when, cast, literal};
use crate::parse::parse_interval;
use crate::session::Session;
use crate::source::source_schema;
use crate::window::EventTimeKey;

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
    };
    resolver.apply_chain(relation)?;
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
}

impl Resolver<'_> {
    /// Applies a chain from its leaf up; only a leaf of SQL text leads to a further chain.
    fn apply_chain(&mut self, relation: &Relation) -> Result<()> {
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
                let schema = schema.as_deref().map(parse_schema_text).transpose()?;
                let schema = source_schema(format, schema)?;
                self.scope.columns = schema
                    .fields
                    .iter()
                    .map(|field| ScopeColumn {
                        field: field.clone(),
                        event_time: EventTime::default(),
                        qualifier: None,
                    })
                    .collect();
                self.plan.is_streaming |= streaming;
                let options = options
                    .iter()
                    .map(|(name, value)| (name.to_lowercase(), value.clone()))
                    .collect();
                // A view that is read twice is one source with two flows.
                if self.plan.sources.iter().all(|known| known.number != *source) {
                    self.plan.sources.push(SourceSpec {
                        number: *source,
                        format: format.clone(),
                        options,
                        schema,
                    });
                }
                self.start_flow(Origin::Source(*source));
                Ok(())
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
                let kept = (0..self.scope.columns.len())
                    .filter(|&position| {
                        let name = &self.scope.columns[position].field.name;
                        !columns.iter().any(|dropped| self.scope.same_name(dropped, name))
                    })
                    .map(|position| self.column_at(position))
                    .collect();
                self.project(kept);
                Ok(())
            }
            Relation::Filter { condition, .. } => {
                let condition = &desugar(condition)?;
                let expr = self.expression(condition)?;
                if !matches!(expr.data_type, DataType::Boolean | DataType::Void) {
                    let text = format!("\"{}\"", sql_text(condition));
                    return Err(Error::new(ErrorCode::DatatypeMismatchFilterNotBoolean)
                        .with("sqlExpr", text.clone())
                        .with("filter", text)
                        .with("type", expr.data_type.quoted_sql()));
                }
                let condition = cast(expr, &DataType::Boolean, self.session, false)?;
                self.push_filter(condition);
                Ok(())
            }
            Relation::WithWatermark {
                event_time,
                delay_threshold,
                ..
            } => self.with_watermark(event_time, delay_threshold),
            Relation::Aggregate { keys, aggregates, .. } => resolve_aggregate(self, keys, aggregates),
            Relation::OneRow {} => {
                self.scope.columns = Vec::new();
                self.start_flow(Origin::OneRow);
                Ok(())
            }
            Relation::SubqueryAlias { alias, .. } => {
                for column in &mut self.scope.columns {
                    column.qualifier = Some(alias.clone());
                }
                Ok(())
            }
            Relation::Sort { orders, .. } => {
                let keys = orders
                    .iter()
                    .map(|order| self.sort_key(order))
                    .collect::<Result<Vec<_>>>()?;
                self.push_stage(Operator::Sort(keys));
                Ok(())
            }
            Relation::Limit { count, offset, .. } => {
                let count = count.as_i64().and_then(|count| usize::try_from(count).ok());
                self.push_stage(Operator::Limit {
                    count,
                    offset: *offset as usize,
                });
                Ok(())
            }
            Relation::Distinct { .. } => {
                let keys: Vec<Expression> = self
                    .scope
                    .columns
                    .iter()
                    .map(|column| Expression::Column {
                        name: format!("`{}`", column.field.name.replace('`', "``")),
                    })
                    .collect();
                resolve_aggregate(self, &keys, &[])
            }
            Relation::Sql { text, names, views } => {
                let views = names.iter().cloned().zip(views.iter().cloned()).collect();
                self.apply_chain(&super::parse_query(text, &views)?)
            }
        }
    }

    fn start_flow(&mut self, origin: Origin) {
        self.flows = vec![Flow {
            origin,
            steps: Vec::new(),
        }];
    }

    /// Ends the flows in a stage, from which a new one starts; `scope` must still be that of the stage's input.
    pub(super) fn push_stage(&mut self, operator: Operator) {
        let stage = Stage {
            inputs: std::mem::take(&mut self.flows),
            input_types: self
                .scope
                .columns
                .iter()
                .map(|column| column.field.data_type.clone())
                .collect(),
            operator,
        };
        self.plan.stages.push(stage);
        self.start_flow(Origin::Stage(self.plan.stages.len() - 1));
    }

    fn sort_key(&self, order: &Expression) -> Result<SortKey> {
        let order = desugar(order)?;
        let (child, descending, nulls_first) = match &order {
            Expression::SortOrder {
                child,
                descending,
                nulls_first,
            } => (child.as_ref(), *descending, *nulls_first),
            other => (other, false, true),
        };
        let expr = self.expression(child)?;
        let is_ordered = !expr.data_type.contains_map();
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

    pub(super) fn push(&mut self, step: Step) {
        for flow in &mut self.flows {
            flow.steps.push(step.clone());
        }
    }

    /// Spark moves a filter that leaves the event time alone below withWatermark, so that the rows it removes do not
    /// move the watermark, and one on grouping keys alone below the grouping, so that such groups are never kept.
    fn push_filter(&mut self, condition: Expr) {
        let uses = |column: usize| {
            condition.any(&|part| matches!(part.kind, crate::expr::Kind::Column(position) if position == column))
        };
        if let [
            Flow {
                origin: Origin::Stage(stage),
                steps,
            },
        ] = self.flows.as_slice()
            && steps.is_empty()
            && let Operator::Aggregate(spec) = &mut self.plan.stages[*stage].operator
        {
            let keys = spec.keys.len() + usize::from(spec.event_time.is_some());
            if keys > 0 && !(keys..spec.output.len()).any(uses) {
                spec.group_filters.push(condition);
                return;
            }
        }
        for Flow { steps, .. } in &mut self.flows {
            let mut position = steps.len();
            while position > 0 {
                match &steps[position - 1] {
                    Step::Watermark { column, .. } if !uses(*column) => position -= 1,
                    _ => break,
                }
            }
            steps.insert(position, Step::Filter(condition.clone()));
        }
    }

    fn with_watermark(&mut self, event_time: &str, delay: &str) -> Result<()> {
        let position = self.scope.position(event_time)?;
        let field = &self.scope.columns[position].field;
        let is_time = field.data_type == DataType::Timestamp || field.data_type.window_time().is_some();
        if !is_time {
            return Err(Error::new(ErrorCode::EventTimeIsNotOnTimestampType)
                .with("eventName", format!("`{}`", field.name))
                .with("eventType", field.data_type.quoted_sql()));
        }
        let interval = parse_interval(delay)?;
        // Spark counts a month of a delay as 31 days.
        let delay_ms = i64::from(interval.months) * 31 * 86_400_000
            + i64::from(interval.days) * 86_400_000
            + interval.micros / 1000;
        if delay_ms < 0 {
            return Err(Error::new(ErrorCode::ArgumentInvalid)
                .with("function", "withWatermark")
                .with("reason", format!("delay threshold ({delay}) should not be negative")));
        }
        let node = self.plan.watermarks.len();
        let source = self.plan.sources.last().map_or(0, |source| source.number);
        self.plan.watermarks.push(WatermarkSpec { node, delay_ms, source });
        self.scope.columns[position].event_time.watermark = Some(node);
        self.push(Step::Watermark { node, column: position });
        Ok(())
    }

    fn with_columns(&mut self, added: &[Expression]) -> Result<()> {
        let added = self.named_all(added)?;
        let mut columns: Vec<Named> = (0..self.scope.columns.len())
            .map(|position| self.column_at(position))
            .collect();
        let width = columns.len();
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
        Ok(())
    }

    pub(super) fn column_at(&self, position: usize) -> Named {
        let ScopeColumn { field, event_time, .. } = &self.scope.columns[position];
        Named {
            name: field.name.clone(),
            expr: Expr::column(position, field.data_type.clone(), field.nullable),
            event_time: *event_time,
        }
    }

    fn project(&mut self, columns: Vec<Named>) {
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

    /// Resolves a select list: stars become columns, a window becomes a step that expands rows.
    fn named_all(&mut self, expressions: &[Expression]) -> Result<Vec<Named>> {
        let mut columns = Vec::with_capacity(expressions.len());
        let mut windows = 0;
        for expression in expressions {
            match &desugar(expression)? {
                Expression::Star { target: None } => {
                    columns.extend((0..self.scope.columns.len() - windows).map(|position| self.column_at(position)));
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
                other => match self.window_call(other)? {
                    Some((key, event_time)) => {
                        windows += 1;
                        if windows > 1 {
                            return Err(Error::new(ErrorCode::LegacyErrorTemp1039));
                        }
                        let window_type = key.data_type();
                        let column = ScopeColumn {
                            field: Field::new("", window_type.clone(), false),
                            event_time,
                            qualifier: None,
                        };
                        self.push(Step::ExpandWindows(key));
                        self.scope.columns.push(column);
                        let expr = Expr::column(self.scope.columns.len() - 1, window_type, false);
                        columns.push(Named {
                            name: output_name(other),
                            expr,
                            event_time,
                        });
                    }
                    None => columns.push(self.named(other)?),
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
        Ok(Named {
            name,
            expr: self.expression(inner)?,
            event_time: EventTime::default(),
        })
    }

    /// The window that `expression` (or what it names) is, with the watermark of its time column.
    pub(super) fn window_call(&self, expression: &Expression) -> Result<Option<(EventTimeKey, EventTime)>> {
        let mut inner = expression;
        while let Expression::Alias { child, .. } = inner {
            inner = child;
        }
        let Expression::Call { name, arguments, .. } = inner else {
            return Ok(None);
        };
        if name != "window" {
            return Ok(None);
        }
        let Some((time, durations)) = arguments.split_first() else {
            return Err(Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
                .with("functionName", "`window`")
                .with("expectedNum", "[2, 4]")
                .with("actualNum", "0"));
        };
        let Named { expr, event_time, .. } = self.named(time)?;
        let texts = durations
            .iter()
            .map(|duration| match duration {
                Expression::Literal { value: serde_json::Value::String(text), .. } => Ok(text.as_str()),
                other => Err(Error::new(ErrorCode::ArgumentInvalid).with("function", "window").with(
                    "reason",
                    format!(
                        "its durations are text such as '5 minutes', not the column {}: the third argument is the slide duration; to group by a column too, name it in groupBy beside the window",
                        sql_text(other)
                    ),
                )),
            })
            .collect::<Result<Vec<_>>>()?;
        let key = EventTimeKey::window(expr, &sql_text(time), &texts, self.session)?;
        Ok(Some((
            key,
            EventTime {
                is_window: true,
                ..event_time
            },
        )))
    }

    /// Resolves an expression that makes one value a row.
    pub(super) fn expression(&self, expression: &Expression) -> Result<Expr> {
        match expression {
            Expression::Column { name } => Ok(self.scope.lookup(name)?.0),
            Expression::Star { .. } => Err(Error::new(ErrorCode::ArgumentInvalid).with("function", "*").with(
                "reason",
                "a star stands for several columns and can't be a part of an expression",
            )),
            Expression::Literal { value, data_type } => literal(value, &parse_data_type(data_type)?),
            Expression::Alias { child, .. } => self.expression(child),
            Expression::Cast {
                child,
                data_type,
                attempt,
            } => cast(
                self.expression(child)?,
                &parse_data_type(data_type)?,
                self.session,
                *attempt,
            ),
            Expression::CaseWhen { branches, otherwise } => {
                let branches = branches
                    .iter()
                    .map(|Branch { when, then }| {
                        let condition = cast(self.expression(when)?, &DataType::Boolean, self.session, false)?;
                        Ok((condition, self.expression(then)?))
                    })
                    .collect::<Result<Vec<_>>>()?;
                let otherwise = otherwise
                    .as_deref()
                    .map(|expression| self.expression(expression))
                    .transpose()?;
                case_when(branches, otherwise, self.session, &sql_text(expression))
            }
            Expression::Lambda { .. } => Err(Error::new(ErrorCode::UnexpectedOperatorLambda)
                .with("sqlExpr", format!("\"{}\"", sql_text(expression)))),
            Expression::SortOrder { child, .. } => self.expression(child),
            Expression::Sql { text } => self.expression(&super::parse_expression(text)?),
            Expression::Call {
                name,
                arguments,
                options,
                ..
            } => {
                let mut resolved = Vec::with_capacity(arguments.len());
                let mut lambdas = Vec::new();
                for argument in arguments {
                    match argument {
                        Expression::Lambda { parameters, body } => lambdas.push(self.lambda(parameters, body)),
                        Expression::Star { target: None } => {
                            resolved
                                .extend((0..self.scope.columns.len()).map(|position| self.column_at(position).expr));
                        }
                        other => resolved.push(self.expression(other)?),
                    }
                }
                bind_call(Call {
                    name,
                    arguments: resolved,
                    options: options.as_ref().unwrap_or(&Default::default()),
                    sql: sql_text(expression),
                    argument_sql: arguments.iter().map(sql_text).collect(),
                    argument_names: arguments
                        .iter()
                        .enumerate()
                        .map(|(index, argument)| field_name(index, argument))
                        .collect(),
                    lambdas,
                    session: self.session,
                })
            }
        }
    }

    /// A lambda of this scope: its parameters hide columns of the same names.
    fn lambda<'b>(&'b self, parameters: &'b [String], body: &'b Expression) -> LambdaArgument<'b> {
        let outer_columns = self.scope.columns.len();
        let resolve = move |types: &[(DataType, bool)]| {
            let mut scope = self.scope.clone();
            for column in &mut scope.columns {
                if parameters
                    .iter()
                    .any(|parameter| self.scope.same_name(parameter, &column.field.name))
                {
                    column.field.name.clear();
                }
            }
            for (parameter, (data_type, nullable)) in parameters.iter().zip(types) {
                scope.columns.push(ScopeColumn {
                    field: Field::new(parameter, data_type.clone(), *nullable),
                    event_time: EventTime::default(),
                    qualifier: None,
                });
            }
            Resolver {
                session: self.session,
                scope,
                plan: ResolvedPlan::default(),
                flows: Vec::new(),
            }
            .expression(body)
        };
        LambdaArgument {
            parameters,
            resolve: Box::new(resolve),
            outer_columns,
        }
    }
}

/// A reader's schema is DDL or Spark's JSON.
fn parse_schema_text(text: &str) -> Result<StructType> {
    if text.trim_start().starts_with('{') {
        crate::column::schema_from_json(text)
    } else {
        parse_schema(text)
    }
}
