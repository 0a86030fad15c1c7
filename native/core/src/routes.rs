//! The flows of a plan with where they end, and which of their sources' columns they take.

use std::collections::BTreeMap;

use crate::plan::{Flow, Operator, Origin, ResolvedPlan, Step, prune};

/// For each reader, by its number, whether anything is computed from a column, by position.
pub type WantedColumns = BTreeMap<u32, Vec<bool>>;

/// A flow of the plan with where it ends.
pub struct Route {
    /// Its number: the order of routes into a stage is the order of their rows.
    pub number: usize,
    /// Where its rows come from.
    pub origin: Origin,
    /// What happens to them on the way.
    pub steps: Vec<Step>,
    /// The stage where it ends; the number of stages stands for the sink.
    pub stage: usize,
    /// The side of the stage: a join has two.
    pub side: usize,
    /// The number of a route that brings the same groups to another stage.
    pub same_as: Option<usize>,
}

impl Route {
    /// Whether what comes out of its steps are the rows that went in, with other columns.
    pub fn keeps_rows(&self) -> bool {
        let keeps = |step: &Step| matches!(step, Step::Project(_) | Step::Watermark { .. });
        self.steps.iter().all(keeps)
    }

    /// The watermarks on its way.
    pub fn watermarks(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().filter_map(|step| match step {
            Step::Watermark { node, .. } => Some(*node),
            _ => None,
        })
    }
}

/// The routes of a plan: those into its stages first, those to the sink behind them. Their steps compute only what is looked at.
pub fn routes_of(plan: &ResolvedPlan) -> (Vec<Route>, WantedColumns) {
    let into_stages = plan.stages.iter().enumerate().flat_map(|(number, stage)| {
        let sides = stage.inputs.iter().enumerate();
        sides.flat_map(move |(side, input)| input.flows.iter().map(move |flow| (number, side, flow)))
    });
    let into_sink = plan.output.iter().map(|flow| (plan.stages.len(), 0, flow));
    let mut wanted: WantedColumns = (plan.sources.iter())
        .map(|source| (source.number, vec![false; source.schema.fields.len()]))
        .collect();
    let routes = into_stages.chain(into_sink).enumerate();
    let routes = routes.map(|(number, (stage, side, flow))| Route {
        number,
        origin: flow.origin,
        steps: pruned(flow, plan, stage, &mut wanted),
        stage,
        side,
        same_as: None,
    });
    let mut routes: Vec<Route> = routes.collect();
    for (number, stage) in plan.stages.iter().enumerate() {
        let Some(first) = stage.same_as.filter(|&first| have_all_groups(plan, [first, number])) else {
            continue;
        };
        let first_of = |stage: usize| routes.partition_point(|route| route.stage < stage);
        let (own, theirs) = (first_of(number), first_of(first));
        for (nth, route) in routes[own..]
            .iter_mut()
            .take_while(|route| route.stage == number)
            .enumerate()
        {
            route.same_as = Some(theirs + nth);
        }
    }
    (routes, wanted)
}

/// Whether these stages are groupings that no condition on groups is on: what it leaves out is not brought to them.
fn have_all_groups(plan: &ResolvedPlan, stages: [usize; 2]) -> bool {
    let has_all = |operator: &Operator| matches!(operator, Operator::Aggregate(spec) if spec.group_filters.is_empty());
    stages.iter().all(|&stage| has_all(&plan.stages[stage].operator))
}

fn pruned(flow: &Flow, plan: &ResolvedPlan, stage: usize, wanted: &mut WantedColumns) -> Vec<Step> {
    let mut steps = flow.steps.clone();
    let operator = plan.stages.get(stage).map(|stage| &stage.operator);
    let source = match flow.origin {
        Origin::Source(number) => wanted.get_mut(&number),
        Origin::Stage(_) | Origin::OneRow => None,
    };
    let columns = source.map_or(&mut [][..], Vec::as_mut_slice);
    let needed = prune(&mut steps, operator, columns.len());
    for (column, needed) in columns.iter_mut().zip(needed) {
        *column |= needed;
    }
    steps
}
