//! Event time in a plan: watermarks, and the calls of `window`.

use super::naming::sql_text;
use super::resolve::{Named, Resolver};
use super::scope::{EventTime, WindowKind};
use super::{Expression, Step, WatermarkSpec};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::parse_interval;
use crate::window::EventTimeKey;

impl Resolver<'_> {
    /// Marks a column as event time. Fails with Spark's analysis errors.
    pub(super) fn with_watermark(&mut self, event_time: &str, delay: &str) -> Result<()> {
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
        // Spark lets such a query start, and fails its first batch.
        self.plan.redefines_watermark |= self
            .scope
            .columns
            .iter()
            .any(|column| column.event_time.watermark.is_some());
        let node = self.plan.watermarks.len();
        let source = self.plan.sources.last().map_or(0, |source| source.number);
        self.plan.watermarks.push(WatermarkSpec { node, delay_ms, source });
        // Spark takes the mark from every other column.
        for column in &mut self.scope.columns {
            column.event_time.watermark = None;
        }
        self.scope.columns[position].event_time.watermark = Some(node);
        self.push(Step::Watermark { node, column: position });
        Ok(())
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
                Expression::Literal {
                    value: serde_json::Value::String(text),
                    data_type,
                } => match data_type.as_str() {
                    "string" => Ok(text.clone()),
                    // A whole number counts microseconds.
                    "int" | "bigint" => Ok(format!("{text} microseconds")),
                    _ => Err(Error::new(ErrorCode::LegacyErrorTemp1207)),
                },
                other => Err(Error::new(ErrorCode::ArgumentInvalid).with("function", "window").with(
                    "reason",
                    format!(
                        "its durations are text such as '5 minutes', not the column {}: the third argument is the slide duration; to group by a column too, name it in groupBy beside the window",
                        sql_text(other)
                    ),
                )),
            })
            .collect::<Result<Vec<_>>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let key = EventTimeKey::window(expr, &sql_text(time), &texts, self.session)?;
        Ok(Some((
            key.clone(),
            EventTime {
                window: Some(WindowKind::Time),
                window_size_micros: key.size_micros(),
                ..event_time
            },
        )))
    }
}
